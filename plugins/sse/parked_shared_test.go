package sse_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// A transport is what parked streams travel on.
type transport struct {
	name   string
	run    func(*testing.T, func(*testing.T)) // where it lives
	listen func(testing.TB) (net.Listener, func() net.Conn)
}

var transports = []transport{
	{"tcp", inRealTime, listenTCP},
	{"unix", inRealTime, listenUnix},
	{"wrapped", inRealTime, behind(listenTCP, hide)},
	{"TLS", inRealTime, secured(listenTCP)},
	{"TLS over wrapped", inRealTime, secured(behind(listenTCP, hide))},
	{"memory", synctest.Test, listenMemory},
}

func inRealTime(t *testing.T, test func(*testing.T)) { test(t) }

func listenTCP(t testing.TB) (net.Listener, func() net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return narrow(listener), func() net.Conn {
		conn, err := net.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		_ = conn.(interface{ SetReadBuffer(int) error }).SetReadBuffer(16 << 10)
		return conn
	}
}

func listenUnix(t testing.TB) (net.Listener, func() net.Conn) {
	t.Helper()
	listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	require.NoError(t, err)
	return narrow(listener), func() net.Conn {
		conn, err := net.Dial("unix", listener.Addr().String())
		require.NoError(t, err)
		return conn
	}
}

func listenMemory(t testing.TB) (net.Listener, func() net.Conn) {
	t.Helper()
	listener := memnet.Listen()
	return listener, func() net.Conn {
		conn, err := listener.Dial(t.Context())
		require.NoError(t, err)
		return conn
	}
}

// narrow keeps the kernel from holding megabytes for a client that does not read.
func narrow(listener net.Listener) net.Listener {
	return wrappedListener{listener, func(conn net.Conn) net.Conn {
		_ = conn.(interface{ SetWriteBuffer(int) error }).SetWriteBuffer(16 << 10)
		return conn
	}}
}

// hide hides the socket of a connection, as a LimitListener does.
func hide(conn net.Conn) net.Conn { return struct{ net.Conn }{conn} }

// A wrappedListener puts something around each connection.
type wrappedListener struct {
	net.Listener
	wrap func(net.Conn) net.Conn
}

func (l wrappedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.wrap(conn), nil
}

type listening = func(testing.TB) (net.Listener, func() net.Conn)

func behind(listen listening, wrap func(net.Conn) net.Conn) listening {
	return func(t testing.TB) (net.Listener, func() net.Conn) {
		listener, dial := listen(t)
		return wrappedListener{listener, wrap}, dial
	}
}

// secured puts TLS 1.3 on top.
func secured(listen listening) listening {
	return func(t testing.TB) (net.Listener, func() net.Conn) {
		t.Helper()
		other := httptest.NewTLSServer(http.NotFoundHandler())
		other.Close()
		trusted := other.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		listener, dial := listen(t)
		return tls.NewListener(listener, &tls.Config{Certificates: other.TLS.Certificates, MinVersion: tls.VersionTLS13}),
			func() net.Conn {
				return tls.Client(dial(), &tls.Config{RootCAs: trusted, ServerName: "example.com", MinVersion: tls.VersionTLS13})
			}
	}
}

// A ward is an application with a hub whose streams are parked.
type ward struct {
	t           testing.TB
	application *app.Application
	hub, second *sse.Hub
	sessions    *sse.Sessions
	dial        func() net.Conn
	log         *journal
	stop        func() error // of the application and of its server

	ends   chan error // the causes that OnEnd was called with
	calls  atomic.Int64
	broken atomic.Bool // what a stream asks is to fail
}

// A setting changes how a ward is made.
type setting struct {
	plugin  func(*sse.Config)
	hub     func(*sse.HubConfig)
	app     func(*app.Config)
	module  app.Module
	serve   func(w *ward, s *sse.Session) error // in place of joining "news"
	foreign bool                                // the server is somebody else's
}

// open makes a ward that is served on a transport.
func (tr transport) open(t testing.TB, set setting) *ward {
	t.Helper()
	listener, dial := tr.listen(t)
	w := &ward{t: t, dial: dial, log: &journal{}, ends: make(chan error, 1000)}
	logger := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	module := func(a *app.Application) {
		if set.app != nil {
			a.Configure(set.app)
		}
		if set.plugin == nil {
			set.plugin = func(*sse.Config) {}
		}
		a.Install(sse.Plugin.With(set.plugin))
		if set.hub == nil {
			set.hub = func(*sse.HubConfig) {}
		}
		w.hub, w.second = sse.NewHub(a, set.hub), sse.NewHub(a, withoutReplay)
		if set.module != nil {
			set.module(a)
		}
		routing.Routes(a, func(r *routing.Route) { r.SSE("/events", w.serve(set)) })
	}
	if set.foreign {
		w.serveByNetHTTP(listener, logger, module)
	} else {
		server := engine.EmbeddedServer(module, engine.Listener(listener), engine.Logger(logger))
		require.NoError(t, server.Start(t.Context()))
		w.application = server.Application()
		w.stop = func() error { return server.Stop(context.WithoutCancel(t.Context())) }
	}
	w.sessions, _ = sse.SessionsOf(w.application)
	t.Cleanup(func() { assert.NoError(t, w.stop()) })
	return w
}

func (w *ward) serve(set setting) func(*sse.Session) error {
	return func(s *sse.Session) error {
		s.OnEnd(func(cause error) {
			w.calls.Add(1)
			w.ends <- cause
		})
		if set.serve != nil {
			return set.serve(w, s)
		}
		return w.hub.Join(s, "news")
	}
}

