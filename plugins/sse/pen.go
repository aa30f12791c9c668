package sse

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
)

// pieceLength is how much of an event is written at once. That a piece is
// written means that the client has taken most of what came before it.
const pieceLength = 32 << 10

// A pen writes one event stream, and nothing else does. Whoever holds sending
// is its one writer. An event that cannot be written ends the session.
//
//	Session.Send -> add -> dispatch -.
//	                                  +-> push -> write -> net/http
//	heartbeat ---> sendBeat ---------'
//
// A beat never waits for an event: the one that falls due while an event is
// being sent is left in due, and whoever sends that event sends it next.
type pen struct {
	lifetime
	shared *Sessions

	sending turn
	writer  http.ResponseWriter    // a door until the head has left; nil when the stream is over
	due     atomic.Pointer[[]byte] // the beat that the holder of sending is to send; nil if none
	waiting *batch                 // what leaves with the next write; nil if nothing waits

	// What follows is changed with sending held, and may be read at any time.
	written stamp
	events  atomic.Int64
	bytes   atomic.Int64
}

// muted returns why nothing can be sent, nil if something can: while the session
// lasts, and, in the grace after an end from outside, a last word, while the
// client is there and the stream's function has not returned. The error is what
// over returns, or what has become of the client. The caller holds sending.
func (p *pen) muted() error {
	ended := p.over("send event")
	if ended == nil {
		return nil
	}
	if p.isClosed() || !endingOf(context.Cause(p.ctx)).outside || p.sinceEnd() >= p.shared.grace() {
		return ended
	}
	if p.callCtx.Err() != nil {
		switch now := p.callEnded(); {
		case errors.Is(now, ErrClientGone):
			return fmt.Errorf("send event: %w", now)
		case errors.Is(now, ErrStopping): // the grace of the stop is over
			return ended
		}
	}
	return nil
}

// writeLast writes what waits after the end of the session. The caller holds
// sending, and has asked muted.
func (p *pen) writeLast() error {
	err := p.write(nil, 0)
	if err == nil {
		return nil
	}
	lost := p.lost(err)
	// A stop has its own say: it cuts no connection.
	if errors.Is(lost, context.Cause(p.ctx)) && !errors.Is(lost, ErrStopping) {
		lost = fmt.Errorf("%w: %w", ErrClientGone, err)
	}
	return fmt.Errorf("send event: %w", lost)
}

// sendBeat sends an encoded event, or leaves it to whoever is sending another.
func (p *pen) sendBeat(text *[]byte) {
	p.due.Store(text)
	if p.sending.TryLock() {
		p.sendDueAndUnlock()
	}
}

// sendDueAndUnlock gives the turn away: first the beat that fell due meanwhile
// is sent. One that falls due between the last look and the unlocking has found
// sending locked, hence the look afterwards.
func (p *pen) sendDueAndUnlock() {
	for {
		func() {
			defer p.unlock() // also if what hooks have put around the body panics
			p.sendDue()
		}()
		if p.due.Load() == nil || !p.sending.TryLock() {
			return
		}
	}
}

// unlock gives the turn away.
func (p *pen) unlock() {
	if parked, is := p.writer.(*parked); is {
		parked.sends = nil
	}
	p.sending.Unlock()
}

// sendDue sends the beat that fell due, if there is one. Inside of an event of a
// foreign handler it is left out: the event is on its way. The caller holds
// sending.
func (p *pen) sendDue() {
	if beat := p.due.Swap(nil); beat != nil && p.ctx.Err() == nil && p.isBetween() {
		_ = p.push(*beat, 1) // what cannot be sent has ended the session
	}
}

// finish waits until nobody sends any more, sends the last event, if there is
// one, and the head, if it has not left. The session has ended before. That the
// last event does not arrive changes nothing: the only error is that of an event
// that cannot be encoded.
func (p *pen) finish(last Event, hasLast bool) (err error) {
	p.sending.Lock()
	defer p.sending.Unlock()
	if hasLast && p.isBetween() {
		var text []byte
		if text, err = p.shared.config.appendEvent(nil, last); err == nil {
			_ = p.write(text, 1)
		}
	}
	_ = p.open()
	return err
}

