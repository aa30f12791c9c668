package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/internal/wire"
)

// A Module is a part of an application: it installs plugins and declares
// routes. It answers to Ktor's application module, and nests as Ktor's do, by
// one module calling another.
type Module func(*Application)

// A LifecycleHook is called when an application starts or stops. The context
// ends when the time for it is over.
type LifecycleHook func(ctx context.Context) error

// Config is what an application can be told about itself.
// [Application.Configure] changes it.
type Config struct {
	// Logger takes everything the application has to say. By default
	// slog.Default().
	Logger *slog.Logger
	// Properties is the application's configuration tree: Ktor's
	// environment.config. Empty by default; plugins made with FromProperties
	// start from their part of it.
	Properties Properties
	// Development shows the text of unexpected errors to clients. Off by
	// default; Ktor's ktor.development.
	Development bool
	// WriteTimeout bounds how long bytes may be on their way to a client: each
	// flush, and each piece of at most 256 KiB. Time in which nothing is
	// written does not count. 10 s by default; 0 sets no deadline.
	WriteTimeout time.Duration
	// ReadTimeout bounds how long a client may be silent while the body of its
	// request is awaited: by a handler that reads, whose read fails with an
	// [Error] with 408, or by net/http, which over HTTP/1.1 reads what is left
	// of a body before an answer leaves: then the answer is the last one of the
	// connection, and the call's context ends. 1 min by default; 0 waits for
	// ever. In a server that has set http.Server.ReadTimeout only that counts.
	// See [Call.SetReadTimeout].
	ReadTimeout time.Duration
	// BodyLimit is how many bytes of a request body are received as text,
	// bytes, a form or a value; a longer body is answered with 413. 1 MiB by
	// default; 0 accepts any length.
	BodyLimit int64
	// PartLimit is how many bytes one part of a multipart body may have; a
	// longer one is answered with 413. 50 MiB by default; 0 accepts any length.
	// Ktor's formFieldLimit.
	PartLimit int64
	// ShutdownGrace is how long Stop lets running calls finish before their
	// contexts end. 1 s by default.
	ShutdownGrace time.Duration
	// ShutdownTimeout bounds Stop as a whole. 5 s by default.
	ShutdownTimeout time.Duration
}

// An Application is modules, plugins and routes that have become one
// http.Handler. [New] makes it, [Application.Start] runs its modules, and from
// then until [Application.Stop] it serves calls; before and after it answers
// 503. It is its own outermost [Scope]. Its methods may be called from any
// goroutine, except those that configure it, which belong into modules.
// Ktor: Application.
type Application struct {
	Scope

	modules       []Module
	config        Config
	installations []*installation
	freeze        func() (Router, error)
	mistakes      []error
	onStart       []LifecycleHook
	onPreparing   []func()
	onStop        []LifecycleHook

	state    atomic.Int32
	gate     gate
	live     liveContexts
	limits   *wire.Limits
	events   events
	held     sync.Pool // of *heldBytes
	pieces   sync.Pool // of *[8 << 10]byte, for texts that are wrapped
	base     *Endpoint // what the application's own scope does with a call
	fallback Handler
	router   Router
	ctx      context.Context
	cancel   context.CancelCauseFunc
	work     sync.WaitGroup // of Go
	working  sync.Mutex     // orders Go and the end of ctx, guards workers
	workers  int
	stopped  chan struct{}
}

var _ http.Handler = (*Application)(nil)

// The states of an application, in the order it goes through them.
const (
	stateNew int32 = iota
	stateModules
	stateStarting
	stateRunning
	stateStopping
)

// New returns an application of modules. It runs nothing: [Application.Start]
// does.
func New(modules ...Module) *Application {
	a := &Application{
		modules: modules,
		config: Config{
			WriteTimeout:    10 * time.Second,
			ReadTimeout:     time.Minute,
			BodyLimit:       1 << 20,
			PartLimit:       50 << 20,
			ShutdownGrace:   time.Second,
			ShutdownTimeout: 5 * time.Second,
		},
		stopped: make(chan struct{}),
		limits:  wire.NewLimits(),
	}
	a.Scope = &scope{app: a, path: "the application"}
	a.gate.idle = make(chan struct{})
	a.ctx, a.cancel = context.WithCancelCause(context.WithValue(context.Background(), applicationKey{}, a))
	return a
}

type applicationKey struct{}

// Configure lets configure change the configuration. Modules may call it, and
// who owns the application before Start.
func (a *Application) Configure(configure func(*Config)) {
	if a.sealed().open(Caller(1), "configure") {
		configure(&a.config)
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

// Context returns the context of the application's own work. It ends, with
// [ErrStopping] as its cause, when the shutdown grace is over or no call is
// left. A server that passes it on as BaseContext saves a step in each call.
func (a *Application) Context() context.Context { return a.ctx }

// Fail records a mistake, made at the line that calls Fail. Start returns all
// of them. Nil is ignored.
func (a *Application) Fail(err error) {
	a.FailAt(Caller(1), err)
}

// FailAt is Fail for a mistake that was made at site.
func (a *Application) FailAt(site Site, err error) {
	if err != nil && a.sealed().open(site, err.Error()) {
		a.mistakes = append(a.mistakes, fmt.Errorf("%s: %w", site, err))
	}
}

// OnStart adds work that is done after the modules have run and before the
// first call, in order of addition: what can fail for outside reasons, such as
// opening a database. The first error ends the start.
func (a *Application) OnStart(hook LifecycleHook) {
	if a.sealed().open(Caller(1), "add a start hook") {
		a.onStart = append(a.onStart, hook)
	}
}

// OnStopPreparing adds a function that is called when the application begins to
// stop, while calls still run: the moment to tell long-lived calls to end. It
// must not block. Ktor's ApplicationStopPreparing.
func (a *Application) OnStopPreparing(hook func()) {
	if a.sealed().open(Caller(1), "add a stop-preparing hook") {
		a.onPreparing = append(a.onPreparing, hook)
	}
}

// OnStop adds work that is done when all calls have ended, in reverse order of
// addition. All of it is done, whatever fails, also after a start that failed
// halfway.
func (a *Application) OnStop(hook LifecycleHook) {
	if a.sealed().open(Caller(1), "add a stop hook") {
		a.onStop = append(a.onStop, hook)
	}
}

// A Router is the end of [PhaseCall]. Package routing provides the one that
// applications use.
type Router interface {
	// ServeCall finds the endpoint of the call and lets it serve the call. If
	// there is none it sets the status of the answer and returns nil, so that
	// the fallback phase follows.
	ServeCall(c *Call) error

	// ContextKey returns the key under which the contexts of calls answer with
	// RouterContext.
	ContextKey() any

	// RouterContext makes the router's own context for a call, when somebody
	// first asks for it. The call keeps it; it is never another call's. Routed
	// is the request as routing saw it, nil before that. It may be called from
	// any goroutine.
	RouterContext(c *Call, routed *http.Request) any
}

// SetRouter sets what routes calls: freeze is called once, when all modules
// have run, and returns the router or the mistakes it found, which name their
// own sites.
func (a *Application) SetRouter(freeze func() (Router, error)) {
	if !a.sealed().open(Caller(1), "set a router") {
		return
	}
	if a.freeze != nil {
		a.FailAt(Caller(1), errors.New("the application has a router already"))
		return
	}
	a.freeze = freeze
}

func (a *Application) configurable() bool { return a.state.Load() <= stateModules }
