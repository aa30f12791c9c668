package app

import "context"

// A LifecycleHook is called when an application starts or stops. The context
// ends when the time for it is over.
type LifecycleHook func(ctx context.Context) error

// OnStart adds work that is done after the modules have run and before the
// first call, in order of addition: what can fail for outside reasons, such as
// opening a database. The first error ends the start.
func (a *Application) OnStart(hook LifecycleHook) { change{&a.scope, nil, Caller(1)}.onStart(hook) }

// OnStopPreparing adds a function that is called when the application begins to
// stop, while calls still run: the moment to tell long-lived calls to end. It
// must not block. If the start has failed it is not called.
//
// Ktor: ApplicationStopPreparing.
func (a *Application) OnStopPreparing(hook func()) {
	change{&a.scope, nil, Caller(1)}.onStopPreparing(hook)
}

// OnStop adds work that is done when all calls have ended, in reverse order of
// addition. All of it is done, whatever fails, also after a start that failed
// halfway.
func (a *Application) OnStop(hook LifecycleHook) { change{&a.scope, nil, Caller(1)}.onStop(hook) }

func (c change) onStart(run LifecycleHook) {
	if accepts(c, "add a start hook", "the hook", run) {
		c.app.starting = append(c.app.starting, run)
	}
}

func (c change) onStopPreparing(run func()) {
	c.app.preparing.add(c, "add a stop-preparing hook", "the hook", run)
}

func (c change) onStop(run LifecycleHook) {
	if accepts(c, "add a stop hook", "the hook", run) {
		c.app.stopping = append(c.app.stopping, run)
	}
}
