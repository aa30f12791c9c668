package brokertest_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/brokertest"
)

// memory is a log in memory that does what every broker has to, except for its
// faults.
type memory struct {
	faulty map[string]bool

	mu       sync.Mutex
	epoch    int
	trimmed  uint64 // the offset of the newest message that is gone
	messages []sse.Message
	changed  chan struct{} // closed and replaced when anything changes
	restarts int
	broken   int // how many calls of Publish fail after they have appended
}

func newMemory(faults ...string) *memory {
	m := &memory{faulty: map[string]bool{}, changed: make(chan struct{})}
	for _, fault := range faults {
		m.faulty[fault] = true
	}
	return m
}

// log returns what the kit tests.
func (m *memory) log() brokertest.Log {
	return brokertest.Log{
		Open: func(testing.TB) sse.Broker {
			if m.faulty["nodes share nothing"] {
				return &node{memory: newMemory()}
			}
			return &node{memory: m}
		},
		Trim:    func(_ testing.TB, keep int) { m.trim(keep) },
		Forget:  func(testing.TB) { m.forget() },
		Restart: func(testing.TB) { m.restart() },
		Lose:    func(_ testing.TB, during func()) { m.lose(during) },
	}
}

// change runs a function that changes the log, and wakes the readers.
func (m *memory) change(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *memory) trim(keep int) {
	m.change(func() {
		gone := len(m.messages) - keep
		if gone > 0 {
			m.trimmed = m.messages[gone-1].Offset
			m.messages = slices.Clone(m.messages[gone:])
		}
	})
}

func (m *memory) forget() {
	m.change(func() {
		if !m.faulty["the epoch stays"] {
			m.epoch++
		}
		m.trimmed, m.messages = 0, nil
	})
}

func (m *memory) restart() {
	m.change(func() {
		m.restarts++
		m.broken = 1
		if m.faulty["a restart forgets"] && len(m.messages) > 0 {
			m.messages = m.messages[:len(m.messages)-1]
		}
		if m.faulty["a restart begins anew"] {
			m.epoch++
			m.trimmed, m.messages = 0, nil
		}
	})
}

func (m *memory) lose(during func()) {
	m.mu.Lock()
	messages := slices.Clone(m.messages)
	m.mu.Unlock()
	during()
	m.change(func() {
		m.messages = messages
		if !m.faulty["offsets are used again"] {
			m.epoch++
			m.trimmed, m.messages = 0, nil
		}
	})
}

// newest is the position of the newest message. The lock is held.
func (m *memory) newest() sse.Position {
	position := sse.Position{Epoch: "e" + strconv.Itoa(m.epoch), Offset: m.trimmed}
	if m.faulty["an epoch of several parts"] {
		position.Epoch = "e-" + strconv.Itoa(m.epoch)
	}
	if len(m.messages) > 0 {
		position.Offset = m.messages[len(m.messages)-1].Offset
	}
	return position
}

// read returns the messages after a position, what is closed when there are
// more, and the number of restarts.
func (m *memory) read(after sse.Position) ([]sse.Message, <-chan struct{}, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	newest := m.newest()
	isOther := after.Epoch != newest.Epoch && !m.faulty["an epoch is not compared"]
	isTrimmed := after.Offset < m.trimmed && !m.faulty["a trimmed log is no gap"]
	isBeyond := after.Offset > newest.Offset && !m.faulty["beyond the end is no gap"]
	if isOther || isTrimmed || isBeyond {
		return nil, nil, 0, sse.ErrGap
	}
	first := slices.IndexFunc(m.messages, func(message sse.Message) bool { return message.Offset > after.Offset })
	if first < 0 {
		return nil, m.changed, m.restarts, nil
	}
	return m.messages[first:], m.changed, m.restarts, nil
}

var errRestarted = errors.New("the server has restarted")

// node is a broker on a memory.
type node struct{ *memory }

func (n *node) Last(ctx context.Context) (sse.Position, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	last := n.newest()
	if n.faulty["Last forgets what was trimmed"] && len(n.messages) == 0 {
		last.Offset = 0
	}
	return last, ctx.Err()
}

func (n *node) Publish(ctx context.Context, topic string, data []byte) (sse.Position, error) {
	if err := ctx.Err(); err != nil && !n.faulty["Publish ignores its context"] {
		return sse.Position{}, err
	}
	if n.faulty["topics are folded"] {
		topic = strings.ToLower(topic)
	}
	if n.faulty["data is cut"] {
		data = data[:min(len(data), 64<<10)]
	}
	var position sse.Position
	var err error
	n.change(func() {
		position = n.newest()
		position.Offset += 2 // offsets may skip numbers
		n.messages = append(n.messages, sse.Message{Position: position, Topic: topic, Data: slices.Clone(data)})
		if n.broken > 0 {
			n.broken--
			err = errRestarted
		}
	})
	return position, err
}

func (n *node) Subscribe(ctx context.Context, after sse.Position) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		messages, changed, restarts, err := n.read(after)
		for {
			if err == nil && ctx.Err() != nil && !n.faulty["Subscribe ignores its context"] {
				err = ctx.Err()
			}
			if err != nil {
				if !n.faulty["Subscribe ends without an error"] {
					yield(sse.Message{}, err)
				}
				return
			}
			for _, message := range n.disturb(messages[:min(len(messages), 100)]) {
				if !yield(message, nil) {
					return
				}
				after = message.Position
			}
			if len(messages) == 0 {
				n.wait(ctx, changed)
			}
			before := restarts
			messages, changed, restarts, err = n.read(after)
			if err == nil && restarts != before {
				err = errRestarted
			}
			if errors.Is(err, sse.ErrGap) && n.faulty["a slow reader skips"] {
				n.mu.Lock()
				messages, err = n.messages, nil
				n.mu.Unlock()
			}
		}
	}
}

func (n *node) wait(ctx context.Context, changed <-chan struct{}) {
	done := ctx.Done()
	if n.faulty["Subscribe ignores its context"] {
		done = nil
	}
	select {
	case <-changed:
	case <-done:
	}
}

// disturb returns messages as a faulty Subscribe yields them.
func (n *node) disturb(messages []sse.Message) []sse.Message {
	messages = slices.Clone(messages)
	switch last := len(messages) - 1; {
	case last > 0 && n.faulty["messages come twice"]:
		return append(messages, messages[last])
	case last > 0 && n.faulty["messages change places"]:
		messages[last-1], messages[last] = messages[last], messages[last-1]
	case last > 0 && n.faulty["messages get lost"]:
		return append(messages[:last-1], messages[last])
	}
	return messages
}

func (n *node) Range(ctx context.Context, after sse.Position, limit int, topics []string) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		messages, _, _, err := n.read(after)
		if ctx.Err() != nil {
			messages, err = nil, ctx.Err()
		}
		for _, message := range messages {
			if limit == 0 {
				return
			}
			if n.faulty["limits count every topic"] {
				limit--
			}
			if !n.faulty["topics are ignored"] && !slices.Contains(topics, message.Topic) {
				continue
			}
			if !n.faulty["limits count every topic"] {
				limit--
			}
			if !yield(message, nil) && !n.faulty["Range goes on"] {
				return
			}
		}
		if err != nil {
			yield(sse.Message{}, err)
		}
	}
}
