package sse

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// patience is how long the head of a stream waits for the function that serves
// it: to a person it is at once, and it is enough for a look into a database.
const patience = 100 * time.Millisecond

// errReplaced is the cause when a send hook has put another response in the
// place of the stream.
var errReplaced = fmt.Errorf("%w: another response has taken its place", ErrClosed)

// A door is the writer of a pen until the head of the stream has left. The head
// leaves with the first event, beat or wait, or when patience is at its end. What
// fails before that is an answer like any other, with a status of its own.
type door struct {
	http.ResponseWriter
	session *Session
	knock   *time.Timer // opens the door when patience is at its end
	stuck   error       // why the head could not leave, nil if it may
}

// shut puts a door before the writer of a session that is about to be served.
func (s *Session) shut() {
	s.sending.Lock()
	defer s.sending.Unlock()
	s.beating.Add(1)
	s.writer = &door{ResponseWriter: s.writer, session: s, knock: time.AfterFunc(patience, func() {
		defer s.beating.Done()
		s.begin()
	})}
}

// begin opens the door, if there still is one and the session is alive. What
// goes wrong ends the session: nobody else may be on this goroutine.
func (s *Session) begin() {
	s.attempt(func() error {
		s.sending.Lock()
		defer s.sendDueAndUnlock()
		if s.ctx.Err() == nil {
			_ = s.open()
		}
		return nil
	})
}

// beginToWait opens the door for a function that waits. It never waits for an
// event that is being sent: then the door is open.
func (s *Session) beginToWait() {
	if _, written := s.written.last(); !written {
		s.begin()
	}
}

// open opens the door, if there still is one. What goes wrong ends the session.
// The caller holds sending. The way of the head to the network is long, and the
// stack of a goroutine that has gone it stays as large, if the code of others on
// the way does not even end it: it gets one of its own.
func (p *pen) open() error {
	door, shut := p.writer.(*door)
	switch {
	case !shut:
		return nil
	case door.stuck != nil:
		return door.stuck
	}
	if door.knock.Stop() {
		door.session.beating.Done()
	}
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		app.Attempt(door.begin, door.end)
	}()
	<-opened
	return door.stuck
}

// begin sends the head, and begins the heartbeat of every session, unless the
// function has begun one of its own.
func (d *door) begin() error {
	s := d.session
	if err := sendHead(s.call, d.ResponseWriter); err != nil {
		return err
	}
	s.writer = d.ResponseWriter
	if s.wasReplaced(s.call.Header()) {
		s.cancel(errReplaced)
		return errReplaced
	}
	if heartbeat := s.shared.config.heartbeat; heartbeat != nil {
		s.startHeartbeat(heartbeat, false)
		s.sendDue()
	}
	return nil
}

// wasReplaced reports whether a send hook has put another response in the place of
// the stream whose head has left, with this header.
func (s *Session) wasReplaced(header http.Header) bool {
	return headAlone(s.call) || !httpheader.IsEventStream(header.Get("Content-Type"))
}

// end notes what begin has ended with, and ends the session if that is an error:
// the code of hooks and middlewares has failed, or nobody takes the head.
func (d *door) end(err error) {
	if err != nil {
		d.stuck = d.session.headFailed(err)
	}
}

// headFailed ends the session because its head could not leave, and returns why.
func (s *Session) headFailed(err error) error {
	failed := &failure{err}
	if failed.isBug() || errors.Is(err, http.ErrAbortHandler) || s.callCtx.Err() == nil && s.call.Failure() != nil {
		s.fail(err)
		return failed
	}
	s.cancel(s.lost(err))
	return err
}

// isShut reports whether the head has not left. Nothing may be sending.
func (p *pen) isShut() bool {
	_, shut := p.writer.(*door)
	return shut
}

// hasBegun reports whether the head has left.
func (s *Session) hasBegun() bool {
	s.sending.Lock()
	defer s.sending.Unlock()
	return !s.isShut()
}

// refuse lets the head not leave any more, and reports whether it has not.
func (p *pen) refuse(cause error) bool {
	p.sending.Lock()
	defer p.sending.Unlock()
	door, shut := p.writer.(*door)
	if shut && door.stuck == nil {
		door.stuck = cause
	}
	return shut
}

// leave stops the knock at a door that nobody has opened.
func (s *Session) leave() {
	s.sending.Lock()
	defer s.sending.Unlock()
	if door, shut := s.writer.(*door); shut && door.knock.Stop() {
		s.beating.Done()
	}
}

// refusal returns what has failed if that is the answer, since the head has not
// left; from then on it cannot. Whole says that nothing has failed.
func (s *Session) refusal(cause error, whole bool) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	door, shut := s.writer.(*door)
	if !shut || whole {
		return nil
	}
	if failed := (*failure)(nil); errors.As(cause, &failed) {
		cause = failed.error
	}
	door.stuck = cause
	return cause
}
