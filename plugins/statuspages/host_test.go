package statuspages_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// module is an application with the plugin and routes. Without a configuration
// there is no plugin, and without declarations there are no routes.
func module(configure func(*statuspages.Config), declare func(*routing.Route)) app.Module {
	return func(a *app.Application) {
		if configure != nil {
			a.Install(statuspages.Plugin.With(configure))
		}
		if declare != nil {
			routing.Routes(a, declare)
		}
	}
}

// serve starts such an application.
func serve(t *testing.T, configure func(*statuspages.Config), declare func(*routing.Route)) *apptest.Host {
	t.Helper()
	return apptest.Start(t, module(configure, declare))
}

// expect gets a path and looks at the response.
func expect(t *testing.T, host *apptest.Host, path string, status int, text string) *http.Response {
	t.Helper()
	response := host.Get(path)
	assert.Equal(t, status, response.StatusCode, path)
	assert.Equal(t, text, apptest.Text(t, response), path)
	return response
}

// respond responds with a status and a text.
func respond(c *app.Call, status int, text string) error {
	c.SetStatus(status)
	return c.RespondText(text)
}

func failing(err error) app.Handler { return func(*app.Call) error { return err } }

// page is a handler for a status that names it.
func page(c *app.Call, status int) error { return c.RespondText("page " + http.StatusText(status)) }

// logbook keeps what an application logs.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logbook) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// declareStatuses declares routes that respond with the status that they are
// named after.
func declareStatuses(r *routing.Route) {
	for _, status := range []int{401, 402, 403, 404, 405, 500} {
		r.Get("/"+strconv.Itoa(status), func(c *app.Call) error { return c.RespondStatus(status) })
	}
}

// reusable is a response writer that keeps nothing but its header map.
type reusable struct{ header http.Header }

func (w *reusable) Header() http.Header         { return w.header }
func (w *reusable) Write(p []byte) (int, error) { return len(p), nil }
func (w *reusable) WriteHeader(int)             {}

// calls returns what serves one call of a path.
func calls(tb testing.TB, path string, configure func(*statuspages.Config)) func() {
	tb.Helper()
	a := app.New(module(configure, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("OK") })
	}))
	require.NoError(tb, a.Start(tb.Context()))
	request := httptest.NewRequest(http.MethodGet, path, nil)
	w := &reusable{header: http.Header{}}
	return func() {
		clear(w.header)
		a.ServeHTTP(w, request)
	}
}
