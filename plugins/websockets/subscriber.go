package websockets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/registry"
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
		registry.LogNil(s, app.Caller(1), errNilDelivery)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.workers == 0 {
		return
	}
	s.delivering.Go(func() { s.attempt(func() error { return work(s.ctx) }) })
}

// BeforeEvents runs send while no hub delivers to the session, and returns what it
// does. So a function that joins in it, and then sends how things are, misses
// nothing, and sends nothing that is older than an event before it:
//
//	err := s.BeforeEvents(func() error {
//		if err := hub.Join(s, "prices"); err != nil {
//			return err
//		}
//		return s.SendText(prices.All())
//	})
//
// A hub waits for it as for a client that takes nothing: it must be quick, and must
// not call BeforeEvents itself. If the session is over, it returns the cause, and
// send does not run.
func (s *Session) BeforeEvents(send func() error) error {
	if !s.deliveries.lock(s.ctx) {
		return s.over(opSend)
	}
	defer s.deliveries.unlock()
	return send()
}

// Deliver sends events, in the form that the WebSocket has for them, and returns
// when they were handed to the network. A hub calls it.
func (s *Session) Deliver(events []sse.Event) error {
	if !s.deliveries.lock(s.ctx) {
		return s.over(opSend)
	}
	defer s.deliveries.unlock()
	buffer := s.shared.getBuffer()
	defer s.shared.putBuffer(buffer)
	for _, event := range events {
		if err := s.deliver(event, buffer); err != nil {
			return err
		}
	}
	return nil
}

// deliver sends one event. The buffer is for one that is sent as it is.
func (s *Session) deliver(event sse.Event, buffer *bytes.Buffer) error {
	if s.events.Event == nil {
		buffer.Reset()
		buffer.WriteString(event.Data)
		return s.Send(Message{Text, buffer.Bytes()})
	}
	message, err := s.events.Event(event)
	if err != nil {
		return fmt.Errorf("deliver event: %w", err)
	}
	return s.sendFormed(message)
}

// Mark tells the client where it begins, if the form of events has a message for
// that. A hub calls it.
func (s *Session) Mark(id string) error {
	if s.events.Mark == nil {
		return nil
	}
	return s.BeforeEvents(func() error {
		message, err := s.events.Mark(id)
		if err != nil {
			return fmt.Errorf("deliver event: %w", err)
		}
		return s.sendFormed(message)
	})
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
