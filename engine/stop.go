package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// lastFlush is how long the last bytes of a call may take to leave the machine
// when the grace period is over, and an HTTP/2 connection without calls to send
// GOAWAY and be closed by its client.
const lastFlush = 100 * time.Millisecond

// Stop stops the server: it closes the listeners, stops the application (see
// [app.Application.Stop]), waits until what the calls have written is sent,
// closes all connections and waits for the server's goroutines. It takes as
// long as the calls do, and at most the application's ShutdownTimeout or until
// ctx ends; a client that does not read has the grace period. It returns what
// the application's Stop and the listeners return, joined. A second Stop waits
// for the first and returns nil. A server that was not started is only marked,
// and the listeners it was given are closed.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	again, serving := s.ending, s.http != nil
	s.ending = true
	s.mu.Unlock()
	if again {
		select {
		case <-s.finished:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("stop server: %w", ctx.Err())
		}
	}
	defer s.finish()
	if serving {
		return s.shutDown(ctx)
	}
	s.closeGiven()
	return s.application.Stop(ctx)
}

// shutDown stops the application and the net/http server beside each other.
// Shutdown closes the listeners, idle connections and, by GOAWAY, HTTP/2; it
// finds out by polling when all is done, so that is not waited for.
func (s *Server) shutDown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.application.Config().ShutdownTimeout)
	defer cancel()
	polling, stopPolling := context.WithCancel(ctx)
	defer stopPolling()

	var work sync.WaitGroup
	var applicationErr, listenerErr error
	closed, stopped := make(chan struct{}), make(chan struct{})
	s.http.RegisterOnShutdown(func() { close(closed) }) // Shutdown calls it when the listeners are closed
	work.Go(func() { listenerErr = s.http.Shutdown(polling) })
	work.Go(func() {
		defer close(stopped)
		<-closed // whoever is sent away now must not come back to this server
		applicationErr = s.application.Stop(ctx)
	})
	s.drain(ctx, stopped)
	closeErr := s.http.Close()
	stopPolling()
	work.Wait()
	s.serving.Wait()
	s.connections.wait(ctx)

	if errors.Is(listenerErr, context.Canceled) || errors.Is(listenerErr, context.DeadlineExceeded) {
		listenerErr = nil // Shutdown was cut short; what that left is the application's to tell
	}
	if err := errors.Join(listenerErr, closeErr); err != nil {
		return errors.Join(applicationErr, fmt.Errorf("stop server: %w", err))
	}
	return applicationErr
}

// drain waits until the application has stopped and what its calls have written
// is sent, or the time for that is over.
func (s *Server) drain(ctx context.Context, stopped <-chan struct{}) {
	grace := time.NewTimer(s.application.Config().ShutdownGrace)
	defer grace.Stop()
	quiet := time.NewTimer(lastFlush)
	defer quiet.Stop()
	running, patient, settled, seen := true, true, false, 0
	for {
		active, idle, changes := s.connections.count()
		if changes != seen {
			settled, seen = false, changes
			quiet.Reset(lastFlush)
		}
		// An idle HTTP/1.1 connection is on its way out. One that speaks HTTP/2
		// may still have the end of a stream, or GOAWAY, to send: it is
		// reported idle when these are queued, and closed when its client has
		// seen them.
		if !running && (active+idle == 0 || settled && (active == 0 || !patient)) {
			return
		}
		select {
		case <-stopped:
			running, stopped, settled = false, nil, false
			quiet.Reset(lastFlush)
		case <-s.connections.changed:
		case <-quiet.C:
			settled = true
		case <-grace.C:
			// The application now ends the writes of its calls. What is left
			// after that are those of an HTTP/2 connection as a whole, which
			// are not its to end; one that makes some progress goes on, until
			// the next time.
			if !patient {
				s.connections.cut(time.Now().Add(lastFlush / 2))
			}
			patient = false
			grace.Reset(lastFlush)
		case <-ctx.Done():
			return
		}
	}
}
