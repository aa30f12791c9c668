package app

import "context"

// A LifecycleHook is called when an application starts or stops. The context
// ends when the time for it is over.
type LifecycleHook func(ctx context.Context) error

// A pair is what is done when the application starts, and what undoes it when
// it stops. OnStart adds one without a stop, OnStop one without a start, which
// has started as soon as its turn has come.
type pair struct {
	start, stop LifecycleHook
	name        string // of the one that there is, for messages
}

// placed names a hook for messages: what, and the line that added it or
// installed its plugin.
func placed(what string, owner *installation, site Site) string {
	if owner != nil {
		what += " of " + owner.name + ", installed"
	}
	return what + " at " + site.String()
}

// OnModulesLoaded adds a check that is made when all modules have run: one that
// looks at what several of them have declared, such as whether another plugin
// is installed, whatever the order. An error that it returns is a mistake of
// the line that calls OnModulesLoaded; it is made whether or not there are
// other mistakes, so that all come together. Checks run in order of addition,
// when the routes are frozen. They may look, and call [Application.Fail], but
// change nothing: installing or routing there is a mistake.
//
// Ktor: ApplicationModulesLoaded.
func (a *Application) OnModulesLoaded(hook func() error) {
	change{&a.scope, nil, Caller(1)}.onModulesLoaded(hook)
}

// OnStart adds work that is done after the modules have run and before the
// first call: what can fail for outside reasons, such as opening a database.
// Start hooks run one after the other, in order of addition. The first error
// ends the start, and what has started is stopped.
//
// A start hook and the [Application.OnStop] that is added after it are a pair:
// the stop hook runs only if the start hook has returned nil.
//
//	a.OnStart(db.Open)
//	a.OnStop(db.Close)
func (a *Application) OnStart(hook LifecycleHook) { change{&a.scope, nil, Caller(1)}.onStart(hook) }

// OnStopPreparing adds a function that is called when the application begins to
// stop, while calls still run: the moment to tell long-lived calls to end. It
// must not block: one that does is left behind when [Config.ShutdownTimeout] is
// over. If the start has failed it is not called.
//
// Ktor: ApplicationStopPreparing.
func (a *Application) OnStopPreparing(hook func()) {
	change{&a.scope, nil, Caller(1)}.onStopPreparing(hook)
}

// OnStop adds work that is done when all calls have ended, and after a start
// that has failed halfway. It is done if every start hook that was added before
// it has returned nil: what did not start is not stopped. So a stop hook is
// added right after the start hook whose work it undoes; one that is added
// before any start hook runs whenever start hooks were run at all.
//
// Stop hooks run one after the other, in reverse order of addition, all of
// them, whatever fails, each on a goroutine of its own. They share what is left
// of [Config.ShutdownTimeout]; when it is over, those that are left are still
// called, with a context that has ended. One that has not returned a tenth of a
// second later is left behind. The errors of all are returned, with the lines
// that added them.
//
// Ktor: ApplicationStopped.
func (a *Application) OnStop(hook LifecycleHook) { change{&a.scope, nil, Caller(1)}.onStop(hook) }

func (c change) onModulesLoaded(run func() error) {
	c.app.loaded.add(c, "add a modules-loaded hook", "the hook", run)
}

func (c change) onStart(run LifecycleHook) {
	if accepts(c, "add a start hook", "the hook", run) {
		c.app.pairs = append(c.app.pairs, pair{start: run, name: placed("the start hook", c.owner, c.reported())})
	}
}

func (c change) onStopPreparing(run func()) {
	c.app.preparing.add(c, "add a stop-preparing hook", "the hook", run)
}

func (c change) onStop(run LifecycleHook) {
	if accepts(c, "add a stop hook", "the hook", run) {
		c.app.pairs = append(c.app.pairs, pair{stop: run, name: placed("the stop hook", c.owner, c.reported())})
	}
}
