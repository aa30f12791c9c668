package memnet

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// pipe is one direction of a connection. The mutex is held only while bytes are
// copied. Every wait, for bytes, for room or for another Write to finish, is a
// wait for the condition: in a synctest bubble that lets time pass, and waiting
// for a mutex does not.
type pipe struct {
	mu             sync.Mutex
	changed        sync.Cond
	buffer         ring
	reader, writer side
	eof            bool // nothing follows what is buffered
	writing        bool // a Write has put in some of its bytes and waits for room
}

func newPipe(limit int) *pipe {
	p := &pipe{buffer: ring{limit: limit}}
	p.changed.L = &p.mu
	return p
}

func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if err := p.reader.check(); err != nil {
			return 0, err
		}
		if n := p.buffer.take(b); n > 0 {
			p.changed.Broadcast()
			return n, nil
		}
		switch {
		case len(b) == 0:
			return 0, nil
		case p.eof:
			return 0, io.EOF
		}
		p.changed.Wait()
	}
}

func (p *pipe) write(b []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	mine := false
	full := false // there was no room for all of b: the next look is for much
	for {
		if err = p.writer.check(); err != nil {
			break
		}
		if (mine || !p.writing) && (!full || p.buffer.roomy()) {
			if k := p.buffer.put(b[n:]); k > 0 {
				n += k
				p.changed.Broadcast()
			}
			mine = n < len(b)
			full = mine
			p.writing = mine
		}
		if n == len(b) {
			break
		}
		p.changed.Wait()
	}
	if mine {
		p.writing = false
		p.changed.Broadcast()
	}
	return n, err
}

// endRead closes the reader's side and makes writes fail with peer.
func (p *pipe) endRead(peer error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reader.err == net.ErrClosed {
		return net.ErrClosed
	}
	p.reader.end(net.ErrClosed)
	p.writer.end(peer)
	p.buffer = ring{}
	p.changed.Broadcast()
	return nil
}

// endWrite ends the writer's side with own and makes reads fail with peer: at
// once, or, if peer is io.EOF, when the buffer is empty.
func (p *pipe) endWrite(own, peer error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.writer.err == net.ErrClosed {
		return net.ErrClosed
	}
	p.writer.end(own)
	if peer == io.EOF {
		p.eof = true
	} else {
		p.reader.end(peer)
		p.buffer = ring{}
	}
	p.changed.Broadcast()
	return nil
}

func (p *pipe) setDeadline(s *side, t time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.err == net.ErrClosed {
		return net.ErrClosed
	}
	if s.timer != nil {
		s.timer.Stop()
	}
	s.deadline = t
	if t.IsZero() {
		return nil
	}
	now := time.Now()
	wait := t.Sub(now)
	// The timer uses the monotonic clock, so check has to use it too, even if t
	// has only a wall clock reading.
	s.deadline = now.Add(wait)
	switch {
	case wait <= 0:
		p.changed.Broadcast()
	case s.timer == nil:
		s.timer = time.AfterFunc(wait, p.wake)
	default:
		s.timer.Reset(wait)
	}
	return nil
}

// wake makes all waiting calls look at the clock. A wake that comes late, for a
// deadline that was moved meanwhile, does no harm.
func (p *pipe) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed.Broadcast()
}

// side is the state of one user of a pipe, its reader or its writer.
type side struct {
	err      error     // why every call fails; nil while the side is in use
	deadline time.Time // zero: none
	timer    *time.Timer
}

func (s *side) check() error {
	if s.err != nil {
		return s.err
	}
	if !s.deadline.IsZero() && !time.Now().Before(s.deadline) {
		return os.ErrDeadlineExceeded
	}
	return nil
}

// end keeps the first reason, but an own Close replaces any other.
func (s *side) end(err error) {
	if s.err == nil || err == net.ErrClosed {
		s.err = err
	}
	if s.timer != nil {
		s.timer.Stop()
	}
}
