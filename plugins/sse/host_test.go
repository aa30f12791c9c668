package sse_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// inBubble runs a test in fake time. A goroutine that is left blocked at its
// end fails it.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	synctest.Test(t, test)
}

// overEach runs a test in fake time once for each protocol.
func overEach(t *testing.T, test func(t *testing.T, protocol string)) {
	t.Helper()
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(protocol, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, protocol) })
		})
	}
}

// elapse lets fake time pass.
func elapse(d time.Duration) { time.Sleep(d) }

// settle waits until everybody in the bubble waits for something.
func settle() { synctest.Wait() }

// A host is a started application behind a real server on the in-memory
// network. What it logs as an error and the test does not take fails the test.
type host struct {
	t           *testing.T
	application *app.Application
	server      *http.Server
	listener    *memnet.Listener
	client      *http.Client
	log         *journal
}

// start serves routes with the plugin installed.
func start(t *testing.T, protocol string, declare func(*routing.Route)) *host {
	t.Helper()
	return startModule(t, protocol, func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, declare)
	})
}

func startModule(t *testing.T, protocol string, module app.Module, configure ...func(*http.Server)) *host {
	t.Helper()
	protocols := new(http.Protocols)
	protocols.SetHTTP1(protocol == "HTTP/1.1")
	protocols.SetUnencryptedHTTP2(protocol == "HTTP/2.0")
	log := &journal{}
	logger := slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	application := app.New(func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Logger = logger })
	}, module)
	require.NoError(t, application.Start(t.Context()))
	h := &host{t: t, application: application, listener: memnet.Listen(), log: log}
	h.server = &http.Server{
		Handler:     application,
		Protocols:   protocols,
		BaseContext: func(net.Listener) context.Context { return application.Context() },
		ErrorLog:    slog.NewLogLogger(logger.Handler(), slog.LevelError),
	}
	for _, change := range configure {
		change(h.server)
	}
	served := make(chan error, 1)
	go func() { served <- h.server.Serve(h.listener) }()
	transport := &http.Transport{
		DialContext: h.listener.DialContext,
		Protocols:   protocols,
		HTTP2:       &http.HTTP2Config{MaxReceiveBufferPerStream: 64 << 10},
	}
	h.client = &http.Client{Transport: transport}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		transport.CloseIdleConnections()
		assert.NoError(t, application.Stop(ctx))
		assert.NoError(t, h.server.Shutdown(ctx))
		assert.ErrorIs(t, <-served, http.ErrServerClosed)
		assert.Empty(t, log.take("level=ERROR"))
	})
	return h
}

// open sends a request and returns when the head of the answer has arrived;
// header holds names and values in turn.
func (h *host) open(method, path string, body io.Reader, header ...string) *http.Response {
	h.t.Helper()
	request, err := http.NewRequestWithContext(h.t.Context(), method, "http://test"+path, body)
	require.NoError(h.t, err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	response, err := h.client.Do(request)
	require.NoError(h.t, err)
	h.t.Cleanup(func() { response.Body.Close() })
	return response
}

func (h *host) get(path string, header ...string) *http.Response {
	h.t.Helper()
	return h.open(http.MethodGet, path, nil, header...)
}

// text sends a request and returns the status and the whole body of the answer,
// which must end cleanly.
func (h *host) text(method, path string, header ...string) (int, string) {
	h.t.Helper()
	response := h.open(method, path, nil, header...)
	body, err := io.ReadAll(response.Body)
	require.NoError(h.t, err)
	return response.StatusCode, string(body)
}

// stop stops the application and returns how long that took.
func (h *host) stop() time.Duration {
	h.t.Helper()
	began := time.Now()
	assert.NoError(h.t, h.application.Stop(context.WithoutCancel(h.t.Context())))
	return time.Since(began)
}

// dial opens a bare connection, for HTTP/1.1 by hand.
func (h *host) dial() (*memnet.Conn, *bufio.Reader) {
	h.t.Helper()
	conn, err := h.listener.Dial(h.t.Context())
	require.NoError(h.t, err)
	h.t.Cleanup(func() { conn.Close() })
	return conn.(*memnet.Conn), bufio.NewReader(conn)
}

// request writes a request by hand. It returns when the server has done with it
// what it can do without time.
func request(t *testing.T, conn net.Conn, lines ...string) {
	t.Helper()
	_, err := io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n")
	require.NoError(t, err)
	settle()
}

// arrived returns what the connection holds by now.
func arrived(t *testing.T, conn net.Conn) string {
	t.Helper()
	settle()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Nanosecond)))
	data, err := io.ReadAll(conn)
	var timeout net.Error
	if err != nil {
		require.ErrorAs(t, err, &timeout)
	}
	require.NoError(t, conn.SetReadDeadline(time.Time{}))
	return string(data)
}

// rest reads what is left of a body and how it ends.
func rest(response *http.Response) (string, error) {
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

// assertCut asserts how a body ends that was cut off.
func assertCut(t *testing.T, protocol string, err error) {
	t.Helper()
	if protocol == "HTTP/1.1" {
		assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	} else {
		assert.ErrorContains(t, err, "stream error")
	}
}

// A journal is what an application has logged, line by line.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, string(line))
	return len(line), nil
}

// take removes the lines that contain text and returns them.
func (j *journal) take(text string) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var taken, left []string
	for _, line := range j.lines {
		if strings.Contains(line, text) {
			taken = append(taken, line)
		} else {
			left = append(left, line)
		}
	}
	j.lines = left
	return taken
}

