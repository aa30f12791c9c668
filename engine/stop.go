package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Stop stops the server: it has the application drain for the time of
// [ShutdownDelay], closes the listeners, stops the application (see
// [app.Application.Stop]), waits until what the calls have written is sent,
// closes all connections and waits for the server's goroutines. After the delay
// it takes as long as the calls do, and at most the application's
// ShutdownTimeout or until ctx ends, but for a moment for each hook that does
// not return; a client that does not read has the grace period. It returns what
// the application's Stop and the listeners return, joined. A second Stop waits
// for the first and returns nil. Stop before Start closes the listeners that the
// server was given, and the server cannot be started any more.
func (s *Server) Stop(ctx context.Context) error { return s.stop(ctx, s.linger) }

// stop is Stop, with what waits for the delay.
func (s *Server) stop(ctx context.Context, linger func(context.Context)) error {
	s.mu.Lock()
	again, serving := s.phase == phaseEnding, s.http != nil
	s.phase = phaseEnding
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
	var err error
	if serving {
		s.application.Drain()
		linger(ctx)
		err = s.shutDown(ctx)
	} else {
		s.closeGiven()
		err = s.application.Stop(ctx)
	}
	s.failWith(err)
	return err
}

// linger waits for the delay between draining and the end of the listeners, but
// no longer than ctx lasts, and leaves of it what the rest of the stop needs.
func (s *Server) linger(ctx context.Context) {
	delay := s.lingers()
	if deadline, ok := ctx.Deadline(); ok {
		delay = min(delay, time.Until(deadline)-s.application.Config().ShutdownTimeout)
	}
	if delay <= 0 {
		return
	}
	s.application.Logger().Info("draining", "delay", delay)
	over := time.NewTimer(delay)
	defer over.Stop()
	select {
	case <-over.C:
	case <-ctx.Done():
	}
}

// lingers returns the delay that a stop has.
func (s *Server) lingers() time.Duration {
	if s.delay == 0 && s.hasSuccessor() {
		return handoverDelay
	}
	return s.delay
}

// stopRequested stops the server because the application has asked for it.
func (s *Server) stopRequested(cause error) {
	if cause == nil {
		s.application.Logger().Info("stopping, as the application has asked for")
	} else {
		s.application.Logger().Info("stopping, as the application has asked for", "cause", cause)
		s.failWith(cause)
	}
	// Who started the server waits for finished. What goes wrong, Run returns.
	go func() { _ = s.Stop(context.Background()) }()
}

// failWith keeps an error for Run to return.
func (s *Server) failWith(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopErr = errors.Join(s.stopErr, err)
}

// shutDown stops the application and the net/http server at the same time.
// http.Server.Shutdown closes the listeners and idle connections, and sends
// GOAWAY to HTTP/2 clients. It polls to find out when all is done, so nothing
// here waits for it: drain does better.
func (s *Server) shutDown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.application.Config().ShutdownTimeout)
	defer cancel()
	polling, stopPolling := context.WithCancel(ctx)
	defer stopPolling()

	var work sync.WaitGroup
	var applicationErr, listenerErr, carrierErr error
	closed, lastCall, stopped := make(chan struct{}), make(chan struct{}), make(chan struct{})
	// Shutdown calls it when the listeners are closed, and so does one of whoever
	// has got hold of the server by HTTPServer.
	s.http.RegisterOnShutdown(sync.OnceFunc(func() { close(closed) }))
	work.Go(func() { listenerErr = s.http.Shutdown(polling) })
	work.Go(func() { carrierErr = s.shutDownCarriers(ctx, s.bound) })
	work.Go(func() {
		defer close(stopped)
		<-closed // a client that is sent away now must not come back to this server
		applicationErr = s.application.StopAfter(ctx, func(grace context.Context) {
			select {
			case <-lastCall:
			case <-grace.Done():
			}
		})
	})
	s.drain(ctx, lastCall, stopped)
	closeErr := s.http.Close()
	stopPolling()
	work.Wait()
	s.serving.Wait()
	s.connections.wait(ctx)

	if errors.Is(listenerErr, context.Canceled) || errors.Is(listenerErr, context.DeadlineExceeded) {
		listenerErr = nil // Shutdown was cut short; what that left, the application reports
	}
	if err := errors.Join(listenerErr, carrierErr, closeErr); err != nil {
		return errors.Join(applicationErr, fmt.Errorf("stop server: %w", err))
	}
	return applicationErr
}
