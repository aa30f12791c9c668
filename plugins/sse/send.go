package sse

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"time"
)

// Send sends one event. A stream sends up to eight events at once, and has
// eight again when it was silent for a millisecond; what follows them waits for
// a millisecond at most, and leaves together with what comes in that time, so that
// a flood costs little. It leaves earlier when 16 KiB wait, before [Session.Delay]
// waits, and when the function of the stream has returned.
//
// So nil means that the event is accepted. An event that cannot be encoded is
// refused with [ErrInvalidEvent], with nothing written. Any other error wraps
// the cause for which the session has ended. One that was accepted and cannot
// leave ends the session: the next Send says why, as do Delay and the log.
//
// After an end from outside, which is a stop, MaxAge and Until of [Config],
// [Session.End] and a deadline of the call, Send goes on to work for half of the
// ShutdownGrace of [app.Config], while the client is there and the function of
// the stream runs: a function that has learned of the end by [Session.Delay] or
// [Session.Context] can tell the client, and one that goes on sending is ended
// then. Such an event waits for nothing.
func (s *Session) Send(event Event) error {
	s.sending.Lock()
	defer s.sendDueAndUnlock()
	return s.sendLocked(event)
}

// sendLocked sends an event. The caller holds sending.
func (s *Session) sendLocked(event Event) error {
	if err := s.muted(); err != nil {
		return err
	}
	if err := s.add(event); err != nil {
		return err
	}
	return s.dispatch()
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

// SendAll sends the events of a sequence until it ends, as Send does one by one,
// and returns nil then. What the sequence has given never waits for what it has
// not. An error of the sequence, and one of sending, end the loop and are returned,
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
// then. What lies in the channel leaves in one write, of about 16 KiB at most, and
// counts as one event does for Send. SendFrom ends with the session and with the
// first error of sending; what it has taken from the channel before an event that
// is refused is sent. A channel that is nil is waited for until the session ends.
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
			if err := s.sendReady(event, events); err != nil {
				return err
			}
			if err := s.over("send events"); err != nil { // also if there always is another
				return err
			}
		case <-s.ctx.Done():
			return s.over("send events")
		}
	}
}

// sendReady sends an event and those that lie in the channel, in one write. The
// channel is only looked at, so that nobody waits for sending longer than this
// takes.
func (s *Session) sendReady(event Event, events <-chan Event) error {
	s.sending.Lock()
	defer s.sendDueAndUnlock()
	if err := s.muted(); err != nil {
		return err
	}
	for {
		if err := s.add(event); err != nil {
			if s.waiting == nil {
				return err
			}
			return cmp.Or(s.dispatch(), err)
		}
		if len(s.waiting.text) >= batchSize {
			return s.dispatch()
		}
		select {
		case next, open := <-events:
			if !open {
				return s.dispatch()
			}
			event = next
		default:
			return s.dispatch()
		}
	}
}

// Delay waits for d, or until the session ends: then it returns at once, with an
// error that wraps the cause. Before it waits, all events leave that were
// accepted.
func (s *Session) Delay(d time.Duration) error {
	s.beginToWait()
	s.sendBeforeWaiting()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	}
	return s.over("delay")
}
