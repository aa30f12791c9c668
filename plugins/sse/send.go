package sse

import (
	"errors"
	"fmt"
	"iter"
	"time"
)

// Send sends one event and flushes it. An event that cannot be encoded is
// refused with [ErrInvalidEvent], with nothing written; any other error wraps
// the cause for which the session has ended.
//
// After an end from outside, which is a stop, MaxAge of [Config] and a deadline
// of the call, Send goes on to work for half of the ShutdownGrace of
// [app.Config], while the client is there and the function of the stream runs: a
// function that has learned of the end by [Session.Delay] or [Session.Context]
// can tell the client, and one that goes on sending is ended then.
func (s *Session) Send(event Event) error {
	return s.send(event)
}

// SendText sends an event of nothing but data.
func (s *Session) SendText(data string) error { return s.Send(Event{Data: data}) }

// Comment sends text that clients ignore, as an event of nothing but that. Some
// take it for an event without data; a heartbeat of a comment they ignore as
// well, see [HeartbeatConfig].
func (s *Session) Comment(text string) error {
	if text == "" {
		text = " " // else the event would not be a comment
	}
	return s.Send(Event{Comments: text})
}

// SendValue sends an event whose data is value in the form that the stream's
// serializer gives it. An [Event] or a [TypedEvent] is refused, because it
// would be sent as the data of another event.
func (s *Session) SendValue(value any) error {
	switch value.(type) {
	case Event, *Event, TypedEvent, *TypedEvent:
		return fmt.Errorf("send value: %T is an event of its own: use Send or SendTyped", value)
	}
	return s.sendValue(value, Event{})
}

// SendTyped sends an event whose data is a value, in the form that the stream's
// serializer gives it.
func (s *Session) SendTyped(event TypedEvent) error {
	plain := Event{Event: event.Event, ID: event.ID, Retry: event.Retry, Comments: event.Comments}
	if event.Data == nil {
		return s.Send(plain)
	}
	return s.sendValue(event.Data, plain)
}

func (s *Session) sendValue(value any, event Event) error {
	if s.serializer == nil {
		return errors.New("send value: the stream has no serializer: pass sse.Serialize(sse.JSON), or configure one for the plugin")
	}
	data, err := s.serializer(value)
	if err != nil {
		return fmt.Errorf("send value: serialize %T: %w", value, err)
	}
	event.Data = string(data)
	return s.Send(event)
}

// SendAll sends the events of a sequence until it ends, and returns nil then.
// An error of the sequence, and one of sending, end the loop and are returned,
// and a sequence that is nil is an error. A sequence that waits for something
// should end with the session's context.
func (s *Session) SendAll(events iter.Seq2[Event, error]) error {
	if events == nil {
		return errors.New("send all events: the sequence is nil")
	}
	for event, err := range events {
		if err != nil {
			return fmt.Errorf("send all events: %w", err)
		}
		if err := s.Send(event); err != nil {
			return err
		}
		if err := s.over("send all events"); err != nil {
			return err
		}
	}
	return nil
}

// SendFrom sends the events of a channel until it is closed, and returns nil
// then. It ends with the session and with the first error of sending. A channel
// that is nil is waited for until the session ends.
//
// Ktor: collecting a Flow.
func (s *Session) SendFrom(events <-chan Event) error {
	s.beginToWait()
	for {
		select {
		case event, open := <-events:
			if !open {
				return nil
			}
			if err := s.Send(event); err != nil {
				return err
			}
		case <-s.ctx.Done():
			return s.over("send events")
		}
	}
}

// Delay waits for d, or until the session ends: then it returns at once, with an
// error that wraps the cause.
func (s *Session) Delay(d time.Duration) error {
	s.beginToWait()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	}
	return s.over("delay")
}
