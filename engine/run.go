package engine

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// Run starts the server, waits for SIGINT, SIGTERM, a failing listener, a call
// of [Server.Stop] or of [app.Application.RequestStop], and stops the server. It
// returns the errors of Start, of the listener and of Stop, and the cause of a
// stop that was requested; nil if there are none. A second signal ends a
// [ShutdownDelay], and after that, or if there is none, the process at once, as
// it does by default. See [Restart] for what replaces the process.
//
// If the variable NOTIFY_SOCKET is set, systemd is told when the server is ready
// and when it stops (sd_notify(3), Type=notify).
//
// Ktor: start(wait = true).
func (s *Server) Run() error {
	ctx, release := notified(context.Background())
	defer release()
	// From the first signal on, a second one ends a start that hangs, too.
	defer context.AfterFunc(ctx, release)()
	asked, ignore := s.restarts()
	defer ignore()
	return s.run(ctx, supervision{asked, s.notifySystemd, func(ctx context.Context) {
		release()
		if s.lingers() > 0 {
			patience, release := notified(ctx)
			defer release()
			s.linger(patience)
		}
	}})
}

// notified returns a context that ends with a signal that asks the process to.
func notified(ctx context.Context) (context.Context, context.CancelFunc) {
	return signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
}

// RunContext is [Server.Run] for a program that handles signals by itself, or
// has several servers: it handles none, and stops the server when ctx ends. As
// Run does it returns nil if ctx has ended the start. The stop is not bounded by
// ctx, but by the delay and ShutdownTimeout.
//
// Ktor: parentCoroutineContext.
func (s *Server) RunContext(ctx context.Context) error {
	return s.run(ctx, supervision{notify: func(string) {}, linger: s.linger})
}

// supervision is what a server has of its process while it runs.
type supervision struct {
	restart <-chan os.Signal          // asks for another process; nil for never
	notify  func(state string)        // tells systemd
	linger  func(ctx context.Context) // waits for the delay of a stop
}

func (s *Server) run(ctx context.Context, around supervision) error {
	if err := s.Start(ctx); err != nil {
		if ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
			return err
		}
		s.application.Logger().Info("the start was interrupted", "cause", context.Cause(ctx), "error", err)
		return nil
	}
	around.notify(notifyReady)
	s.predecessor.tell()
	s.await(ctx, around.restart)
	if !s.hasSuccessor() {
		around.notify(notifyStopping)
	}
	_ = s.stop(context.WithoutCancel(ctx), around.linger) // kept
	failure := s.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(failure, s.stopErr)
}

// await returns when the server is to stop.
func (s *Server) await(ctx context.Context, restart <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			s.application.Logger().Info("stopping", "cause", context.Cause(ctx))
			return
		case <-s.died:
			return
		case <-s.finished: // Stop was called
			return
		case <-restart:
			if s.handOver(ctx) {
				return
			}
		}
	}
}
