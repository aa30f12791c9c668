package app

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
)

// Start runs the modules, freezes the routes and returns every mistake that was
// found, joined; if there is none it runs the start hooks. From then on the
// application serves calls. An application starts once. If Start fails, the
// application has stopped, and what had started is stopped.
//
// Ctx bounds the start. The hooks are given it. A module, or a hook that does
// not look at it, is left behind a tenth of a second after its end, and the
// error names it: its goroutine goes on for as long as it likes, but what it
// declares is refused with a logged error, nothing follows it, and what it opens
// is not closed.
func (a *Application) Start(ctx context.Context) error {
	if !a.state.move(stateNew, stateModules) {
		return errors.New("start application: it was started or stopped before")
	}
	up := &startup{done: make(chan error, 1)}
	go up.run(func() error { return a.start(ctx, up) })
	err := up.wait(ctx)
	if err == nil && !a.state.move(stateStarting, stateRunning) {
		err = fmt.Errorf("start application: %w", ErrStopping)
	}
	if err == nil {
		Started.Raise(a, a)
		return nil
	}
	undone := a.undoStart(ctx)
	if _, exited := errors.AsType[exitedError](err); exited {
		// A module or hook has ended its goroutine, as t.FailNow does, and the
		// start with it.
		a.Logger().Error("the start was ended", withStack(err)...)
		_ = a.abandon(nil)
		runtime.Goexit()
	}
	return a.abandon(errors.Join(err, undone))
}

// start is the part of Start that may be left behind.
func (a *Application) start(ctx context.Context, up *startup) error {
	a.load(up)
	if !a.state.move(stateLoaded, stateStarting) {
		return fmt.Errorf("start application: %w", ErrStopping)
	}
	if len(a.mistakes) > 0 {
		return errors.Join(a.mistakes...)
	}
	for _, pair := range a.pairs {
		if pair.start != nil {
			up.enter(pair.name)
			if err := recovered(pair.start, ctx); err != nil {
				a.logPanic("a start hook", err)
				return fmt.Errorf("start application: %w", err)
			}
		}
		if !up.goesOn(func() { a.begun++ }) {
			break
		}
	}
	return nil
}

// load runs the modules, and finds their mistakes.
func (a *Application) load(up *startup) {
	for i, module := range a.modules {
		if module != nil && a.state.Load() == stateModules {
			up.enter(nth("module", i, len(a.modules)) + ", " + nameOfFunction(module) + ",")
			a.run("module", func() { module(a) })
		}
	}
	up.enter("a check of what the modules have declared")
	if !a.state.move(stateModules, stateLoaded) {
		return // Stop was called meanwhile
	}
	a.build()
	for _, check := range a.loaded {
		a.run("modules-loaded hook", func() { check.report(a, check.run()) })
	}
	if len(a.mistakes) == 0 {
		ModulesLoaded.Raise(a, a)
	}
}

// run runs a module, or a check of what modules have declared, and records a
// panic in it as a mistake.
func (a *Application) run(what string, declare func()) {
	defer func() {
		if value := recover(); value != nil {
			site, err := panicSite(), ended(value)
			a.logPanic("a "+what, err)
			a.FailAt(site, fmt.Errorf("%s: %w", what, err))
		}
	}()
	declare()
}

// logPanic logs the stack of a panic, which is too long for the error that says
// what has happened.
func (a *Application) logPanic(what string, err error) {
	if isPanic(err) {
		a.Logger().Error(what+" panicked", withStack(err)...)
	}
}

// undoStart runs the stop hooks after a start that failed, perhaps because its
// context has ended: they have the time that a stop has.
func (a *Application) undoStart(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.config.ShutdownTimeout)
	defer cancel()
	return a.runStopHooks(ctx)
}

// build freezes the routes and the application's own pipelines.
func (a *Application) build() {
	a.setLimits()
	var ofFallback, ofRouter, ofBase error
	a.fallback, _, ofFallback = chain(a.effective(PhaseFallback, PhaseFallback), answerUnanswered)
	if a.freeze != nil {
		a.router, ofRouter = a.freeze()
	}
	a.base = newEndpoint(&a.scope, "")
	a.base.serve, a.base.around, ofBase = chain(a.effective(PhaseSetup, PhaseCall), a.route)
	if err := errors.Join(ofFallback, ofRouter, ofBase); err != nil {
		a.mistakes = append(a.mistakes, err)
	}
}

// route is the end of the application's own call phase.
func (a *Application) route(c *Call) error {
	if a.router != nil && !c.Answered() {
		if err := a.router.ServeCall(c); err != nil {
			return err
		}
	}
	if c.Answered() {
		return nil
	}
	return a.fallback(c)
}

// abandon ends an application that did not start, unless it has ended.
func (a *Application) abandon(err error) error {
	if a.state.advance(stateStopping) == stateStopped {
		return err
	}
	defer a.end()
	a.gate.close()
	ctx, cancel := context.WithTimeout(context.Background(), a.config.ShutdownTimeout)
	defer cancel()
	return errors.Join(err, a.endWork(ctx), Stopping.raiseWithin(ctx, a, a), Stopped.raiseWithin(ctx, a, a))
}

// end is the last thing that happens to an application.
func (a *Application) end() {
	a.state.advance(stateStopped)
	close(a.stopped)
}

// Stop ends the application: new calls are answered with 503, the
// stop-preparing hooks run, running calls may finish for the grace period, then
// their contexts end with [ErrStopping]; when the last call has returned, or
// the shutdown time-out or ctx is over, the stop hooks run: see
// [Application.OnStop]. Connections that were hijacked may be closed by whoever
// has them in the grace period, and are closed when it is over. Stop returns what
// the hooks return, and an error that names the calls, hooks and listeners that
// were left behind: it waits for nothing longer than the time-out and a moment.
// An application that was not started is only marked; a second Stop waits for
// the first.
func (a *Application) Stop(ctx context.Context) error { return a.StopAfter(ctx, nil) }

