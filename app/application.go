package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/internal/wire"
)

// A Module is a part of an application: it configures it, installs plugins and
// declares routes. Modules nest by one calling another.
//
// Ktor: application module.
type Module func(*Application)

// An Application is modules, plugins and routes that have become one
// http.Handler. [New] makes it, [Application.Start] runs its modules, and from
// then until [Application.Stop] it serves calls; before and afterwards it
// answers 503. The zero Application is not usable. It is its own outermost
// [Scope]. Its methods may be called from any goroutine, except those that
// configure it, which are for modules.
//
// Ktor: Application.
type Application struct {
	scope // the application's own, around all others

	// Written by New.
	modules []Module
	limits  *wire.Limits
	stopped chan struct{} // closed when all is done

	// Written while the modules run, read afterwards.
	config        Config
	installations []*installation // of all scopes
	freeze        func() (Router, error)
	loaded        hooks[func() error]
	pairs         []pair
	preparing     hooks[func()]
	mistakes      []error

	// Written by Start before the first call, and never again.
	base     *Endpoint // what the application's own scope does with a call
	fallback Handler
	router   Router

	// Written by Start, read by whoever ends what has begun.
	begun int // how many of pairs have started and are not stopped

	// What follows may be used by any goroutine.
	state    atomicState
	events   events
	gate     gate // the calls that are inside
	live     liveContexts
	taken    hijacks
	requests stopRequests
	left     *sync.Cond // for calls that wait until a late write has left their door
	held     sync.Pool  // of *heldBytes
	pieces   sync.Pool  // of *[8 << 10]byte, for texts that are wrapped

	// The work of Go.
	ctx     context.Context
	cancel  context.CancelCauseFunc
	work    sync.WaitGroup
	working sync.Mutex // orders Go and the end of ctx, guards workers
	workers int
}

var (
	_ http.Handler = (*Application)(nil)
	_ Scope        = (*Application)(nil)
)

// New returns an application of modules. It runs nothing: [Application.Start]
// does. A nil module is a mistake of the line that calls New.
func New(modules ...Module) *Application {
	a := &Application{modules: modules, config: defaults(), limits: wire.NewLimits(), stopped: make(chan struct{}), left: sync.NewCond(&sync.Mutex{})}
	a.app, a.path = a, "the application"
	a.gate.idle = make(chan struct{})
	a.ctx, a.cancel = context.WithCancelCause(context.WithValue(context.Background(), applicationKey{}, a))
	for i, module := range modules {
		accepts(change{&a.scope, nil, Caller(1)}, "new application", nth("module", i, len(modules)), module)
	}
	return a
}

type applicationKey struct{}

// Configure lets configure change the configuration. Modules may call it, and
// whoever has made the application before Start. A nil configure is a mistake,
// and so is a negative limit.
func (a *Application) Configure(configure func(*Config)) {
	site := Caller(1)
	if !accepts(change{&a.scope, nil, site}, "configure", "the configuration function", configure) {
		return
	}
	configure(&a.config)
	for _, mistake := range a.config.check() {
		a.FailAt(site, mistake)
	}
}

// Config returns a copy of the configuration.
func (a *Application) Config() Config { return a.config }

// Logger returns the application's logger, never nil.
func (a *Application) Logger() *slog.Logger {
	if a.config.Logger == nil {
		return slog.Default()
	}
	return a.config.Logger
}

// RootPath returns what the paths of all routes begin with: see
// [Config.RootPath].
//
// Ktor: rootPath.
func (a *Application) RootPath() string { return a.config.RootPath }

// Context returns the context of the application's own work. It ends, with
// [ErrStopping] as its cause, when the shutdown grace is over or no call is
// left. A server that passes it on as BaseContext saves a step in each call.
func (a *Application) Context() context.Context { return a.ctx }

// Fail records a mistake, made at the line that calls Fail. Start returns all
// of them, joined, if they are recorded while modules, modules-loaded hooks or
// listeners of [ModulesLoaded] run; one that comes later is logged as an error.
// Nil is ignored.
func (a *Application) Fail(err error) {
	a.FailAt(Caller(1), err)
}

// FailAt is Fail for a mistake that was made at site. Errors that are joined are
// a mistake each.
func (a *Application) FailAt(site Site, err error) {
	switch {
	case err == nil:
	case a.state.Load() <= stateLoaded:
		for _, one := range mistakes.Split(err) {
			a.mistakes = append(a.mistakes, fmt.Errorf("%s: %w", site, sound(one)))
		}
	default:
		a.refuse(site, sound(err).Error())
	}
}

// refuse logs what comes too late.
func (a *Application) refuse(site Site, what string) {
	a.Logger().Error("the application has started: nothing was changed",
		"refused", what, "site", site.String(), "state", a.state.Load().String())
}