// isClosed reports whether nobody can write any more. The caller holds sending.
func (p *pen) isClosed() bool {
	door, shut := p.writer.(*door)
	return p.writer == nil || shut && door.stuck != nil
}

// close lets nobody write any more: the writer is about to be nobody's, however
// the session has ended.
func (p *pen) close() {
	p.sending.Lock()
	defer p.sending.Unlock()
	if door, shut := p.writer.(*door); shut {
		door.stuck = ErrClosed
	} else {
		p.writer = nil
	}
}

// push writes text that holds so many encoded events, after what waits, and ends
// the session if that fails. The caller holds sending.
func (p *pen) push(text []byte, events int) error {
	if err := p.write(text, events); err != nil {
		return p.lose(err)
	}
	return nil
}

// lose ends the session because an event cannot leave, and returns what Send does
// from now on.
func (p *pen) lose(err error) error {
	p.cancel(p.lost(err))
	return p.over("send event")
}

// write writes and flushes what waits and text that holds so many encoded
// events. The caller holds sending.
func (p *pen) write(text []byte, events int) error {
	if b := p.waiting; b != nil {
		p.waiting = nil // whatever comes of it
		defer p.shared.batches.release(b)
		b.text = append(b.text, text...)
		text, events = b.text, b.events+events
	}
	if err := p.open(); err != nil {
		return err
	}
	if err := p.writePieces(text); err != nil {
		return err
	}
	if err := http.NewResponseController(p.writer).Flush(); err != nil {
		return err
	}
	p.written.finish(p.age())
	p.events.Add(int64(events))
	p.bytes.Add(int64(len(text)))
	return nil
}

// writePieces writes text. The caller holds sending, and finishes the stamp.
func (p *pen) writePieces(text []byte) error {
	for len(text) > 0 {
		piece := text[:min(len(text), pieceLength)]
		p.written.begin(p.age())
		if _, err := p.writer.Write(piece); err != nil {
			return err
		}
		text = text[len(piece):]
	}
	return nil
}

// idle returns for how long nothing has been written, and whether anything has
// been at all. An event that is on its way counts as written: if it does not
// arrive, there is nothing left to beat for.
func (p *pen) idle() (idle time.Duration, ok bool) {
	last, ok := p.written.last()
	return p.age() - last, ok
}

// lost returns why the session ends when a write has failed with err, or, with
// a nil error, when the call's context has ended. The two come together: HTTP/1
// ends the context when a write fails, and HTTP/2 does not say which deadline
// has passed. So how long nothing has been taken tells a client that does not
// read from one that has gone.
func (p *pen) lost(err error) error {
	began, writing := p.written.underWay()
	failed := (*failure)(nil)
	timeout := p.shared.writeTimeout()
	switch {
	case errors.As(err, &failed):
		return failed
	case writing && timeout > 0 && p.age()-max(began, p.taken()) >= timeout:
		return ErrWriteTimeout
	case p.callCtx.Err() != nil:
		return p.callEnded()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrWriteTimeout
	default:
		return fmt.Errorf("%w: %w", ErrClientGone, err)
	}
}

// moved returns when the client was last known to take something.
func (p *pen) moved() time.Time {
	last, _ := p.written.last()
	return p.opened.Add(max(last, p.taken()))
}

// taken returns at which age the client is known to have taken a part of a write
// that had to wait for it, 0 if none had to.
func (p *pen) taken() time.Duration {
	call, _ := app.CallFrom(p.callCtx)
	if at := call.TakenAt(); !at.IsZero() {
		return at.Sub(p.opened)
	}
	return 0
}

// end ends the session with a cause, unless it has ended before: also by the
// end of the call, which the code that asks for this may have seen first.
func (p *pen) end(cause error) {
	if p.callCtx.Err() != nil {
		p.cancel(p.lost(nil))
	}
	p.cancel(cause)
}
