package engine

import (
	"context"
	"time"
)

// lastFlush is how long the last bytes of a call may take to leave the machine
// when the grace period is over, and an HTTP/2 connection without calls to send
// GOAWAY and be closed by its client.
const lastFlush = 100 * time.Millisecond

// A drainPhase is how far a server that stops has come. The phases follow one
// another, except that a connection that does something leads from settled back
// to flushing.
type drainPhase uint8

const (
	// arriving: calls may still come on open connections, whose clients have not
	// seen GOAWAY or the end of the connection.
	arriving drainPhase = iota
	// answering: the application has not stopped, its calls may still run.
	answering
	// flushing: no call is left, but what they have written may be on its way.
	flushing
	// settled: no connection has done anything for the time of lastFlush.
	settled
)

// done reports whether the connections can be closed. Late says that the grace
// period is over.
//
// An idle HTTP/1.1 connection is about to be closed. One that speaks HTTP/2 may
// still have the end of a stream, or GOAWAY, to send: net/http calls it idle
// when these are queued, and closes it when its client has seen them.
func (p drainPhase) done(active, idle int, late bool) bool {
	switch p {
	case flushing:
		return active+idle == 0
	case settled:
		return active == 0 || late
	default:
		return false
	}
}

// drain waits until the application has stopped and what its calls have written
// is sent, or the time for that is over. It closes lastCall when no call is to be
// expected any more.
func (s *Server) drain(ctx context.Context, lastCall chan<- struct{}, stopped <-chan struct{}) {
	grace := time.NewTimer(s.application.Config().ShutdownGrace)
	defer grace.Stop()
	quiet := time.NewTimer(lastFlush)
	defer quiet.Stop()
	phase, late := arriving, false
	_, _, _ = s.connections.count() // what has changed until now
	changedAt := time.Now()
	arrived := func() {
		if phase == arriving {
			phase = answering
			close(lastCall)
		}
	}
	defer arrived()
	for {
		active, idle, changed := s.connections.count()
		if active+idle == 0 {
			arrived()
		}
		if changed {
			changedAt = time.Now()
		}
		if changed && phase != arriving {
			phase = min(phase, flushing)
			quiet.Reset(lastFlush)
		}
		if phase.done(active, idle, late) {
			return
		}
		select {
		case <-stopped:
			phase, stopped = flushing, nil
			if active == 0 && time.Since(changedAt) >= lastFlush {
				phase = settled // while calls could still arrive
			} else {
				quiet.Reset(lastFlush)
			}
		case <-s.connections.changed:
		case <-quiet.C:
			if arrived(); phase == flushing {
				phase = settled
			}
		case <-grace.C:
			// The application now ends the writes of its calls. What is left
			// after that are those of an HTTP/2 connection as a whole, which
			// are not its to end; one that makes some progress goes on, until
			// the next time.
			if late {
				s.connections.cut(time.Now().Add(lastFlush / 2))
			}
			late = true
			grace.Reset(lastFlush)
		case <-ctx.Done():
			return
		}
	}
}