// StopAfter is [Application.Stop] for a server that has closed its listeners:
// calls that still come on open connections are served until lastCall returns,
// so that a client which is about to be sent away loses none. The stop-preparing
// hooks have run by then. The context of lastCall ends with the grace period. If
// lastCall is nil, or the application was not started, it is Stop.
func (a *Application) StopAfter(ctx context.Context, lastCall func(ctx context.Context)) error {
	before := a.state.advance(stateStopping)
	switch before {
	case stateRunning, stateDraining:
	case stateNew:
		return a.abandon(nil)
	default: // another Stop, or a Start that will see the new state, does the work
		select {
		case <-a.stopped:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("stop application: %w", ctx.Err())
		}
	}
	defer a.end()
	ctx, cancel := context.WithTimeout(ctx, a.config.ShutdownTimeout)
	defer cancel()
	grace, endGrace := context.WithTimeout(ctx, a.config.ShutdownGrace)
	defer endGrace()
	if lastCall == nil {
		a.gate.close()
	}
	var errs []error
	if before == stateRunning {
		errs = append(errs, Draining.raiseWithin(ctx, a, a))
	}
	for _, preparing := range a.preparing {
		name := placed("the stop-preparing hook", preparing.owner, preparing.site)
		errs = append(errs, a.within(ctx, name, func(context.Context) error { preparing.run(); return nil }))
	}
	a.taken.tell()
	if lastCall != nil {
		lastCall(grace)
		a.gate.close()
	}
	errs = append(errs, a.drain(ctx, grace), a.endWork(ctx), Stopping.raiseWithin(ctx, a, a))
	errs = append(errs, a.runStopHooks(ctx), Stopped.raiseWithin(ctx, a, a))
	return errors.Join(errs...)
}

// Drain says that the application is about to stop, so that those who send it
// calls can go elsewhere before its server closes anything: [Application.Draining]
// is true from then on, which answers for readiness are made of, [Draining] is
// raised, and answers over HTTP/1.1 ask their clients to close the connection.
// Calls are served as before, until [Application.Stop]. It returns when the
// listeners have, and waits no longer for them than a stop does. An application
// that does not run, or drains already, is left as it is.
//
// The server of package engine calls it at the begin of its Stop. In somebody
// else's http.Server it comes before Shutdown: Drain, a delay in which load
// balancers notice, Shutdown, Stop.
func (a *Application) Drain() {
	if !a.state.move(stateRunning, stateDraining) {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), a.config.ShutdownTimeout)
	defer cancel()
	if err := Draining.raiseWithin(ctx, a, a); err != nil {
		a.Logger().Error("draining", "error", err)
	}
}

// Draining reports whether [Application.Drain] was called, or the application
// has begun to stop, or has stopped, also after a start that failed. It may be
// called from any goroutine.
func (a *Application) Draining() bool { return a.state.Load() >= stateDraining }

// Stopping reports whether the application has begun to stop, or has stopped,
// also after a start that failed: from then on new calls are answered with 503,
// except as [Application.StopAfter] says. It is true before the stop-preparing
// hooks run, and may be called from any goroutine.
func (a *Application) Stopping() bool { return a.state.Load() >= stateStopping }

// drain waits for the calls to end, and for the connections that they have
// hijacked. When the grace period is over it ends the contexts of the calls, and
// closes these connections.
func (a *Application) drain(ctx, grace context.Context) error {
	if a.isDone(grace) {
		return nil
	}
	a.cancel(ErrStopping)
	a.taken.cut()
	select {
	case <-a.gate.gone():
		return nil
	case <-ctx.Done():
	}
	if left := a.gate.inside(); left > 0 { // else ctx was over before there was time to look
		return fmt.Errorf("stop application: %d calls still running: %w", left, ctx.Err())
	}
	return nil
}

// isDone waits until no call is left and no connection that one has hijacked,
// and reports whether that came before the end of the grace period.
func (a *Application) isDone(grace context.Context) bool {
	for _, gone := range [...]func() <-chan struct{}{a.gate.gone, a.taken.gone} {
		select {
		case <-gone():
		case <-grace.Done():
			return false
		}
	}
	return true
}

// runStopHooks undoes what has started, all of it, also when ctx has ended.
func (a *Application) runStopHooks(ctx context.Context) error {
	var errs []error
	for a.begun > 0 {
		a.begun--
		if pair := a.pairs[a.begun]; pair.stop != nil {
			errs = append(errs, a.within(ctx, pair.name, pair.stop))
		}
	}
	return errors.Join(errs...)
}

// lastMoment is how long a hook of a stop has to return when the time is over,
// before the stop goes on without it: long enough for one that only looks at
// its context, or is called no sooner.
const lastMoment = 100 * time.Millisecond

// within runs code that belongs to a stop, on a goroutine of its own, so that
// it can be left behind when ctx has ended. The error has the name of the code.
func (a *Application) within(ctx context.Context, name string, code func(context.Context) error) error {
	done := make(chan error, 1)
	go Attempt(func() error { return code(ctx) }, func(err error) { done <- err })
	over := make(<-chan time.Time)
	for ended := ctx.Done(); ; {
		select {
		case err := <-done:
			if err == nil {
				return nil
			}
			a.logPanic(name, err)
			return fmt.Errorf("stop application: %s: %w", name, err)
		case <-ended:
			moment := time.NewTimer(lastMoment)
			defer moment.Stop()
			ended, over = nil, moment.C
		case <-over:
			return fmt.Errorf("stop application: %s has not returned: %w", name, ctx.Err())
		}
	}
}
