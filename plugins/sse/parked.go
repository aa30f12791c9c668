package sse

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/park"
)

// A parked is a stream whose function has returned, and which takes neither a
// goroutine nor the buffers of net/http: its connection was taken over from the
// server. It is the writer of its session. One goroutine at a time does something
// with it: what delivers rings for it, and so does its end.
//
//	         ring              a goroutine has a place
//	idle ------------> queued ------------------------> running ----> over
//	  ^                  ^                               |  |  ^
//	  |  nothing is left |  there is more, or it was rung|  |  | ring: again
//	  '------------------+-------------------------------'  '--'
type parked struct {
	presence
	listener

	conn   *park.Conn
	state  atomic.Int32
	next   *parked // in the queue of a crew
	failed error   // what delivery has ended with
	by     *place  // of who delivers; nil if nobody does
	// Whose place is given when a write waits: of who delivers, while that sends, and
	// of who ends the stream. Guarded by the session's sending.
	sends, ends *place
}

const (
	parkedIdle int32 = iota
	parkedQueued
	parkedRunning
	parkedAgain // running, and rung for since
	parkedOver
)

// park lets the stream be parked when the handlers of its call have returned, and
// reports whether it will be. Nobody sends until then.
func (p *presence) park() bool {
	s := p.session
	if p.obstacle != nil {
		return false
	}
	s.sending.Lock()
	s.sendWaiting()
	if p.moved = s.move(p); !p.moved {
		s.sendDueAndUnlock()
	}
	return p.moved
}

// move reports whether the stream can be parked, and lets it be. The caller holds
// sending, and keeps it if so.
func (s *Session) move(p *presence) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.workers > 1 || s.ctx.Err() != nil || s.isClosed() || s.isShut() {
		return false
	}
	s.workers++ // the stream, in the place of its function
	s.rare.joining.stage = stageMoving
	s.call.Detach(&parked{presence: *p})
	return true
}

// Take implements [app.Taker]: it parks the stream, or holds it here if the server
// has kept the connection.
func (p *parked) Take(taken app.Taken) error {
	s := p.session
	if taken.Conn == nil {
		return p.holdHere(taken)
	}
	k := &s.shared.parking
	p.conn = k.poller.Take(taken.Conn, taken.Chunked, s.call.ClientGone)
	s.writer = p
	s.setStage(stageParked)
	k.parked.Add(1)
	p.parked = p
	s.rare.joining.bell.heard.Store(&p.listener)
	if !taken.Derived { // else that context may end before the call's
		p.unhook()
		p.unhook = nil // which keeps more than that
	}
	s.sendDueAndUnlock()
	p.ring()
	return nil
}

// holdHere holds the stream on the goroutine of the call.
func (p *parked) holdHere(taken app.Taken) error {
	s := p.session
	s.writer = taken.Writer
	s.setStage(stageHeld)
	s.sendDueAndUnlock()
	if s.call.Failure() != nil {
		s.fail(taken.Err)
	}
	s.work(func() error {
		defer s.leaveHubs()
		return s.rare.joining.deliver(s.ctx, nil)
	})
	defer s.shared.room.Leave(p.key)
	return p.leave()
}

func (s *Session) setStage(to stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rare.joining.stage = to
}

// ContextEnded implements [app.Taker].
func (p *parked) ContextEnded() {
	s := p.session
	s.cancel(s.lost(nil))
	p.conn.Cut() // there is nobody to say anything to, or no time
}

// ring has the stream looked at.
func (p *parked) ring() {
	for {
		switch {
		case p.state.CompareAndSwap(parkedIdle, parkedQueued):
			p.session.shared.parking.delivering.add(p)
			return
		case p.state.CompareAndSwap(parkedRunning, parkedAgain), p.state.Load() > parkedRunning, p.state.Load() == parkedQueued:
			return
		}
	}
}

// deliver delivers a part of what there is, and has the rest delivered when others
// have had their turn. If the stream is over it is ended.
func (p *parked) deliver(here *place) {
	p.state.Store(parkedRunning)
	p.by, here.parked, here.more = here, p, false
	app.Attempt(here.round, here.rounded)
}

// round delivers one write of what each hub has.
func (p *parked) round() (more bool, err error) {
	var room [2]*member
	members := p.session.rare.joining.all(room[:0])
	if p.session.ctx.Err() != nil || len(members) == 0 {
		return false, errParkedOver
	}
	return p.session.rare.joining.round(members)
}

// errParkedOver says that a stream has nothing to deliver any more.
var errParkedOver = errors.New("the stream is over")

// rounded is called when a round has ended.
func (p *parked) rounded(more bool, err error) {
	p.by = nil
	k := &p.session.shared.parking
	switch {
	case err != nil:
		if p.session.ctx.Err() == nil && !errors.Is(err, errParkedOver) {
			p.failed = err
		}
		p.state.Store(parkedOver)
		k.ending.add(p)
	case !more && p.state.CompareAndSwap(parkedRunning, parkedIdle):
	default:
		p.state.Store(parkedQueued)
		k.delivering.add(p)
	}
}

// end ends the stream. Each step comes whatever the application's code does. It does
// not keep its place while it waits for who sends, or for work of the session.
func (p *parked) end(here *place) {
	s := p.session
	if !s.sending.TryLock() {
		here.leave()
		s.sending.Lock()
	}
	p.ends = here
	s.sending.Unlock()
	defer func() { // on the goroutine of a call the server would do so
		if value := recover(); value != nil {
			s.call.Application().Logger().Error("the end of a parked stream panicked", "route", s.call.Route(), "panic", value)
		}
	}()
	err := http.ErrAbortHandler // if a function of OnEnd ends the goroutine
	defer func() {
		_, written := s.Sent()
		s.call.EndDetached(written, err)
	}()
	defer s.shared.room.Leave(p.key)
	defer s.shared.parking.parked.Add(-1)
	defer func() {
		if err != nil || errors.Is(context.Cause(s.ctx), ErrClientGone) {
			p.conn.Abort()
		} else {
			p.conn.End(here.give)
		}
	}()
	defer func() {
		if err = p.leave(); err != nil {
			err = fmt.Errorf("respond: %w", err) // as of one that was held
		}
	}()
	s.work(func() error {
		defer s.leaveHubs()
		return p.failed
	})
	if s.isWorking() {
		here.leave()
	}
}

// Header implements [http.ResponseWriter]: of a head that has left.
func (p *parked) Header() http.Header { return p.session.call.Header() }

// WriteHeader implements [http.ResponseWriter].
func (p *parked) WriteHeader(int) {}

// Write implements [http.ResponseWriter]. The caller holds the session's sending.
func (p *parked) Write(text []byte) (int, error) {
	var give func()
	if waits := cmp.Or(p.sends, p.ends); waits != nil {
		give = waits.give
	}
	if err := p.conn.Write(text, p.session.shared.parking.timeout, give); err != nil {
		return 0, err
	}
	return len(text), nil
}

// FlushError does nothing: what was written has left.
func (p *parked) FlushError() error { return nil }

// lockToDeliver takes the turn to send, for who delivers. One of a crew does not
// keep its place while it waits.
func (s *Session) lockToDeliver() {
	p := s.rare.joining.bell.parked()
	if p == nil || p.by == nil {
		s.sending.Lock()
		return
	}
	if !s.sending.TryLock() {
		p.by.leave()
		s.sending.Lock()
	}
	p.sends = p.by
}
