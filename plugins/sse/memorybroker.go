package sse

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
)

// A MemoryBroker is a [Broker] in the memory of one process: for tests with more
// than one node, and for hubs of one process that share a log. It keeps the newest
// messages. Make one with [NewMemoryBroker]; it needs no closing.
type MemoryBroker struct {
	limit int

	mu    sync.Mutex // guards what follows
	most  int        // how many bytes are kept; 0 for any
	bytes int        // of data in kept
	epoch string
	kept  []Message // in the order of the log
	last  uint64
	grown chan struct{} // closed with the next message
}

var _ Broker = (*MemoryBroker)(nil)

// NewMemoryBroker returns a broker that keeps up to limit messages, and all of
// them if limit is 0 or less.
func NewMemoryBroker(limit int) *MemoryBroker {
	return &MemoryBroker{limit: limit, epoch: newEpoch(), grown: make(chan struct{})}
}

// LimitBytes limits how many bytes of data are kept, beside their number, from the
// next message on. The newest message is always kept. 0 or less sets no limit, as
// there is none by default: give one to what is as long as somebody outside wants it.
func (b *MemoryBroker) LimitBytes(most int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.most = most
}

// Last implements [Broker].
func (b *MemoryBroker) Last(ctx context.Context) (Position, error) {
	if ctx.Err() != nil {
		return Position{}, fmt.Errorf("end of the log in memory: %w", context.Cause(ctx))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return Position{b.epoch, b.last}, nil
}

// Publish implements [Broker].
func (b *MemoryBroker) Publish(ctx context.Context, topic string, data []byte) (Position, error) {
	switch {
	case topic == "":
		return Position{}, errors.New("publish to memory: the topic is empty")
	case ctx.Err() != nil:
		return Position{}, fmt.Errorf("publish to memory: %w", context.Cause(ctx))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last++
	message := Message{Position{b.epoch, b.last}, topic, slices.Clone(data)}
	b.kept = append(b.kept, message)
	b.bytes += len(data)
	for b.limit > 0 && len(b.kept) > b.limit || b.most > 0 && b.bytes > b.most && len(b.kept) > 1 {
		b.bytes -= len(b.kept[0].Data)
		b.kept[0] = Message{} // else its data stays until the slice grows
		b.kept = b.kept[1:]
	}
	b.wakeUp()
	return message.Position, nil
}

// Reset begins a new log, as a broker does that has lost everything.
func (b *MemoryBroker) Reset() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.epoch, b.kept, b.bytes, b.last = newEpoch(), nil, 0, 0
	b.wakeUp()
}

func (b *MemoryBroker) wakeUp() {
	close(b.grown)
	b.grown = make(chan struct{})
}

// Subscribe implements [Broker].
func (b *MemoryBroker) Subscribe(ctx context.Context, after Position) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for {
			messages, grown, err := b.after(after)
			if err == nil && len(messages) == 0 {
				select {
				case <-grown:
					continue
				case <-ctx.Done():
					err = context.Cause(ctx)
				}
			}
			for _, message := range messages {
				if ctx.Err() != nil {
					err = context.Cause(ctx)
					break
				}
				if after = message.Position; !yield(message, nil) {
					return
				}
			}
			if err != nil {
				yield(Message{}, fmt.Errorf("subscribe to memory: %w", err))
				return
			}
		}
	}
}

// Range implements [Broker].
func (b *MemoryBroker) Range(ctx context.Context, after Position, limit int, topics []string) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		messages, _, err := b.after(after)
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			yield(Message{}, fmt.Errorf("range over memory: %w", err))
			return
		}
		for _, message := range messages {
			if limit <= 0 {
				return
			}
			if slices.Contains(topics, message.Topic) {
				limit--
				if !yield(message, nil) {
					return
				}
			}
		}
	}
}

// after returns the messages behind a position, and what says that there is a
// newer one.
func (b *MemoryBroker) after(position Position) ([]Message, <-chan struct{}, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	oldest := b.last - uint64(len(b.kept)) // the place before it
	if position.Epoch != b.epoch || position.Offset < oldest || position.Offset > b.last {
		return nil, nil, ErrGap
	}
	return slices.Clone(b.kept[position.Offset-oldest:]), b.grown, nil
}
