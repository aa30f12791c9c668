package websockets

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

var _ sse.Subscriber = (*Session)(nil)

var errNilDelivery = errors.New("go deliver: the work is nil")

// lastEventIDLimit is how many bytes a last event ID may have, as by default of an
// event stream.
const lastEventIDLimit = 256

// lastEventID returns where the client left off, as far as it says so. A browser
// cannot set a header of a handshake.
func lastEventID(c *app.Call) (string, error) {
	name, id := "Last-Event-ID", c.Request.Header.Get("Last-Event-ID")
	if id == "" {
		name, id = "lastEventId", c.QueryParam("lastEventId")
	}
	if len(id) > lastEventIDLimit {
		return "", app.NewError(http.StatusBadRequest, fmt.Sprintf("%s is longer than %d bytes", name, lastEventIDLimit))
	}
	return id, nil
}

// LastEventID returns where the client says that it left off: the query parameter
// lastEventId of the handshake, or the header Last-Event-ID of a client that is no
// browser. It is "" for one that begins anew. It comes from outside: treat it as
// hostile. A handshake with more than 256 bytes of it is refused with 400.
//
// A hub delivers what has come since, if the client got the IDs of events: see
// [JSONEvents].
func (s *Session) LastEventID() string { return s.lastEventID }

// GoDeliver runs work of a hub, which calls it: see [sse.Subscriber]. It does not
// keep the WebSocket open: work ends with the session.
func (s *Session) GoDeliver(work func(ctx context.Context) error) {
	if work == nil {
		s.logNil(app.Caller(1), errNilDelivery)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.workers == 0 {
		return
	}
	s.delivering.Go(func() { s.attempt(func() error { return work(s.ctx) }) })
}

// Deliver sends events, in the form that the WebSocket has for them, and returns
// when they were handed to the network. A hub calls it.
func (s *Session) Deliver(events []sse.Event) error {
	for _, event := range events {
		message, err := s.events.Event(event)
		if err != nil {
			return fmt.Errorf("deliver event: %w", err)
		}
		if err := s.sendFormed(message); err != nil {
			return err
		}
	}
	return nil
}

// Mark tells the client where it begins, if the form of events has a message for
// that. A hub calls it.
func (s *Session) Mark(id string) error {
	if s.events.Mark == nil {
		return nil
	}
	message, err := s.events.Mark(id)
	if err != nil {
		return fmt.Errorf("deliver event: %w", err)
	}
	return s.sendFormed(message)
}

// sendFormed sends what is not left out.
func (s *Session) sendFormed(message Message) error {
	if message.Kind == 0 {
		return nil
	}
	return s.Send(message)
}

// TakenAt returns when the client was last known to take something: a message, or
// a piece of a large one.
func (s *Session) TakenAt() time.Time { return s.conn.takenAt() }
