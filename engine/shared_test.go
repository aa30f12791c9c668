package engine_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

// quiet keeps the log out of the tests' output.
var quiet = engine.Logger(slog.New(slog.DiscardHandler))

// answer returns a module that answers every call with handler.
func answer(handler app.Handler) app.Module {
	return func(a *app.Application) {
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return handler })
	}
}

func hello(c *app.Call) error { return c.RespondText("hello") }

// leavesNothing asserts, when the test has cleaned up what it did after this, that
// there are no more goroutines than now.
func leavesNothing(t *testing.T) {
	t.Helper()
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		left := func() bool { return runtime.NumGoroutine() <= before+1 } // it runs in one itself
		assert.Eventually(t, left, 10*time.Second, 10*time.Millisecond, "goroutines are left")
	})
}

// start starts a server on a network in memory. A test that needs only a client
// uses apptest.
func start(t *testing.T, module app.Module, options ...engine.Option) (*engine.Server, *memnet.Listener) {
	t.Helper()
	listener := memnet.Listen(memnet.Buffer(1024))
	server := engine.EmbeddedServer(module, append([]engine.Option{engine.Listener(listener), quiet}, options...)...)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	return server, listener
}

func dial(t *testing.T, listener *memnet.Listener) net.Conn {
	t.Helper()
	conn, err := listener.Dial(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// request sends a GET by hand, over HTTP/1.1 or, with http2, HTTP/2. Nothing
// reads the response.
func request(t *testing.T, conn io.Writer, http2 bool) {
	t.Helper()
	wire := "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
	if http2 {
		wire = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" +
			// SETTINGS: windows of 2 GiB
			"\x00\x00\x06\x04\x00\x00\x00\x00\x00" + "\x00\x04\x7f\xff\xff\xff" +
			// WINDOW_UPDATE of the connection
			"\x00\x00\x04\x08\x00\x00\x00\x00\x00" + "\x7f\x00\x00\x00" +
			// HEADERS: GET / http, :authority
			"\x00\x00\x0e\x01\x05\x00\x00\x00\x01" + "\x82\x84\x86\x01\x09localhost"
	}
	_, err := io.WriteString(conn, wire)
	require.NoError(t, err)
}

// requireClosed asserts that the server has closed a listener.
func requireClosed(t *testing.T, listener net.Listener) {
	t.Helper()
	require.ErrorIs(t, listener.Close(), net.ErrClosed)
}

// inBubble runs test for each protocol, in fake time.
func inBubble(t *testing.T, test func(t *testing.T, mode apptest.Option)) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) { test(t, mode) })
	})
}

// stopTakes stops the host and asserts how much time that takes.
func stopTakes(t *testing.T, want time.Duration, host *apptest.Host) {
	t.Helper()
	began := time.Now()
	host.Stop()
	require.Equal(t, want, time.Since(began))
}

// stopsAtOnce stops the host and asserts that it waits for no call. Once its last
// stream has ended, an HTTP/2 connection may stay open until its client has seen
// GOAWAY.
func stopsAtOnce(t *testing.T, host *apptest.Host) {
	t.Helper()
	atMost := time.Duration(0)
	if strings.Contains(t.Name(), "h2c") {
		atMost = 100 * time.Millisecond
	}
	began := time.Now()
	host.Stop()
	require.LessOrEqual(t, time.Since(began), atMost)
}

// farewell streams a line, waits until the application stops, and says goodbye.
func farewell(last string) app.Module {
	return func(a *app.Application) {
		stopping := make(chan struct{})
		a.OnStopPreparing(func() { close(stopping) })
		answer(func(c *app.Call) error {
			fmt.Fprintln(c.Writer(), "first")
			if err := http.NewResponseController(c.Writer()).Flush(); err != nil {
				return err
			}
			<-stopping
			_, err := io.WriteString(c.Writer(), last)
			return err
		})(a)
	}
}

func assertServes(t *testing.T, listener *memnet.Listener) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DialContext: listener.DialContext, DisableKeepAlives: true}}
	response, err := client.Get("http://localhost")
	if assert.NoError(t, err) {
		_, err = io.Copy(io.Discard, response.Body)
		assert.NoError(t, err)
		assert.NoError(t, response.Body.Close())
	}
}

// exchange returns a function that sends a request over a connection of its own
// and reads the response, without a client's work. The first response, which is
// read here, tells how long each of them is.
func exchange(tb testing.TB, listener *memnet.Listener) func() {
	tb.Helper()
	conn, err := listener.Dial(tb.Context())
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = conn.Close() })
	request := []byte("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	_, err = conn.Write(request)
	require.NoError(tb, err)
	first := make([]byte, 4<<10)
	length, err := io.ReadAtLeast(conn, first, 100)
	require.NoError(tb, err)
	answer := first[:length]
	return func() {
		if _, err := conn.Write(request); err != nil {
			tb.Fatal(err)
		}
		if _, err := io.ReadFull(conn, answer); err != nil {
			tb.Fatal(err)
		}
	}
}
