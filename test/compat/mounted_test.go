package compat_test

import (
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

// A mountedRow is a handler of net/http that others have written, and a client
// that shows that it works.
type mountedRow struct {
	name    string
	module  string // the path of its module, "" for the standard library
	path    string // below which it is mounted
	shows   string
	options []apptest.Option
	chi     bool // a chi router, which goes on behind the path that it is mounted at
	handler func(t *testing.T) http.Handler
	try     func(t *testing.T, host *apptest.Host)
}

// A way puts a handler of net/http below a path.
type way struct {
	name string
	put  func(r *routing.Route, path string, h http.Handler)
}

func ways() []way {
	return []way{
		{"Mount", func(r *routing.Route, path string, h http.Handler) { r.Mount(path, h) }},
		{"FromHTTP", func(r *routing.Route, path string, h http.Handler) {
			r.Handle(path+"/{...}", app.FromHTTP(h))
		}},
		{"c.Writer()", func(r *routing.Route, path string, h http.Handler) {
			r.Handle(path+"/{...}", func(c *app.Call) error {
				h.ServeHTTP(c.Writer(), c.Request)
				return nil
			})
		}},
	}
}

func mountedRows() []mountedRow {
	return slices.Concat(mcpRows(), streamRows(), rpcRows(), socketRows(), pageRows())
}

// TestMounted puts each handler into an application in each way.
func TestMounted(t *testing.T) {
	for _, row := range mountedRows() {
		for _, way := range ways() {
			t.Run(row.name+"/"+way.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					handler := row.handler(t)
					if row.chi && way.name != ways()[0].name {
						handler = http.StripPrefix(row.path, handler)
					}
					host := apptest.Start(t, func(a *app.Application) {
						install(a)
						routing.Routes(a, func(r *routing.Route) { way.put(r, row.path, handler) })
					}, row.options...)
					row.try(t, host)
				})
			})
		}
	}
}

// A step is what the streams of these tests wait between two events, so
// that a client sees when each has arrived.
const step = time.Second

// takeStep waits for a step, or until done.
func takeStep(done <-chan struct{}) {
	timer := time.NewTimer(step)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-done:
	}
}

// A watch says how many steps have passed since it was started.
type watch time.Time

func startWatch() watch { return watch(time.Now()) }

func (w watch) steps() int { return int(time.Since(time.Time(w)) / step) }

// readAll returns the body of a response with a status.
func readAll(t *testing.T, status int, response *http.Response) string {
	t.Helper()
	require.Equal(t, status, response.StatusCode)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}
