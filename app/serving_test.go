package app_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/memnet"
)

// start returns a running application of modules that says nothing and is
// stopped when the test is over.
func start(t testing.TB, modules ...app.Module) *app.Application {
	t.Helper()
	a := app.New(append([]app.Module{quiet}, modules...)...)
	require.NoError(t, a.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, a.Stop(context.WithoutCancel(t.Context()))) })
	return a
}

func quiet(a *app.Application) {
	a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.DiscardHandler) })
}

// answering returns a module whose calls are answered by handler.
func answering(handler app.Handler) app.Module {
	return func(a *app.Application) {
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return handler })
	}
}

// text is a handler that answers with a text.
func text(text string) app.Handler {
	return func(c *app.Call) error { return c.RespondText(text) }
}

// get serves GET target without a server, and fails the test if the answer is
// cut.
func get(t testing.TB, h http.Handler, target string) *http.Response {
	t.Helper()
	return do(t, h, httptest.NewRequest(http.MethodGet, target, nil))
}

// do serves a request without a server, and fails the test if the answer is
// cut.
func do(t testing.TB, h http.Handler, r *http.Request) *http.Response {
	t.Helper()
	recorder := httptest.NewRecorder()
	require.NotPanics(t, func() { h.ServeHTTP(recorder, r) })
	return recorder.Result()
}

// isCut serves GET / without a server and reports whether the answer is cut.
func isCut(h http.Handler) bool { return cuts(h, "/") }

// cuts serves GET target without a server and reports whether the answer is
// cut.
func cuts(h http.Handler, target string) bool {
	return cutsRequest(h, httptest.NewRequest(http.MethodGet, target, nil))
}

// cutsRequest serves a request without a server and reports whether the answer
// is cut.
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

// serve runs a server of h in memory and returns a client of it. Whatever the
// server has to complain about fails the test. In a bubble both end with it.
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

// journal is a list that several goroutines may write to.
type journal struct {
	mu      sync.Mutex
	entries []string
}

func (j *journal) add(entry string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, entry)
}

// all returns what was added, in order; nil if nothing was.
func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.entries)
}

// logbook is a slog.Handler that keeps the records.
type logbook struct {
	mu      sync.Mutex
	entries []entry
}

type entry struct {
	level      slog.Level
	message    string
	attributes map[string]string
}

func (l *logbook) Enabled(context.Context, slog.Level) bool { return true }
func (l *logbook) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *logbook) WithGroup(string) slog.Handler            { return l }

func (l *logbook) Handle(_ context.Context, record slog.Record) error {
	added := entry{record.Level, record.Message, map[string]string{}}
	record.Attrs(func(attribute slog.Attr) bool {
		added.attributes[attribute.Key] = attribute.Value.String()
		return true
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, added)
	return nil
}

func (l *logbook) all() []entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

func (l *logbook) messages() []string {
	var found []string
	for _, one := range l.all() {
		found = append(found, one.message)
	}
	return found
}

// at returns the records of a level.
func (l *logbook) at(level slog.Level) []entry {
	return slices.DeleteFunc(l.all(), func(one entry) bool { return one.level != level })
}

// module makes the application log here.
func (l *logbook) module(a *app.Application) {
	a.Configure(func(c *app.Config) { c.Logger = slog.New(l) })
}
