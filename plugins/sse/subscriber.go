package sse

import (
	"context"
	"time"
)

// A Subscriber is who joins a [Hub]: a [Session], the session of a WebSocket, or
// whatever else carries events to a client, in a form of its own. A hub knows it
// by the value that is joined, which has to be a pointer, or another one that can
// be compared.
//
// A hub delivers to a Session on the goroutine that has served it. It gives
// anybody else work by GoDeliver, one for all hubs of the application: that calls
// Deliver and Mark, one at a time and in the order of the log, until the context
// ends, all topics are left or their hubs are closed. The other methods are called
// from any goroutine, none with a lock held.
type Subscriber interface {
	// Context ends with the subscriber. It returns the same context each time.
	// If it holds the values of a call's context, hubs of other applications
	// refuse the subscriber.
	Context() context.Context
	// LastEventID returns where the client left off, "" if it begins anew: what
	// Mark, or the ID of an event, has given it. It comes from outside.
	LastEventID() string
	// GoDeliver runs work of a hub on a goroutine of its own, for which the
	// subscriber waits at its end. Once the context has ended it need not run
	// it. An error, or a panic, of work is a mistake of the application, or what
	// Deliver has returned, and ends the subscriber.
	GoDeliver(work func(ctx context.Context) error)
	// Deliver sends events to the client, and returns when they have left. They
	// are as clients of event streams read them: with LF between lines, without
	// Comments, and not those that are nothing but Comments or Retry. Strings
	// are shared with other subscribers, and the slice is the hub's when Deliver
	// has returned. An event that cannot be sent ends the subscriber: then
	// Deliver returns an error, and is not called again. What it waits for has
	// to end with the context.
	Deliver(events []Event) error
	// Mark tells a client that begins anew where it does, before its first event,
	// without an event: so one that loses its connection before that misses
	// nothing, if it comes back with the ID. A subscriber whose clients do not
	// come back has nothing to do.
	Mark(id string) error
	// TakenAt returns when the client is known to have taken a part of what
	// Deliver sends, such as of a large event, or the zero time: a hub sees for
	// itself when Deliver returns. See StallLimit of [HubConfig].
	TakenAt() time.Time
	// End ends the subscriber for a cause, which is or wraps [ErrLagged]: its
	// context ends at once, a Deliver that waits for the client returns, and the
	// client learns that it has to come back. Publishers wait for End, so it
	// waits for nobody.
	End(cause error)
}

var _ Subscriber = (*Session)(nil)

// Deliver sends events in one write, and returns when they have left. It is Send
// for what is there at once, and for a [Subscriber] that wraps a session. Nothing
// is sent if one of the events is refused with [ErrInvalidEvent].
func (s *Session) Deliver(events []Event) error {
	s.sending.Lock()
	defer s.sendDueAndUnlock()
	if err := s.puttable("send events"); err != nil {
		return err
	}
	buffer := s.shared.batches.get()
	defer s.shared.batches.put(buffer)
	for _, event := range events {
		text, err := s.shared.config.appendEvent(buffer.text, event)
		if err != nil {
			return err
		}
		buffer.text = text
	}
	return s.push(buffer.text, len(events))
}

// Mark sends an ID with nothing else. It reaches no listener, and a client that
// comes back sends it as its last event ID. It is refused as the ID of an event
// is.
func (s *Session) Mark(id string) error {
	if _, err := s.shared.config.appendEvent(nil, Event{ID: id}); err != nil {
		return err
	}
	s.sending.Lock()
	defer s.sendDueAndUnlock()
	return s.markLocked(id)
}

// GoDeliver is Go, for a [Subscriber] that wraps a session: the stream stays open
// while hubs deliver.
func (s *Session) GoDeliver(work func(ctx context.Context) error) { s.Go(work) }

// TakenAt returns when the client was last known to take something: when an event
// has left, or a piece of a large one.
func (s *Session) TakenAt() time.Time { return s.moved() }

// tellStart tells the client where it begins.
func (s *Session) tellStart(id string) error {
	s.lockToDeliver()
	defer s.sendDueAndUnlock()
	return s.markLocked(id)
}

// markLocked sends an ID with nothing else. The caller holds sending.
func (s *Session) markLocked(id string) error {
	if err := s.puttable("send event"); err != nil {
		return err
	}
	return s.pushID(id)
}

// pushID writes an ID with nothing else. The caller holds sending.
func (s *Session) pushID(id string) error { return s.push([]byte("id: "+id+"\r\n\r\n"), 0) }

func (s *Session) isOver() bool { return s.ctx.Err() != nil }

func (s *Session) resumesFrom() string { return s.lastEventID }

// lag ends the session since nobody waits for its client any longer.
func (s *Session) lag() {
	s.cancel(ErrLagged)
	s.cut()
}
