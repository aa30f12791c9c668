package apptest

import (
	"context"
	"net"
	"net/http"
	"slices"
	"testing"

	"github.com/chitor-go/chitor/app"
)

// A Host is an application that runs for a test, and a client that reaches it.
// [Start] and [New] make it; the zero Host is of no use. Methods that can fail
// end the test, so only the goroutine of the test may call them, as with
// t.Fatal; other goroutines use [Host.Client].
//
// Ktor: TestApplication.
type Host struct {
	// URL is where the host is, without a slash at the end: "http://localhost",
	// or the real address with [Loopback].
	URL string

	t         testing.TB
	http2     bool
	main      *node
	directory *directory
	modules   []app.Module
	own       *Client
	output    *output
	log       *logbook
	leaks     *leaks
}

// Start starts an application of module on a network in memory and returns when
// it serves. As in production an [engine.Server] starts, serves and stops.
// Mistakes in the module, and a nil module, end the test. When the test ends,
// its connections are closed, whatever is still to be read from them, and the
// host is stopped. An error of that, such as a handler that goes on after its
// context has ended, fails the test, and so do goroutines that the application
// leaves behind (see [Leaks]). In a synctest bubble, t has to be the bubble's.
//
// Ktor: testApplication.
func Start(t testing.TB, module app.Module, options ...Option) *Host {
	t.Helper()
	h := New(t, options...)
	if err := h.start(app.Caller(1), module); err != nil {
		t.Fatalf("start host: %v", err)
	}
	return h
}

// StartError is [Start] for an application that must fail to start: it returns
// the error, with all mistakes of the modules. If the application starts, it
// returns nil, and the host stops when the test ends.
func StartError(t testing.TB, module app.Module, options ...Option) error {
	t.Helper()
	return New(t, options...).start(app.Caller(1), module)
}

// New returns a host that runs nothing until [Host.Start]: for a test that
// hands the host's client to its modules, or does something with the
// application before it starts. Requests fail until then. When the test ends,
// what [Start] says holds for this host too.
//
// Ktor: TestApplication function.
func New(t testing.TB, options ...Option) *Host {
	t.Helper()
	s := &settings{patience: leakPatience}
	for i, option := range options {
		if option == nil {
			t.Fatalf("new host: option %d is nil", i+1)
		}
		option(s)
	}
	listener, dialer, url, err := s.listen(t.Context())
	if err != nil {
		t.Fatalf("start host: %v", err)
	}
	h := &Host{URL: url, t: t, http2: s.http2, output: &output{t: t}, log: &logbook{}, leaks: newLeaks(s.patience)}
	text := h.output.handler()
	h.main = s.newNode("host", h.module(s.modules), listener, h.logger(text), s.engine...)
	h.main.dialer = dialer
	if h.directory, err = s.newDirectory(url, h.main, text); err != nil {
		_ = listener.Close()
		t.Fatalf("start host: %v", err)
	}
	t.Cleanup(h.end)
	h.own = h.NewClient()
	return h
}

// module returns the module that runs those of Start, then the further ones.
func (h *Host) module(further []app.Module) app.Module {
	return func(a *app.Application) {
		for _, module := range slices.Concat(h.modules, further) {
			module(a)
		}
	}
}

// Start starts the external services, then an application of modules, followed
// by those of the option [Module], and returns when it serves. Mistakes, among
// them a nil module, end the test. A host starts once.
//
// Ktor: TestApplication.start.
func (h *Host) Start(modules ...app.Module) {
	h.t.Helper()
	if err := h.start(app.Caller(1), modules...); err != nil {
		h.t.Fatalf("start host: %v", err)
	}
}

// start starts everything. Nil modules are mistakes made at site.
func (h *Host) start(site app.Site, modules ...app.Module) error {
	for _, module := range modules {
		h.modules = append(h.modules, notNil(module, site, "the module is nil"))
	}
	return h.leaks.watch(h.t.Context(), func(ctx context.Context) error {
		for _, n := range h.nodes() {
			if err := n.start(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// Client returns the client that Get and the others use, before the host starts
// too. Without [ExternalService], all host names lead to the host. It follows
// redirects and keeps no cookies, as Ktor's test client does, asks for no
// compression and decodes none, and has no time-out. It may be used from any
// goroutine, and may be changed and copied before that. The caller closes the
// bodies of its responses. [Host.NewClient] makes other clients.
func (h *Host) Client() *http.Client { return h.own.http }

// Application returns the application, never nil. It runs from the start of the
// host to its stop.
func (h *Host) Application() *app.Application { return h.main.server.Application() }

// Stop stops the host as [engine.Server.Stop] does in production: open streams
// are told to end, and what they write then can still be read. External
// services stop after it. An error fails the test. A second Stop changes
// nothing. A host that was not stopped is stopped when the test ends.
//
// Ktor: TestApplication.stop.
func (h *Host) Stop() {
	h.t.Helper()
	h.stop(false)
}

// nodes returns the external services and the host itself, in the order in which
// they start.
func (h *Host) nodes() []*node { return append(slices.Clone(h.directory.services), h.main) }

// stop stops everything in reverse order, and reports whether all went well. With
// disconnect, at the end of the test, it closes the connections first: what
// their clients have asked for will not be read.
func (h *Host) stop(disconnect bool) bool {
	h.t.Helper()
	well := true
	for _, n := range slices.Backward(h.nodes()) {
		if disconnect {
			n.disconnect()
		}
		if err := n.stop(); err != nil {
			h.t.Errorf("stop %s: %v", n.name, err)
			well = false
		}
	}
	return well
}

// Dial returns a connection to the host, for tests that write HTTP by hand. It
// is closed when the test ends, if not before. A connection in memory also has,
// behind a type assertion, the methods CloseWrite() error, and Reset() error,
// which breaks it as a client that is lost does.
func (h *Host) Dial() net.Conn {
	h.t.Helper()
	conn, err := h.main.dial(h.t.Context(), false)
	if err != nil {
		h.t.Fatalf("dial host: %v", err)
	}
	return conn
}

func (h *Host) end() {
	if h.stop(true) && !h.t.Failed() {
		if left := h.leaks.find(); left != "" {
			h.t.Errorf("goroutines left behind when the host had stopped:\n%s", left)
		}
	}
	h.output.end()
}