// startWith serves routes with a configured plugin.
func startWith(t *testing.T, protocol string, configure func(*sse.Config), declare func(*routing.Route)) *host {
	t.Helper()
	return startModule(t, protocol, func(a *app.Application) {
		a.Install(sse.Plugin.With(configure))
		routing.Routes(a, declare)
	})
}

// sessions returns the open sessions of a host.
func (h *host) sessions() *sse.Sessions {
	h.t.Helper()
	sessions, installed := sse.SessionsOf(h.application)
	require.True(h.t, installed)
	return sessions
}

// greet serves a stream of one event.
func greet(s *sse.Session) error { return s.SendText("hello") }

// begun serves a stream whose head has left.
func begun(serve func(*sse.Session) error) func(*sse.Session) error {
	return func(s *sse.Session) error {
		if err := s.Delay(0); err != nil {
			return err
		}
		return serve(s)
	}
}

// replaced serves a stream in whose place another response is sent with the
// head.
func replaced(t *testing.T) func(*sse.Session) error {
	return func(s *sse.Session) error {
		err := s.SendText("hello")
		assert.Error(t, err)
		assert.Error(t, s.Context().Err(), "the session has ended")
		return err
	}
}

// unreachable serves a stream that must not be served.
func unreachable(t *testing.T) func(*sse.Session) error {
	return func(*sse.Session) error {
		assert.Fail(t, "serve has run")
		return nil
	}
}

// An ended is how a session has ended, seen from the function that serves it.
type ended struct {
	cause error
	after time.Duration
	sent  error
}

// untilItEnds serves a stream of one event, waits for the session's end, and
// sends another.
func untilItEnds(ends chan<- ended) func(*sse.Session) error {
	return func(s *sse.Session) error {
		began := time.Now()
		_ = s.SendText("hello")
		<-s.Context().Done()
		sent := s.SendText("late")
		ends <- ended{context.Cause(s.Context()), time.Since(began), sent}
		return sent
	}
}

// within is a middleware that gives its calls a deadline, with a cause of its own
// if it is not nil.
func within(d time.Duration, cause error) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeoutCause(r.Context(), d, cause)
			defer cancel()
			next.ServeHTTP(w, r.WithContext(ctx))
		})
	}
}

// pour sends until that fails, with no time between.
func pour(s *sse.Session) error {
	event := sse.Event{Data: strings.Repeat("x", 16<<10)}
	for {
		if err := s.Send(event); err != nil {
			return err
		}
	}
}

// stuck serves a stream that pours until that fails, and tells how.
func stuck(ends chan<- ended) func(*sse.Session) error {
	return func(s *sse.Session) error {
		began := time.Now()
		err := pour(s)
		ends <- ended{context.Cause(s.Context()), time.Since(began), err}
		return err
	}
}

// every configures a heartbeat of data.
func every(period time.Duration, data string) func(*sse.HeartbeatConfig) {
	return func(h *sse.HeartbeatConfig) {
		h.Period = period
		h.Event = sse.Event{Data: data}
	}
}

// timeline reads a stream to its end and returns its events with the time at
// which each has arrived.
func timeline(t *testing.T, response *http.Response) []string {
	t.Helper()
	began := time.Now()
	var line []string
	for event := range ssetest.Events(t, response.Body, func(c *sse.ReaderConfig) { c.Comments = true }) {
		line = append(line, fmt.Sprint(time.Since(began), " ", event.Data, event.Comments))
	}
	return append(line, fmt.Sprint(time.Since(began), " end"))
}

// A discardListener accepts connections that send everything nowhere and know
// no time.
type discardListener struct{ *memnet.Listener }

func (l discardListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return discardConn{conn}, err
}

type discardConn struct{ net.Conn }

func (discardConn) Write(p []byte) (int, error) { return len(p), nil }

func (discardConn) SetWriteDeadline(time.Time) error { return nil }

// serveDiscarding serves a handler over HTTP/1.1 and sends it one GET request,
// whose answer goes nowhere.
func serveDiscarding(tb testing.TB, handler http.Handler) {
	tb.Helper()
	listener := memnet.Listen()
	server := &http.Server{Handler: handler}
	served := make(chan error, 1)
	go func() { served <- server.Serve(discardListener{listener}) }()
	conn, err := listener.Dial(tb.Context())
	require.NoError(tb, err)
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: test\r\n\r\n")
	require.NoError(tb, err)
	tb.Cleanup(func() {
		assert.NoError(tb, conn.Close())
		assert.NoError(tb, server.Close())
		assert.ErrorIs(tb, <-served, http.ErrServerClosed)
	})
}

// openSession returns a session whose events go nowhere.
func openSession(tb testing.TB) *sse.Session {
	tb.Helper()
	sessions := make(chan *sse.Session)
	application := app.New(func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/", func(s *sse.Session) error {
				sessions <- s
				<-s.Context().Done()
				return nil
			})
		})
	})
	require.NoError(tb, application.Start(tb.Context()))
	serveDiscarding(tb, application)
	return <-sessions
}

// stubborn is the writer of a middleware that cannot flush.
type stubborn struct{ w http.ResponseWriter }

func (s stubborn) Header() http.Header { return s.w.Header() }

func (s stubborn) Write(p []byte) (int, error) { return s.w.Write(p) }

func (s stubborn) WriteHeader(status int) { s.w.WriteHeader(status) }

// flusher is the writer of a middleware written before http.ResponseController.
type flusher struct{ stubborn }

func (f flusher) Flush() { f.w.(http.Flusher).Flush() }

// flushing gives a writer the method that old middlewares assert.
type flushing struct{ http.ResponseWriter }

func (f flushing) Flush() { _ = http.NewResponseController(f.ResponseWriter).Flush() }
