package engine

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// Run starts the server, waits for SIGINT, SIGTERM, a failing listener or a
// call of [Server.Stop], and stops the server. It returns the errors of Start,
// of the listener and of Stop, and nil if there are none. A second signal ends
// the process at once, as it does by default.
//
// Ktor: start(wait = true).
func (s *Server) Run() error {
	ctx, release := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer release()
	// From the first signal on, a second one ends a start that hangs, too.
	defer context.AfterFunc(ctx, release)()
	if err := s.Start(ctx); err != nil {
		if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
			return err
		}
		s.application.Logger().Info("the start was interrupted", "cause", context.Cause(ctx), "error", err)
		return nil
	}
	select {
	case <-ctx.Done():
		s.application.Logger().Info("stopping", "cause", context.Cause(ctx))
	case <-s.died:
	case <-s.finished: // Stop was called
	}
	release()
	stopErr := s.Stop(context.Background())
	return errors.Join(s.Wait(), stopErr)
}
