package websockets

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// A pinger sends a ping again and again, so that proxies do not take a silent
// connection for one that is not used, and finds out when nobody is there any
// more. It costs a timer, not a goroutine.
type pinger struct {
	pinging sync.WaitGroup // waits for the ping that is under way

	mu      sync.Mutex // guards what follows
	timer   *time.Timer
	stopped bool
}

// startPinging begins with the first ping after a period.
func (s *Session) startPinging() {
	period := s.shared.config.PingPeriod
	if period <= 0 {
		return
	}
	p := &s.pinger
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pinging.Add(1)
	p.timer = time.AfterFunc(period, func() {
		defer p.pinging.Done()
		s.ping()
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.stopped {
			p.pinging.Add(1)
			p.timer.Reset(period)
		}
	})
}

// stopPinging waits for the ping that is under way. The connection is closed by
// now, so that it ends.
func (s *Session) stopPinging() {
	p := &s.pinger
	p.mu.Lock()
	p.stopped = true
	if p.timer != nil && p.timer.Stop() {
		p.pinging.Done()
	}
	p.mu.Unlock()
	p.pinging.Wait()
}

// ping sends a ping, and ends the session if nothing comes from the client within
// Timeout. Nobody is judged while a message of the client, or the rest of one,
// waits for the application, behind which its answer comes, or while the client is
// being sent something else, for which WriteTimeout is there.
func (s *Session) ping() {
	if s.ctx.Err() != nil {
		return
	}
	held := s.inbox.held.Load()
	began := time.Since(s.conn.opened)
	// Of the session's context the library would make a connection that is closed
	// without a close frame.
	ctx, cancel := context.WithTimeout(context.Background(), s.shared.config.Timeout)
	defer cancel()
	err := s.socket.Ping(ctx)
	switch {
	case err == nil, errors.Is(err, net.ErrClosed): // whoever reads says why
	case s.conn.loss() != nil: // the ping could not leave, so the library has closed it
		s.cancel(s.conn.loss())
	case s.conn.heardAt() >= began, s.conn.writing.Load():
	case held%2 == 1, s.inbox.held.Load() != held:
	default:
		s.cancel(ErrPingTimeout)
	}
}
