package sse

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/chitor-go/chitor/app"
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
}

const defaultPeriod = 30 * time.Second

// Heartbeat sends an event now and then again and again, until the session ends or Heartbeat is called again. A beat
// that falls due while an event is being sent follows right after it, so a client that does not read
// delays no one. An event that cannot be sent ends the session. It answers to Ktor's heartbeat.
func (s *Session) Heartbeat(configure ...func(*HeartbeatConfig)) {
	config := HeartbeatConfig{Period: defaultPeriod, Event: Event{Comments: "heartbeat"}}
	for _, change := range configure {
		change(&config)
	}
	if config.Period <= 0 {
		config.Period = defaultPeriod
	}
	s.replaceHeartbeat(&heartbeat{session: s, config: config})
}

// heartbeat is one timer and, while it fires, one goroutine, which the session waits for.
type heartbeat struct {
	session *Session
	config  HeartbeatConfig
	timer   *time.Timer // guarded by the session's mu
}

// replaceHeartbeat stops the heartbeat of the session and starts another, if it is not nil and the session is alive.
func (s *Session) replaceHeartbeat(h *heartbeat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.heartbeat; old != nil && old.timer.Stop() {
		s.beating.Done()
	}
	s.heartbeat = nil
	if h == nil || s.ctx.Err() != nil {
		return
	}
	s.heartbeat = h
	s.beating.Add(1)
	h.timer = time.AfterFunc(0, h.beat)
}

// beat sends one event and winds the timer up again.
func (h *heartbeat) beat() {
	s := h.session
	defer s.beating.Done()
	if s.ctx.Err() != nil {
		return
	}
	event, err := h.event()
	if !h.current() { // the provider has taken its time
		return
	}
	switch {
	case err != nil:
		s.cancel(fmt.Errorf("heartbeat: %w", err))
		return
	case s.sending.TryLock():
		s.sendBeat(event)
		s.unlock()
	default:
		late := event
		s.due.Store(&late)
		if s.sending.TryLock() { // whoever held it may have left before it saw the beat
			s.unlock()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.heartbeat == h && s.ctx.Err() == nil {
		s.beating.Add(1)
		h.timer.Reset(h.config.Period)
	}
}

// current reports whether the session still has this heartbeat.
func (h *heartbeat) current() bool {
	h.session.mu.Lock()
	defer h.session.mu.Unlock()
	return h.session.heartbeat == h
}

// event returns the event of a beat. The provider is the application's code and may panic.
func (h *heartbeat) event() (event Event, err error) {
	if h.config.EventProvider == nil {
		return h.config.Event, nil
	}
	defer func() {
		if value := recover(); value != nil {
			err = &app.PanicError{Value: value, Stack: debug.Stack()}
		}
	}()
	return h.config.EventProvider(h.session.ctx)
}

// sendBeat sends the event of a beat. The caller holds sending.
func (s *Session) sendBeat(event Event) {
	if err := s.send(event); err != nil {
		s.cancel(fmt.Errorf("heartbeat: %w", err)) // without effect unless the event was refused
	}
}
