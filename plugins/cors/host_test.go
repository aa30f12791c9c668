package cors_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/routing"
)

func ok(c *app.Call) error { return c.RespondText("OK") }

// module is an application with the plugin, whose configuration may be nil, and
// routes.
func module(configure func(*cors.Config), declare func(*routing.Route)) app.Module {
	if configure == nil {
		configure = func(*cors.Config) {}
	}
	return func(a *app.Application) {
		a.Install(cors.Plugin.With(configure))
		routing.Routes(a, declare)
	}
}

// root declares GET and POST at the root.
func root(r *routing.Route) {
	r.Get("/", ok)
	r.Post("/", ok)
}

// tester sends requests and looks at the responses.
type tester struct {
	t    *testing.T
	host *apptest.Host
}

// serve starts an application with the plugin and the routes of root.
func serve(t *testing.T, configure func(*cors.Config)) tester {
	t.Helper()
	return tester{t, apptest.Start(t, module(configure, root))}
}

// serveRoutes starts an application with routes alone.
func serveRoutes(t *testing.T, declare func(*routing.Route)) tester {
	t.Helper()
	return tester{t, apptest.Start(t, func(a *app.Application) { routing.Routes(a, declare) })}
}

// send sends a request, given as "GET /path" with headers in pairs.
func (s tester) send(line string, headers ...string) *http.Response {
	s.t.Helper()
	method, path, _ := strings.Cut(line, " ")
	options := make([]apptest.RequestOption, 0, len(headers)/2)
	for i := 0; i < len(headers); i += 2 {
		options = append(options, apptest.Header(headers[i], headers[i+1]))
	}
	return s.host.Do(method, path, nil, options...)
}

// from sends a request that comes from an origin.
func (s tester) from(origin, line string, headers ...string) *http.Response {
	s.t.Helper()
	return s.send(line, append(headers, "Origin", origin)...)
}

// preflight asks whether an origin may send a request, given as "GET /path",
// with headers.
func (s tester) preflight(origin, line string, headers ...string) *http.Response {
	s.t.Helper()
	method, path, _ := strings.Cut(line, " ")
	asked := []string{"Access-Control-Request-Method", method}
	for _, header := range headers {
		asked = append(asked, "Access-Control-Request-Headers", header)
	}
	return s.from(origin, "OPTIONS "+path, asked...)
}

// allows checks that a response lets the page read it, by the value of
// Access-Control-Allow-Origin.
func (s tester) allows(response *http.Response, origin, text string) {
	s.t.Helper()
	assert.Equal(s.t, http.StatusOK, response.StatusCode)
	assert.Equal(s.t, []string{origin}, response.Header["Access-Control-Allow-Origin"])
	assert.Equal(s.t, text, apptest.Text(s.t, response))
}

// refuses checks that a call was refused.
func (s tester) refuses(response *http.Response) {
	s.t.Helper()
	assert.Equal(s.t, http.StatusForbidden, response.StatusCode)
	assert.Empty(s.t, response.Header["Access-Control-Allow-Origin"])
	assert.Empty(s.t, apptest.Text(s.t, response))
}

// ignores checks that a call was none of the plugin's business.
func (s tester) ignores(response *http.Response) {
	s.t.Helper()
	assert.Equal(s.t, http.StatusOK, response.StatusCode)
	assert.Empty(s.t, response.Header["Access-Control-Allow-Origin"])
	assert.Equal(s.t, "OK", apptest.Text(s.t, response))
}

// reusable is a response writer that keeps nothing but its header map.
type reusable struct{ header http.Header }

func (w *reusable) Header() http.Header         { return w.header }
func (w *reusable) Write(p []byte) (int, error) { return len(p), nil }
func (w *reusable) WriteHeader(int)             {}

// calls returns what serves one call from an origin, or from none.
func calls(tb testing.TB, module app.Module, origin string) func() {
	tb.Helper()
	a := app.New(module)
	require.NoError(tb, a.Start(tb.Context()))
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	if origin != "" {
		request.Header.Set("Origin", origin)
	}
	w := &reusable{header: http.Header{}}
	return func() {
		clear(w.header)
		a.ServeHTTP(w, request)
	}
}

func exampleCom(c *cors.Config) { c.AllowHost("example.com") }

func anyHost(c *cors.Config) { c.AnyHost() }

func myHost(c *cors.Config) { c.AllowHost("my-host") }

// mistake returns what Start says about a configuration.
func mistake(t *testing.T, configure func(*cors.Config)) error {
	t.Helper()
	return app.New(module(configure, root)).Start(context.Background())
}

// names splits a list header.
func names(response *http.Response, header string) []string {
	list := strings.Split(response.Header.Get(header), ", ")
	slices.Sort(list)
	return list
}

const example = "https://example.com"
