package app_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/memnet"
)

// This file runs applications for tests, and asks them.

// start returns a running application that logs nothing and stops with the
// test.
func start(t testing.TB, modules ...app.Module) *app.Application {
	t.Helper()
	a := app.New(append([]app.Module{quiet}, modules...)...)
	require.NoError(t, a.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, a.Stop(context.WithoutCancel(t.Context()))) })
	return a
}

// quiet is a module that makes the application log nothing.
func quiet(a *app.Application) {
	a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.DiscardHandler) })
}

// answering returns a module whose calls are answered by handler.
func answering(handler app.Handler) app.Module {
	return func(a *app.Application) {
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return handler })
	}
}

// using returns a module that uses middlewares.
func using(middlewares ...func(http.Handler) http.Handler) app.Module {
	return func(a *app.Application) { a.Use(middlewares...) }
}

// running starts an application in a bubble, and count calls served by handler.
func running(t *testing.T, count int, handler app.Handler, modules ...app.Module) (a *app.Application, calls *sync.WaitGroup) {
	t.Helper()
	a = app.New(append(modules, quiet, answering(handler))...)
	require.NoError(t, a.Start(t.Context()))
	calls = new(sync.WaitGroup)
	for range count {
		calls.Go(func() {
			a.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		})
	}
	synctest.Wait()
	return a, calls
}

// errBroken is an error that is not made to be shown.
var errBroken = errors.New("broken")

// get serves GET target without a server; a response that is cut fails the
// test.
func get(t testing.TB, h http.Handler, target string) *http.Response {
	t.Helper()
	return do(t, h, httptest.NewRequest(http.MethodGet, target, nil))
}

// do serves a request without a server; a response that is cut fails the test.
func do(t testing.TB, h http.Handler, r *http.Request) *http.Response {
	t.Helper()
	recorder := httptest.NewRecorder()
	require.NotPanics(t, func() { h.ServeHTTP(recorder, r) })
	return recorder.Result()
}

// post serves POST / with a body.
func post(t *testing.T, a *app.Application, body string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return do(t, a, r)
}

// request returns GET / of a major version of HTTP.
func request(protocol int) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.ProtoMajor = protocol
	return r
}

// cuts serves GET target without a server and tells whether the response is
// cut.
func cuts(h http.Handler, target string) bool {
	return cutsRequest(h, httptest.NewRequest(http.MethodGet, target, nil))
}

// cutsRequest serves r without a server and tells whether the response is cut.
func cutsRequest(h http.Handler, r *http.Request) (cut bool) {
	defer func() {
		err, _ := recover().(error)
		cut = errors.Is(err, http.ErrAbortHandler)
	}()
	h.ServeHTTP(httptest.NewRecorder(), r)
	return false
}

// body returns what is left of the body of a response.
func body(t testing.TB, response *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return string(data)
}

// assertUnavailable checks that a turns calls away, as if it did not run.
func assertUnavailable(t *testing.T, a *app.Application) {
	t.Helper()
	for range 2 {
		response := get(t, a, "/")
		assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		assert.Equal(t, "close", response.Header.Get("Connection"), "the client tries another server")
		assert.Equal(t, "Service Unavailable\n", body(t, response))
	}
}

// serve runs a server of h in memory and returns a client of it. Whatever the
// server complains about fails the test. In a bubble both end with it.
func serve(t *testing.T, h http.Handler, options ...func(*http.Server)) *http.Client {
	t.Helper()
	listener := memnet.Listen()
	complaints := &logbook{}
	server := &http.Server{Handler: h, ErrorLog: slog.NewLogLogger(complaints, slog.LevelError), Protocols: new(http.Protocols)}
	server.Protocols.SetHTTP1(true)
	for _, option := range options {
		option(server)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	transport := &http.Transport{DialContext: listener.DialContext, Protocols: server.Protocols, DisableCompression: true}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		assert.NoError(t, server.Close())
		assert.ErrorIs(t, <-served, http.ErrServerClosed)
		assert.Empty(t, complaints.messages(), "the server complained")
	})
	return &http.Client{Transport: transport}
}

// http2 makes a server of serve speak nothing but HTTP/2.
func http2(server *http.Server) {
	server.Protocols = new(http.Protocols)
	server.Protocols.SetUnencryptedHTTP2(true)
}

// fetch gets path from a server of serve.
func fetch(t testing.TB, client *http.Client, path string) *http.Response {
	t.Helper()
	response, err := client.Get("http://test" + path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// Keys of each kind of value, two of them with the same name.
var (
	countKey     = app.NewKey[int]("count")
	otherKey     = app.NewKey[int]("count")
	nameKey      = app.NewKey[string]("name")
	reportKey    = app.NewKey[*int]("report")
	interfaceKey = app.NewKey[error]("error")
)

// requireHeld checks that owner holds want under key.
func requireHeld[T any](t *testing.T, owner app.Attributed, key *app.Key[T], want T) {
	t.Helper()
	got, ok := key.Get(owner)
	require.True(t, ok, key)
	require.Equal(t, want, got, key)
}
