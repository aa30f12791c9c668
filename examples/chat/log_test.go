package main

import (
	"context"
	"iter"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
)

// shared is a log in memory, which several applications share.
type shared struct {
	mu       sync.Mutex
	messages []sse.Message
	lost     int // how many of them are not in the log any more
	changed  chan struct{}
}

func newShared() *shared { return &shared{changed: make(chan struct{})} }

func (l *shared) position(count int) sse.Position {
	return sse.Position{Epoch: "shared", Offset: uint64(2 * count)}
}

func (l *shared) Last(context.Context) (sse.Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.position(len(l.messages)), nil
}

func (l *shared) Publish(_ context.Context, topic string, data []byte) (sse.Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.position(len(l.messages) + 1)
	l.messages = append(l.messages, sse.Message{Position: at, Topic: topic, Data: data})
	close(l.changed)
	l.changed = make(chan struct{})
	return at, nil
}

// after returns what follows a position.
func (l *shared) after(after sse.Position) ([]sse.Message, <-chan struct{}, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if after.Epoch != "shared" || after.Offset < l.position(l.lost).Offset {
		return nil, nil, sse.ErrGap
	}
	return slices.Clone(l.messages[after.Offset/2:]), l.changed, nil
}

func (l *shared) Subscribe(ctx context.Context, after sse.Position) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		for {
			messages, changed, err := l.after(after)
			if err != nil {
				yield(sse.Message{}, err)
				return
			}
			for _, message := range messages {
				if !yield(message, nil) {
					return
				}
				after = message.Position
			}
			select {
			case <-changed:
			case <-ctx.Done():
				yield(sse.Message{}, ctx.Err())
				return
			}
		}
	}
}

func (l *shared) Range(
	_ context.Context, after sse.Position, limit int, topics []string,
) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		messages, _, err := l.after(after)
		if err != nil {
			yield(sse.Message{}, err)
			return
		}
		for _, message := range messages {
			if !slices.Contains(topics, message.Topic) {
				continue
			}
			if limit--; limit < 0 || !yield(message, nil) {
				return
			}
		}
	}
}

// lose drops the first messages of a log.
func (l *shared) lose(count int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = count
}

// startTwo starts two applications that share their rooms.
func inTwoProcesses(t *testing.T, test func(t *testing.T, logs Logs, one, two *apptest.Host)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		logs := Logs{Messages: newShared(), Signals: newShared()}
		test(t, logs, apptest.Start(t, Module(logs)), apptest.Start(t, Module(logs)))
	})
}

func TestTwoProcessesShareTheRooms(t *testing.T) {
	inTwoProcesses(t, func(t *testing.T, logs Logs, one, two *apptest.Host) {
		ada := visit(t, one, "lobby", "Ada")
		ada.hears("Ada joined")
		bo := visit(t, two, "lobby", "Bo")
		ada.hears("Bo joined")
		assert.Equal(t, []string{"Bo"}, bo.names(), "those of its own process come first")
		assert.Equal(t, []string{"Ada"}, bo.names())
		say(t, one, "lobby", "Ada", "good morning")
		say(t, two, "lobby", "Bo", "good evening")
		ada.hears("Ada message good morning", "Bo message good evening")
		bo.hears("Bo joined", "Ada message good morning")
		_, id := bo.entry()
		bo.leave()

		say(t, one, "lobby", "Ada", "still there?")
		synctest.Wait()
		bo = visit(t, one, "lobby", "Bo", back(id)) // in the other process
		bo.hears("Ada message still there?")
		assert.Equal(t, visit(t, one, "lobby", "Eve").history(), visit(t, two, "lobby", "Zoë").history())
	})
}

func TestWhoMovesToAnotherProcessHasNotLeft(t *testing.T) {
	inTwoProcesses(t, func(t *testing.T, logs Logs, one, two *apptest.Host) {
		ada := visit(t, one, "lobby", "Ada")
		bo := visit(t, two, "lobby", "Bo")
		ada.hears("Ada joined", "Bo joined")
		_, id := bo.entry()
		bo.leave()
		visit(t, one, "lobby", "Bo", back(id))
		time.Sleep(2 * gracePeriod)
		say(t, one, "lobby", "Ada", "hello again")
		ada.hears("Ada message hello again")
	})
}

// A process that is killed says nothing any more.
func TestThePeopleOfAProcessThatIsGoneAreForgotten(t *testing.T) {
	inTwoProcesses(t, func(t *testing.T, logs Logs, one, two *apptest.Host) {
		visit(t, two, "lobby", "Bo")
		synctest.Wait()
		ada := visit(t, one, "lobby", "Ada")
		assert.Equal(t, []string{"Ada"}, ada.names())
		assert.Equal(t, []string{"Bo"}, ada.names())
		two.Stop()
		time.Sleep(believed + beat + time.Second) // not at a beat
		eve := visit(t, one, "lobby", "Eve")
		assert.Equal(t, []string{"Ada", "Eve"}, eve.names())
		assert.Equal(t, []string{"Ada", "Eve"}, eve.names(), "the live one follows at once")
	})
}

func TestAProcessThatStartsReadsWhatTheLogHas(t *testing.T) {
	for name, test := range map[string]struct {
		lost int
		want []string
	}{
		"all":       {0, []string{"Ada message one", "Ada message two", "Ada message three"}},
		"the newer": {1, []string{"Ada message two", "Ada message three"}},
		"one":       {2, []string{"Ada message three"}},
		"nothing":   {3, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				messages := newShared()
				logs := Logs{Messages: messages, Signals: newShared()}
				one := apptest.Start(t, Module(logs))
				for _, text := range []string{"one", "two", "three"} {
					say(t, one, "lobby", "Ada", text)
				}
				one.Stop()
				messages.lose(test.lost)
				two := apptest.Start(t, Module(logs))
				assert.Equal(t, test.want, visit(t, two, "lobby", "Bo").history())
			})
		})
	}
}

// What comes between the start of the application and the place from which its
// hub reads, and what a broker repeats, is read once.
func TestFollowedLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newShared()
		publish := func(text string) sse.Position {
			data, err := event("", text).AppendText(nil)
			require.NoError(t, err)
			at, err := log.Publish(t.Context(), "lobby", data)
			require.NoError(t, err)
			return at
		}
		var read []string
		f := &followed{Broker: log, read: func(topic string, event sse.Event) { read = append(read, topic+" "+event.Data) }}
		publish("one")
		require.NoError(t, f.start(t.Context()))
		publish("two")
		after := publish("three")
		publish("four")
		for message, err := range f.Subscribe(t.Context(), after) {
			require.NoError(t, err)
			if message.Position == log.position(4) {
				break
			}
		}
		for range f.Subscribe(t.Context(), after) { // once more
			break
		}
		assert.Equal(t, []string{`lobby "one"`, `lobby "two"`, `lobby "three"`, `lobby "four"`}, read)

		publish("five")
		log.lose(5)
		after = publish("six")
		for _, err := range f.Subscribe(t.Context(), after) {
			require.ErrorIs(t, err, sse.ErrGap)
		}
		publish("seven")
		for message, err := range f.Subscribe(t.Context(), after) { // as the hub does
			require.NoError(t, err)
			assert.Equal(t, log.position(7), message.Position)
			break
		}
		assert.Equal(t, `lobby "seven"`, read[len(read)-1])
	})
}
