package sse

import (
	"context"
	"fmt"
	"time"

	"github.com/chitor-go/chitor/app"
)

// heartbeat is one timer and, while it fires, one goroutine, which the session
// waits for. It keeps no more of its configuration than it needs: a process may
// have as many as it has sessions.
type heartbeat struct {
	session  *Session
	timer    *time.Timer // guarded by the session's mu; nil before the first beat
	period   time.Duration
	provider func(ctx context.Context) (Event, error)
	text     []byte // what a beat sends if there is no provider
	onlyIdle bool
}

// startHeartbeat puts a heartbeat in the place of the session's, or, unless it is
// the session's own, where there is none, if the session is alive. The first
// beat goes without a goroutine of its own if it can: the runtime hands what is
// left of one, with a larger stack than a fresh one has, to the next connection,
// and that one keeps it as long as it is open.
func (s *Session) startHeartbeat(config *HeartbeatConfig, own bool) {
	h := &heartbeat{
		session: s, period: config.Period, provider: config.EventProvider,
		onlyIdle: config.OnlyIdle,
	}
	if !s.replaceHeartbeat(h, own) {
		return
	}
	if h.provider != nil {
		go h.fire()
		return
	}
	text, err := h.encode(config.Event)
	if err != nil {
		s.fail(fmt.Errorf("heartbeat: %w", err))
		s.beating.Done()
		return
	}
	h.text = text
	h.fire()
}

// replaceHeartbeat stops the heartbeat of the session, puts h in its place, and
// reports whether h is to beat: not if it is nil or the session has ended. Unless
// h is the session's own, the one that there is stays.
func (s *Session) replaceHeartbeat(h *heartbeat, own bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !own && s.heartbeat != nil || own && h != nil && s.rare != nil && s.rare.adopted != nil {
		return false
	}
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
		wait = h.period
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
	if !h.onlyIdle {
		return 0
	}
	idle, ok := h.session.idle()
	if !ok {
		return 0
	}
	return h.period - idle
}

// beat sends one event, or leaves it to whoever is sending another, and reports
// whether there may be a next beat. The provider, and what hooks have put around
// the body, are the application's code, and nobody else is on this goroutine.
func (h *heartbeat) beat() (again bool) {
	app.Attempt(func() error {
		text, err := h.next()
		if err != nil || !h.current() { // the provider has taken its time
			return err
		}
		h.session.sendBeat(text)
		again = true
		return nil
	}, func(err error) {
		if err != nil && h.current() {
			h.session.fail(fmt.Errorf("heartbeat: %w", err))
		}
	})
	return again
}

// current reports whether the session still has this heartbeat.
func (h *heartbeat) current() bool {
	h.session.mu.Lock()
	defer h.session.mu.Unlock()
	return h.session.heartbeat == h
}

// next returns what the next beat sends.
func (h *heartbeat) next() (*[]byte, error) {
	if h.provider == nil {
		return &h.text, nil
	}
	event, err := h.provider(h.session.ctx)
	if err != nil {
		return nil, err
	}
	text, err := h.encode(event)
	return &text, err
}

// encode leaves out the empty line behind a comment: a client that takes each
// empty line for the end of an event would find one that is not there.
func (h *heartbeat) encode(event Event) ([]byte, error) {
	text, err := h.session.shared.config.appendEvent(nil, event)
	if err != nil {
		return nil, fmt.Errorf("send event: %w", err)
	}
	if event.isComment() {
		text = text[:len(text)-len("\r\n")]
	}
	return text, nil
}
