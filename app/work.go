package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Go runs work beside the handler that calls it, on a goroutine that ends with
// the call. The context is the call's, and ends also when the handlers have
// returned; the call waits for the work before it is over. The first error or
// panic of work fails the call, unless the handlers have failed before; an error
// that only says that the context has ended does not. Work must not write to the
// response. Nil is logged as an error, with the caller's line, and runs nothing.
//
// Ktor: launch.
func (c *Call) Go(work func(ctx context.Context) error) {
	if work == nil {
		c.logger().Error("no work was started: the function is nil", "site", Caller(1).String())
		return
	}
	rare := c.seldom()
	if rare.work == nil {
		rare.work = &group{}
		rare.work.ctx, rare.work.cancel = context.WithCancelCause(c.Context())
	}
	rare.work.run(work)
}

// endWork waits for the work of the call, whose handlers have returned, and
// returns the first error of it, once.
func (c *Call) endWork() error {
	if c.rare == nil || c.rare.work == nil {
		return nil
	}
	work := c.rare.work
	work.cancel(context.Cause(c.Context())) // it may not have come as far as the work
	work.wait.Wait()
	err := work.err
	work.err, work.once = nil, sync.Once{}
	return err
}

// failByWork fails the call by what the work beside it has ended with, unless
// the handlers have failed before. A panic is said in any case.
func (c *Call) failByWork() {
	if err := c.endWork(); err != nil && (!c.failed() || isPanic(err)) {
		c.fail(err)
	}
}

// endLateWork waits for the work that hooks have begun when the handlers had
// returned.
func (c *Call) endLateWork() {
	if err := c.endWork(); err != nil && (!c.failed() || isPanic(err)) {
		c.logger().Error("work beside a call failed after its answer", withStack(err)...)
	}
}

// group is work that somebody waits for.
type group struct {
	ctx    context.Context //nolint:containedctx // its own, which ends with the handlers
	cancel context.CancelCauseFunc
	wait   sync.WaitGroup
	once   sync.Once
	err    error // the first one; read it after waiting
}

func (g *group) run(work func(context.Context) error) {
	g.wait.Go(func() {
		Attempt(func() error { return work(g.ctx) }, func(err error) {
			if err != nil && (isPanic(err) || g.ctx.Err() == nil || !errors.Is(err, g.ctx.Err())) {
				g.once.Do(func() { g.err = err })
			}
		})
	})
}

// Go runs work that belongs to the application: its context ends when the
// application stops, after the last call or the grace period, and Stop waits
// for it before the stop hooks run. An error or panic is logged; it does not
// stop the application. It may be called from any goroutine while the
// application starts or runs; later it is a logged error and work does not run.
// Nil is logged as well.
//
// Ktor: launch in an Application.
func (a *Application) Go(work func(ctx context.Context) error) {
	site := Caller(1)
	if work == nil {
		a.Logger().Error("no work was started: the function is nil", "site", site.String())
		return
	}
	a.working.Lock()
	defer a.working.Unlock()
	if a.ctx.Err() != nil {
		a.Logger().Error("work was not started: the application has stopped", "site", site.String())
		return
	}
	a.workers++
	a.work.Go(func() {
		defer func() {
			a.working.Lock()
			defer a.working.Unlock()
			a.workers--
		}()
		Attempt(func() error { return work(a.ctx) }, func(err error) {
			if err != nil && (isPanic(err) || !errors.Is(err, context.Canceled)) {
				a.Logger().Error("work of the application failed", withStack(err, "site", site.String())...)
			}
		})
	})
}

// endWork ends the context of the application's work and waits for it, as long
// as ctx lasts.
func (a *Application) endWork(ctx context.Context) error {
	a.working.Lock()
	a.cancel(ErrStopping)
	a.working.Unlock()
	done := make(chan struct{})
	go func() {
		a.work.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	a.working.Lock()
	defer a.working.Unlock()
	if a.workers == 0 { // ctx was over before there was time to look
		return nil
	}
	return fmt.Errorf("stop application: %d pieces of work are still running: %w", a.workers, ctx.Err())
}
