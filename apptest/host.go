package apptest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
)

// A Host is an application that runs for a test, and a client that reaches it. [Start] makes it; the zero Host is of no
// use. Methods that can fail end the test, so they belong to the goroutine of the test, as t.Fatal does; goroutines of the
// test use [Host.Client]. It answers to Ktor's TestApplication.
type Host struct {
	// URL is where the host is, without a slash at the end: "http://localhost", or the real address with [Loopback].
	URL string

	t      testing.TB
	server *engine.Server
	client *http.Client
	dialer func(ctx context.Context) (net.Conn, error)
	log    *output

	mu    sync.Mutex // guards the fields below
	conns []net.Conn // all that were dialed
	ended bool
}

// Start starts an application of module on a network in memory and returns when it serves. It takes the path of
// production: an [engine.Server] that starts, serves and stops. Mistakes in the module end the test. When the test ends,
// its connections are closed, whatever is still to be read from them, and the host is stopped; an error of that,
// such as a handler that goes on after its context has ended, fails the test. In a synctest bubble, t has to
// be the bubble's. It answers to Ktor's testApplication.
func Start(t testing.TB, module app.Module, options ...Option) *Host {
	t.Helper()
	s := &settings{}
	for _, option := range options {
		option(s)
	}
	listener, dialer, url, err := s.listen(t.Context())
	if err != nil {
		t.Fatalf("start host: %v", err)
	}
	h := &Host{URL: url, t: t, dialer: dialer, log: &output{t: t}}
	own := []engine.Option{engine.Listener(listener), engine.Logger(slog.New(h.log.handler()))}
	if s.http2 {
		own = append(own, engine.HTTP2Cleartext())
	}
	h.server = engine.EmbeddedServer(module, append(own, s.engine...)...)
	h.client = &http.Client{Transport: &http.Transport{
		DialContext:        func(ctx context.Context, _, _ string) (net.Conn, error) { return h.dial(ctx) },
		DisableCompression: true,
		Protocols:          s.protocols(),
	}}
	t.Cleanup(h.end)
	if err := h.server.Start(t.Context()); err != nil {
		t.Fatalf("start host: %v", err)
	}
	return h
}

// Client returns the client that Get and the others use. All host names lead to the host. It follows redirects and keeps no
// cookies, as Ktor's test client does, asks for no compression and undoes none, and has no time-out. It
// may be changed, copied and used from any goroutine, and who uses it closes the bodies of its responses.
func (h *Host) Client() *http.Client { return h.client }

// Application returns the application, which is running until the host stops.
func (h *Host) Application() *app.Application { return h.server.Application() }

// Stop stops the host as [engine.Server.Stop] does in production: open streams are told to end, and what they write then can
// still be read. An error fails the test. To stop it again changes nothing. The end of the test does it by itself.
func (h *Host) Stop() {
	h.t.Helper()
	if err := h.server.Stop(context.Background()); err != nil {
		h.t.Errorf("stop host: %v", err)
	}
}

// Dial returns a connection to the host for tests that speak HTTP by hand. It is closed when the test ends, if not before.
// In memory it has the methods CloseWrite() error, and Reset() error to tear it as a lost client does, behind a type
// assertion.
func (h *Host) Dial() net.Conn {
	h.t.Helper()
	conn, err := h.dial(h.t.Context())
	if err != nil {
		h.t.Fatalf("dial host: %v", err)
	}
	return conn
}

func (h *Host) dial(ctx context.Context) (net.Conn, error) {
	conn, err := h.dialer(ctx)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	h.conns = append(h.conns, conn)
	return conn, nil
}

// end stops the host at the end of the test, clients first: nobody is going to read what they have asked for.
func (h *Host) end() {
	h.mu.Lock()
	h.ended = true
	for _, conn := range h.conns {
		_ = conn.Close() // the test may have closed it
	}
	h.mu.Unlock()
	h.client.CloseIdleConnections()
	h.Stop()
	h.log.end()
}
