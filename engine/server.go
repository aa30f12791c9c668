package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/shutdownurl"
)

// A Server serves one application on any number of connectors. [EmbeddedServer]
// makes it; the zero Server is of no use. It starts once and stops once. Its
// methods may be called concurrently.
//
// Ktor: EmbeddedServer.
type Server struct {
	application *app.Application
	host        string   // of what a configuration or a port alone asks for
	first       *address // that of Port and Host, nil if neither is used
	further     []connector
	systemd     *systemd // one of further, nil without
	resources   fs.FS    // where files are looked for first, nil without
	cleartext   bool
	secure      *connector // that of ktor.deployment.sslPort, nil without
	shutdownURL string     // empty without one
	configure   []func(*http.Server)
	startup     time.Duration // how long the start of the application may take; 0 for ever
	delay       time.Duration // between draining and the end of the listeners
	restart     []os.Signal   // by which Run replaces the process; none without

	challenges  []func(http.Handler) http.Handler // of certificate authorities, when bound: fronts
	via         []func(TransportConfig) Transport
	announced   atomic.Pointer[announcement] // of transports; nil for nothing
	connections connections
	serving     sync.WaitGroup // the goroutines that accept
	finish      func()         // closes finished
	finished    chan struct{}  // Stop is done, or Start has failed
	died        chan struct{}  // a listener has failed

	predecessor predecessor // written by Start

	mu        sync.Mutex // guards the fields below
	phase     phase
	http      *http.Server
	bound     []binding
	failure   error // of the first listener that has failed
	successor bool  // another process has the sockets
	stopErr   error // what stopping has returned, and the cause of a stop that was requested
}

// A phase is how far a server has come, by what was called. It only grows.
type phase uint8

const (
	phaseNew      phase = iota
	phaseStarting       // Start was called
	phaseEnding         // Stop was called
)

// EmbeddedServer returns a server for an application of module. It runs nothing
// and opens nothing: [Server.Start] does. Without a connector among the options
// it listens on 0.0.0.0:80. A nil module is a mistake that Start returns, with
// the line that calls EmbeddedServer.
//
// Ktor: embeddedServer.
func EmbeddedServer(module app.Module, options ...Option) *Server {
	site := app.Caller(1)
	if module == nil {
		module = func(a *app.Application) { a.FailAt(site, errors.New("embedded server: the module is nil")) }
	}
	return newServer(site, module, options)
}

// newServer returns a server that site asks for.
func newServer(site app.Site, module app.Module, options []Option) *Server {
	s := &Server{
		application: app.New(module),
		host:        defaultHost,
		startup:     startupTimeout,
		finished:    make(chan struct{}),
		died:        make(chan struct{}),
	}
	s.finish = sync.OnceFunc(func() { close(s.finished) })
	s.application.HandleStopRequests(s.stopRequested)
	for i, option := range options {
		if option == nil {
			option = mistake(site, fmt.Sprintf("embedded server: option %d is nil", i+1))
		}
		option(s)
	}
	return s
}

// Application returns the application that the server serves, never nil, before
// Start and after Stop too.
func (s *Server) Application() *app.Application { return s.application }

// Start starts the application, then binds all connectors, then serves and
// returns. The mistakes of options and modules are returned, all together,
// before anything listens. If a connector cannot be bound, the error names its
// address, the others are closed and the application is stopped. The context
// bounds the start alone, and so does [StartupTimeout]: see
// [app.Application.Start] for a module that never returns. A server that has
// failed to start cannot be started again.
func (s *Server) Start(ctx context.Context) error {
	s.mu.Lock()
	again := s.phase > phaseNew
	s.phase = max(s.phase, phaseStarting)
	s.mu.Unlock()
	if again {
		return errors.New("start server: it was started or stopped before")
	}
	if err := s.startApplication(ctx); err != nil {
		s.closeGiven()
		s.finish()
		return err
	}
	bound, err := s.bind(ctx)
	if err == nil {
		err = s.serve(bound)
	}
	if err != nil {
		s.closeGiven()
		stopErr := s.application.Stop(context.WithoutCancel(ctx))
		s.finish()
		return errors.Join(fmt.Errorf("start server: %w", err), stopErr)
	}
	app.ServerReady.Raise(s.application, s.application)
	for _, b := range bound {
		// Ktor logs this line; terminals make a link of it.
		s.application.Logger().Info("Responding at " + b.url)
		for _, c := range b.carriers {
			s.application.Logger().Info("Responding at " + c.url)
		}
	}
	return nil
}

// startApplication starts the application within the time for that, and logs
// how long it has taken, as Ktor does.
func (s *Server) startApplication(ctx context.Context) error {
	began := time.Now()
	if s.shutdownURL != "" {
		s.application.Install(shutdownurl.EnginePlugin.With(func(c *shutdownurl.Config) { c.URL = s.shutdownURL }))
	}
	if s.startup > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, s.startup,
			fmt.Errorf("the %v of engine.StartupTimeout are over: %w", s.startup, context.DeadlineExceeded))
		defer cancel()
	}
	if err := s.application.Start(ctx); err != nil {
		return err
	}
	s.application.Logger().Info(fmt.Sprintf("Application started in %.3f seconds.", time.Since(began).Seconds()))
	return nil
}

// serve begins to serve what was bound, unless the server was stopped
// meanwhile.
func (s *Server) serve(bound []binding) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == phaseEnding {
		closeAll(bound)
		return app.ErrStopping
	}
	server := s.newHTTPServer()
	s.http, s.bound = server, bound
	for _, b := range bound {
		listener := s.connections.around(b.served(server, s.application.Config().WriteTimeout))
		s.serving.Go(func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) && !s.hasSuccessor() {
				s.die(fmt.Errorf("serve %s: %w", b.url, err))
			}
		})
	}
	s.serveCarriers(server, bound)
	return nil
}

func (s *Server) die(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure == nil {
		s.failure = err
		close(s.died)
	}
}

// Addrs returns the addresses that the server listens on, with the real port
// where 0 was asked for: that of [Port] and [Host] first, then the others in
// the order of their options, and then those of [Via]. It returns nil until Start
// has returned, and the same after Stop as before.
//
// Ktor: resolvedConnectors.
func (s *Server) Addrs() []net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	var addrs []net.Addr
	for _, b := range s.bound {
		addrs = append(addrs, b.listener.Addr())
	}
	for _, b := range s.bound {
		for _, c := range b.carriers {
			addrs = append(addrs, c.addr)
		}
	}
	return addrs
}

// Wait blocks until [Server.Stop] is done or Start has failed, and returns nil.
// If a listener fails while the server runs, Wait returns its error at once;
// the other connectors go on until Stop is called.
func (s *Server) Wait() error {
	select {
	case <-s.died:
	case <-s.finished:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}
