package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

// Logs are what the processes of a chat share: a log for each of the two hubs.
type Logs struct{ Messages, Signals sse.Broker }

// inMemory returns logs that one process has for itself.
func inMemory() Logs { return Logs{sse.NewMemoryBroker(10_000), sse.NewMemoryBroker(1_000)} }

// followed is a log whose events this process reads, too: before its hub does,
// so that nobody is told less than the hub goes on with. When the application
// starts it reads all that the log still has.
type followed struct {
	sse.Broker
	read func(topic string, event sse.Event)

	starting sync.Mutex // held while the beginning is read

	mu   sync.Mutex   // guards what follows
	seen sse.Position // that of the last message that was read
}

func follow(a *app.Application, log sse.Broker, read func(topic string, event sse.Event)) *followed {
	f := &followed{Broker: log, read: read}
	a.OnStart(f.start)
	return f
}

// Subscribe is called by the hub's reader, which is one. It begins where this
// process has read to, if that is before what the hub asks for.
func (f *followed) Subscribe(ctx context.Context, after sse.Position) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) {
		if err := f.start(ctx); err != nil {
			yield(sse.Message{}, err)
			return
		}
		from := after
		if seen := f.place(); seen.Epoch == after.Epoch && seen.Offset < after.Offset {
			from = seen
		}
		for message, err := range f.Broker.Subscribe(ctx, from) {
			switch {
			case err == nil:
				f.take(message)
			case errors.Is(err, sse.ErrGap):
				f.move(after) // what was between is lost
			}
			if !yield(message, err) { // the hub leaves out what is not after its place
				return
			}
		}
	}
}

// start reads what the log has when the application starts, once.
func (f *followed) start(ctx context.Context) error {
	f.starting.Lock()
	defer f.starting.Unlock()
	if f.place() != (sse.Position{}) {
		return nil
	}
	last, err := f.Last(ctx)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	first, err := f.beginning(ctx, last)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	f.move(first)
	if f.place().Offset < last.Offset {
		for message, err := range f.Broker.Subscribe(ctx, f.place()) {
			if err != nil {
				return fmt.Errorf("read the log: %w", err)
			}
			if f.take(message); message.Offset >= last.Offset {
				break
			}
		}
	}
	return nil
}

// beginning returns the place from which on nothing is missing in the log. A
// broker does not say where that is, only whether a place is before it.
func (f *followed) beginning(ctx context.Context, last sse.Position) (sse.Position, error) {
	lost, there := uint64(0), last.Offset
	for lost < there {
		middle := sse.Position{Epoch: last.Epoch, Offset: lost + (there-lost)/2}
		var failed error
		for _, failed = range f.Broker.Subscribe(ctx, middle) {
			break
		}
		switch {
		case failed == nil:
			there = middle.Offset
		case errors.Is(failed, sse.ErrGap):
			lost = middle.Offset + 1
		default:
			return sse.Position{}, failed
		}
	}
	return sse.Position{Epoch: last.Epoch, Offset: there}, nil
}

// take reads a message, unless that was done.
func (f *followed) take(message sse.Message) {
	if seen := f.place(); message.Epoch == seen.Epoch && message.Offset <= seen.Offset {
		return
	}
	for event, err := range sse.NewReader(bytes.NewReader(message.Data)).All() {
		if err != nil {
			break // it is not one of ours
		}
		f.read(message.Topic, event)
	}
	f.move(message.Position)
}

func (f *followed) place() sse.Position {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen
}

func (f *followed) move(to sse.Position) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = to
}
