package mcphttp

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/sse"
)

// patience is for how long the log may keep somebody waiting.
const patience = 10 * time.Second

// memoryBytes is how much the log of one process keeps. Its one reader is never far
// behind, whatever clients send.
const memoryBytes = 64 << 20

// A Store is an [mcp.EventStore] in a log that the nodes of an application share.
// It belongs to an application, is made by [NewStore], and its methods may be
// called from any goroutine, as long as the application runs and until its stop
// hooks have.
//
// Each node has what the log keeps in its memory too, within the limits of
// [StoreConfig], and follows the log: one reader for all sessions.
//
// A stream is appended to by one node at a time, except the one without an ID. The
// indexes of that one are only those of the SDK if one node appends to it.
type Store struct {
	application *app.Application
	config      StoreConfig
	replica     *replica
	heard       func(record) // what a Handler has to know; nil without one
}

var _ mcp.EventStore = (*Store)(nil)

// NewStore returns a store of an application. It is called in a module. Mistakes
// in the configuration are those of the line that calls NewStore, and Start
// returns them. It does not close the broker: add the hook that does before.
func NewStore(a *app.Application, configure ...func(*StoreConfig)) *Store {
	site := app.Caller(1)
	config := defaultStoreConfig()
	wrong := mistakes.Configure(&config, configure)
	if err := errors.Join(wrong, config.check()); err != nil {
		a.FailAt(site, fmt.Errorf("make a store of MCP events: %w", err))
	}
	if config.Broker == nil {
		memory := sse.NewMemoryBroker(10_000)
		memory.LimitBytes(memoryBytes)
		config.Broker = memory
	}
	s := &Store{application: a, config: config}
	s.replica = newReplica(&s.config)
	a.OnStart(func(context.Context) error {
		a.Go(s.follow)
		a.Go(s.sweep)
		return nil
	})
	return s
}

// Open implements [mcp.EventStore]. The other nodes hear of a stream when
// something is appended to it.
func (s *Store) Open(_ context.Context, sessionID, streamID string) error {
	if _, err := (record{session: sessionID, stream: streamID}).encode(); err != nil {
		return fmt.Errorf("open a stream of MCP events: %w", err)
	}
	s.replica.open(sessionID, streamID, time.Now())
	return nil
}

// Append implements [mcp.EventStore]. When it returns, the message is as safe as
// the broker makes it. It does not end early with its context, because the
// request of a client that has gone goes on. After an error the place of the
// message stays empty, and whoever asks for it is told so.
func (s *Store) Append(ctx context.Context, sessionID, streamID string, data []byte) error {
	r := record{kind: kindMessage, session: sessionID, stream: streamID, data: data}
	if streamID != "" && readMessage(data).isAnswer() {
		r.kind = kindAnswer
	}
	r.index = s.replica.next(sessionID, streamID, time.Now(), r.kind == kindAnswer)
	if err := s.publish(ctx, r); err != nil {
		return fmt.Errorf("append to a stream of MCP events: %w", err)
	}
	return nil
}

// After implements [mcp.EventStore]. It yields what the log has when it is
// called, on whichever node it was appended.
func (s *Store) After(ctx context.Context, sessionID, streamID string, index int) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		err := s.sync(ctx)
		var found [][]byte
		if err == nil {
			found, err = s.replica.after(sessionID, streamID, index)
		}
		if err != nil {
			yield(nil, fmt.Errorf("read a stream of MCP events: %w", err))
			return
		}
		for _, data := range found {
			if !yield(data, nil) {
				return
			}
		}
	}
}

// SessionClosed implements [mcp.EventStore]: all nodes forget the session.
func (s *Store) SessionClosed(ctx context.Context, sessionID string) error {
	if err := s.publish(ctx, record{kind: kindClosed, session: sessionID}); err != nil {
		return fmt.Errorf("close a session of MCP events: %w", err)
	}
	return nil
}

// publish puts a record into the log, whether or not its client has gone.
func (s *Store) publish(ctx context.Context, r record) error {
	encoded, err := r.encode()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_, err = s.config.Broker.Publish(ctx, s.config.Topic, encoded)
	return err
}

// sync waits until this node knows all that was in the log when it was called.
func (s *Store) sync(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	last, err := s.config.Broker.Last(ctx)
	if err != nil {
		return err
	}
	return s.replica.reach(ctx, last)
}
