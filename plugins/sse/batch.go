package sse

import (
	"errors"
	"fmt"
	"time"
)

// To write to the network costs as much as to encode a hundred small events, so
// what comes in a flood leaves together. What comes now and then does not wait.
//
// A stream may make burst writes at once, each with an event, or with all that
// SendFrom has found ready. Silence gives them back: one for each respite that
// has passed since the stream was active last, so that a stream which was silent
// for a millisecond has all of them. Active means that an event has come, or a
// write has ended. Less than a respite gives nothing back, or a flood would earn
// writes by going on. So a sender whose events answer somebody over a network,
// and one with an event every eighth of a millisecond or fewer, never waits.
//
// An event for which no write is left waits for others. All that waits leaves in
// one write, before anything that is written later, and at the latest
//
//   - with the event that makes it batchSize,
//   - batchTime after the first one of it has begun to wait,
//   - when Delay begins to wait, and when the code of the session has returned.
//
// It is dropped if the client has gone: then nothing that was ever sent is known
// to have arrived.
const (
	burst     = 8
	respite   = batchTime / burst
	batchTime = time.Millisecond
	batchSize = 16 << 10
)

// A batch is what waits to be written on a stream, and the timer that writes it.
// While the timer is wound up or fires, the session's beating counts it.
type batch struct {
	text   []byte // guarded by the session's sending, as what follows
	events int

	timer   *time.Timer // nil in one that was never wound up
	wound   bool        // since it was empty
	session *Session    // whose timer was wound up
}

// add puts an event to what waits, for dispatch to let it leave, or write. One
// that cannot be encoded does no harm. The caller holds sending.
func (p *pen) add(event Event) error {
	if p.foreign() != nil {
		return fmt.Errorf("send event: %w", errForeign)
	}
	b := p.waiting
	if b == nil {
		b = p.shared.batches.get()
		p.waiting = b
	}
	text, err := p.shared.config.appendEvent(b.text, event)
	if err != nil {
		if b.events == 0 {
			p.drop()
		}
		return fmt.Errorf("send event: %w", err)
	}
	b.text = text
	b.events++
	return nil
}

// dispatch lets what waits leave at once or wait for others; after the end of the
// session it does not wait. The caller holds sending, has asked muted, and has
// added an event.
func (s *Session) dispatch() error {
	if s.ctx.Err() != nil {
		return s.writeLast()
	}
	b := s.waiting
	s.waiting = nil // the first beat leaves with the head, and comes before it
	err := s.open()
	s.waiting = b
	switch {
	case err != nil:
		s.drop()
		return s.lose(err)
	case s.written.spend(s.age()), len(b.text) >= batchSize:
		return s.push(nil, 0)
	case !b.wound:
		b.windUp(s)
	}
	return nil
}

// windUp lets the batch leave when batchTime is over.
func (b *batch) windUp(s *Session) {
	b.wound, b.session = true, s
	s.beating.Add(1)
	if b.timer == nil {
		b.timer = time.AfterFunc(batchTime, b.fire)
	} else {
		b.timer.Reset(batchTime)
	}
}

// drop gives up what waits. The caller holds sending.
func (p *pen) drop() {
	if b := p.waiting; b != nil {
		p.waiting = nil
		p.shared.batches.release(b)
	}
}

// fire writes what still waits when the time is over. What hooks have put around
// the body is the application's code, and nobody else is on this goroutine.
func (b *batch) fire() {
	s := b.session
	defer s.beating.Done()
	s.attempt(func() error {
		s.sending.Lock()
		defer s.sendDueAndUnlock()
		if s.waiting == b { // else somebody else has written it
			s.sendWaiting()
		}
		s.shared.batches.put(b)
		return nil
	})
}

// sendWaiting writes what waits, together with the beat that is due. The caller
// holds sending.
func (p *pen) sendWaiting() {
	if p.callCtx.Err() != nil && errors.Is(p.callEnded(), ErrClientGone) {
		p.drop()
		return
	}
	p.sendDue()
	if p.waiting != nil {
		_ = p.push(nil, 0) // what cannot be sent has ended the session
	}
}

// sendBeforeWaiting writes what waits for a function that begins to wait. That
// never waits for an event that is being sent: who sends it writes what waits as
// well, or the timer does.
func (s *Session) sendBeforeWaiting() {
	if s.sending.TryLock() {
		defer s.sendDueAndUnlock()
		s.sendWaiting()
	}
}

// served ends a session whose code has returned, unless it has ended before. In
// between nothing can begin to wait any more.
func (s *Session) served() {
	s.attempt(func() error {
		s.sending.Lock()
		defer s.sendDueAndUnlock()
		s.sendWaiting()
		s.end(errServed)
		return nil
	})
}
