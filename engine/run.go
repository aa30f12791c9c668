package engine

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// Run starts the server, waits for SIGINT, SIGTERM or the end of a listener,
// and stops the server. It returns nil if a signal has ended it and everything
// stopped as it should, else the error of Start, of the listener, of Stop. A
// second signal ends the process at once, as it does by default. It answers to
// Ktor's start(wait = true).
func (s *Server) Run() error {
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	defer context.AfterFunc(ctx, release)() // a second signal ends a start that hangs, too
	if err := s.Start(ctx); err != nil {
		if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
			return err
		}
		s.application.Logger().Info("the start was broken off", "cause", context.Cause(ctx), "error", err)
		return nil
	}
	select {
	case <-ctx.Done():
		s.application.Logger().Info("stopping", "cause", context.Cause(ctx))
	case <-s.died:
	case <-s.finished: // somebody else has called Stop
	}
	release()
	stopErr := s.Stop(context.Background())
	return errors.Join(s.Wait(), stopErr)
}
