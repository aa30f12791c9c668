package sse

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// HeartbeatConfig configures the heartbeat of a session.
type HeartbeatConfig struct {
	// Period is the time from the end of one beat to the next. 30 s by default, also if it is not positive.
	Period time.Duration
	// Event is what is sent. By default the comment "heartbeat", which clients do not see.
	Event Event
	// EventProvider, if not nil, returns the event of each beat in place of Event. The context is the session's. It
	// may take its time: it delays nothing but the next beat, and the end of the stream if it does not heed its
	// context. An error or a panic ends the session.
	EventProvider func(ctx context.Context) (Event, error)
	// OnlyIdle leaves out the beats for which there is no need: the next one is due a Period after anything was sent. Off by
	// default, as in Ktor.
	OnlyIdle bool
	// Compact leaves out the empty line after a beat that is nothing but a comment. Clients that take every block for
	// a message, such as @microsoft/fetch-event-source, do not see an empty one then. Off by default, as in Ktor.
	Compact bool
}

const defaultPeriod = 30 * time.Second

// Heartbeat sends an event now and then again and again, until the session ends or Heartbeat is called again. The first one
// is sent before Heartbeat returns, unless it comes from a provider. A beat that falls due while an event is being sent follows
// right after it, so a client that does not read delays no one. An event that cannot be sent ends the session. It answers
// to Ktor's heartbeat.
func (s *Session) Heartbeat(configure ...func(*HeartbeatConfig)) {
	s.replaceHeartbeat(&heartbeat{session: s, config: newHeartbeatConfig(configure)})
}

func newHeartbeatConfig(configure []func(*HeartbeatConfig)) *HeartbeatConfig {
	config := &HeartbeatConfig{Period: defaultPeriod, Event: Event{Comments: "heartbeat"}}
	for _, change := range configure {
		change(config)
	}
	if config.Period <= 0 {
		config.Period = defaultPeriod
	}
	return config
}

// heartbeat is one timer and, while it fires, one goroutine, which the session waits for.
type heartbeat struct {
	session *Session
	config  *HeartbeatConfig
	timer   *time.Timer // guarded by the session's mu; nil before the first beat
}

// beat is an event on its way into the stream.
type beat struct {
	event   Event
	compact bool
}

// replaceHeartbeat stops the heartbeat of the session and starts another, if it is not nil and the session is alive. The
// first beat goes without a goroutine of its own if it can: the runtime hands what is left of one, with a larger stack than a
// fresh one has, to the next connection, and that one keeps it as long as it is open.
func (s *Session) replaceHeartbeat(h *heartbeat) {
	if !s.adopt(h) {
		return
	}
	if h.config.EventProvider == nil {
		h.fire()
		return
	}
	go h.fire()
}

// adopt puts h in the place of the session's heartbeat and reports whether it is to beat.
func (s *Session) adopt(h *heartbeat) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.heartbeat; old != nil && old.timer != nil && old.timer.Stop() {
		s.beating.Done()
	}
	s.heartbeat = nil
	if h == nil || s.ctx.Err() != nil {
		return false
	}
	s.heartbeat = h
	s.beating.Add(1)
	return true
}

// fire sends one event, if there is need, and winds the timer up again.
func (h *heartbeat) fire() {
	s := h.session
	defer s.beating.Done()
	if s.ctx.Err() != nil {
		return
	}
	wait := h.rest()
	if wait <= 0 {
		if !h.beat() {
			return
		}
		wait = h.config.Period
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.heartbeat != h || s.ctx.Err() != nil {
		return
	}
	s.beating.Add(1)
	if h.timer == nil {
		h.timer = time.AfterFunc(wait, h.fire)
	} else {
		h.timer.Reset(wait)
	}
}

// rest returns for how long there is no need of a beat.
func (h *heartbeat) rest() time.Duration {
	last := h.session.written.Load()
	if !h.config.OnlyIdle || last == 0 {
		return 0
	}
	return h.config.Period - time.Duration(h.session.age()-last)
}

// beat sends one event and reports whether there may be another.
func (h *heartbeat) beat() bool {
	s := h.session
	event, err := h.event()
	if !h.current() { // the provider has taken its time
		return false
	}
	if err != nil {
		s.fail(fmt.Errorf("heartbeat: %w", err))
		return false
	}
	next := beat{event, h.config.Compact}
	if s.sending.TryLock() {
		s.sendBeat(next)
		s.unlock()
		return true
	}
	late := next
	s.due.Store(&late)
	if s.sending.TryLock() { // whoever held it may have left before it saw the beat
		s.unlock()
	}
	return true
}

// current reports whether the session still has this heartbeat.
func (h *heartbeat) current() bool {
	h.session.mu.Lock()
	defer h.session.mu.Unlock()
	return h.session.heartbeat == h
}

// event returns the event of a beat. The provider is the application's code.
func (h *heartbeat) event() (event Event, err error) {
	if h.config.EventProvider == nil {
		return h.config.Event, nil
	}
	err = attempt(func() error {
		event, err = h.config.EventProvider(h.session.ctx)
		return err
	})
	return event, err
}

// sendBeat sends the event of a beat. The caller holds sending.
func (s *Session) sendBeat(b beat) {
	if err := s.send(b.event, b.compact); errors.Is(err, ErrInvalidEvent) {
		s.fail(fmt.Errorf("heartbeat: %w", err))
	}
}
