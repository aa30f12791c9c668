package routing_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// journal is a log that may be written by many goroutines and read at the end.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// quiet sends what an application logs to a journal.
func quiet(a *app.Application) *journal {
	log := &journal{}
	a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.NewTextHandler(log, nil)) })
	return log
}

// start starts an application of modules and stops it with the test.
func start(tb testing.TB, modules ...app.Module) (*app.Application, *journal) {
	tb.Helper()
	a := app.New(modules...)
	log := quiet(a)
	require.NoError(tb, a.Start(tb.Context()))
	tb.Cleanup(func() { require.NoError(tb, a.Stop(context.WithoutCancel(tb.Context()))) })
	return a, log
}

// serve starts an application of routes alone.
func serve(tb testing.TB, declare func(*routing.Route)) *app.Application {
	tb.Helper()
	a, _ := start(tb, func(a *app.Application) { routing.Routes(a, declare) })
	return a
}

// streams starts an application of routes with the SSE plugin.
func streams(t *testing.T, declare func(*routing.Route)) *app.Application {
	t.Helper()
	a, _ := start(t, func(a *app.Application) {
		routing.Routes(a, declare)
		a.Install(sse.Plugin) // wherever in the module it is
	})
	return a
}

// mistakes starts an application that cannot start, and returns what Start has
// to say.
func mistakes(t *testing.T, declare func(*routing.Route)) string {
	t.Helper()
	a := app.New(func(a *app.Application) { routing.Routes(a, declare) })
	log := quiet(a)
	err := a.Start(t.Context())
	require.Error(t, err)
	require.Empty(t, log.String(), "a mistake is returned, not logged")
	require.Equal(t, http.StatusServiceUnavailable, ask(t, a, "GET /").status)
	return err.Error()
}

// answer is a response that has been read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask lets a handler answer one request, given as "GET /path" with headers in
// pairs.
func ask(tb testing.TB, handler http.Handler, line string, headers ...string) answer {
	tb.Helper()
	method, target, _ := strings.Cut(line, " ")
	request := httptest.NewRequestWithContext(tb.Context(), method, target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	response := recorder.Result()
	body, err := io.ReadAll(response.Body)
	require.NoError(tb, err)
	return answer{response.StatusCode, response.Header, string(body)}
}

// text answers with text.
func text(text string) app.Handler {
	return func(c *app.Call) error { return c.RespondText(text) }
}

// param answers with a path parameter.
func param(name string) app.Handler {
	return func(c *app.Call) error { return c.RespondText(c.PathParam(name)) }
}

// sending is a stream of one event.
func sending(text string) func(*sse.Session) error {
	return func(s *sse.Session) error { return s.SendText(text) }
}

// event is how an event of data arrives.
func event(data string) string { return "data: " + data + "\r\n\r\n" }

// block declares nothing.
func block(*routing.Route) {}