func (w *ward) serveByNetHTTP(listener net.Listener, logger *slog.Logger, module app.Module) {
	w.application = app.New(func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Logger = logger })
	}, module)
	require.NoError(w.t, w.application.Start(w.t.Context()))
	server := &http.Server{Handler: w.application, ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	w.stop = func() error {
		ctx := context.WithoutCancel(w.t.Context())
		err := errors.Join(w.application.Stop(ctx), server.Close())
		if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
		served <- http.ErrServerClosed
		return err
	}
}

// wait waits until something has come true.
func (w *ward) wait(what string, isTrue func() bool) {
	w.t.Helper()
	for began := time.Now(); !isTrue(); time.Sleep(time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			require.Fail(w.t, "it never came true", "%s: %+v", what, w.sessions.Stats())
		}
	}
}

// connect opens a stream, by hand.
func (w *ward) connect(protocol string) *patient {
	w.t.Helper()
	conn := w.dial()
	w.t.Cleanup(func() { sever(conn) })
	_, err := io.WriteString(conn, "GET /events "+protocol+"\r\nHost: test\r\n\r\n")
	require.NoError(w.t, err)
	return &patient{t: w.t, conn: conn, protocol: protocol}
}

// park opens a stream, and waits until it is parked, or has ended since.
func (w *ward) park(protocol string) *patient {
	w.t.Helper()
	client := w.connect(protocol)
	w.wait("parked", func() bool { return w.sessions.Stats().Parked == 1 || w.calls.Load() > 0 })
	return client
}

// session returns the only one that there is.
func (w *ward) session() *sse.Session {
	w.t.Helper()
	for s := range w.sessions.All() {
		return s
	}
	require.Fail(w.t, "no session is open")
	return nil
}

func (w *ward) publish(data string) {
	w.t.Helper()
	require.NoError(w.t, w.hub.Publish(w.t.Context(), "news", sse.Event{Data: data}))
}

// stuff publishes until a client that does not read takes no more.
func (w *ward) stuff() {
	w.t.Helper()
	text := strings.Repeat("x", 30<<10)
	for {
		ctx, cancel := context.WithTimeout(w.t.Context(), 200*time.Millisecond)
		err := w.hub.Publish(ctx, "news", sse.Event{Data: text})
		cancel()
		if err != nil {
			require.ErrorIs(w.t, err, context.DeadlineExceeded)
			return
		}
	}
}

// flood publishes until the stream is over, whatever becomes of it.
func (w *ward) flood() {
	event := sse.Event{Data: strings.Repeat("x", 30<<10)}
	for w.calls.Load() == 0 {
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Second)
		_ = w.hub.Publish(ctx, "news", event)
		cancel()
	}
}

// A patient is the client of a parked stream.
type patient struct {
	t        testing.TB
	conn     net.Conn
	protocol string
	got      strings.Builder
}

// read reads until text has come.
func (p *patient) read(text string) {
	p.t.Helper()
	some := make([]byte, 1<<10)
	for !strings.Contains(p.got.String(), text) {
		n, err := p.conn.Read(some)
		p.got.Write(some[:n])
		require.NoError(p.t, err, "%q", &p.got)
	}
}

// rest reads what the client gets until the connection ends, and returns the text
// of the stream, and whether it has ended cleanly: by the last chunk, of HTTP/1.0
// without an error. What was cut off must be the beginning of something whole.
func (p *patient) rest() (text string, clean bool) {
	p.t.Helper()
	_, err := io.Copy(&p.got, p.conn)
	head, body, found := strings.Cut(p.got.String(), "\r\n\r\n")
	require.True(p.t, found, "%q", &p.got)
	assert.Contains(p.t, head, "200 OK")
	if p.protocol == "HTTP/1.0" {
		assert.NotContains(p.t, head, "Transfer-Encoding")
		return body, err == nil
	}
	assert.Contains(p.t, head, "Transfer-Encoding: chunked")
	decoded, wrong := io.ReadAll(httputil.NewChunkedReader(strings.NewReader(body)))
	if wrong == nil {
		assert.NoError(p.t, err)
		assert.True(p.t, strings.HasSuffix("\r\n"+body, "\r\n0\r\n\r\n"), "it ends with the last chunk")
		return string(decoded), true
	}
	assert.ErrorIs(p.t, wrong, io.ErrUnexpectedEOF)
	return string(decoded), false
}

// sever closes a connection without a word.
func sever(conn net.Conn) {
	if secure, is := conn.(*tls.Conn); is {
		conn = secure.NetConn()
	}
	_ = conn.Close()
}

// reset breaks the connection of a client that is lost.
func reset(conn net.Conn) {
	if secure, is := conn.(*tls.Conn); is {
		conn = secure.NetConn()
	}
	switch conn := conn.(type) {
	case *net.TCPConn:
		_ = conn.SetLinger(0)
	case *memnet.Conn:
		_ = conn.Reset()
	}
	_ = conn.Close()
}

// requireNoneLeft waits until no goroutine of a parked stream is left.
func requireNoneLeft(t testing.TB) {
	t.Helper()
	text := make([]byte, 4<<20)
	left := ""
	for range 10_000 {
		left = ""
		for stack := range strings.SplitSeq(string(text[:runtime.Stack(text, true)]), "\n\n") {
			if strings.Contains(stack, "chitor/internal/park.") || strings.Contains(stack, "plugins/sse.(*") {
				left = stack
			}
		}
		if left == "" {
			return
		}
		time.Sleep(time.Millisecond)
	}
	require.Fail(t, "a goroutine is left", left)
}
