package app_test

import (
	"io"
	"math"
	"net/http"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// drain is a server's writer that is used again and again and keeps nothing.
type drain struct {
	header http.Header
	status int
	length int
}

func newDrain() *drain { return &drain{header: http.Header{}} }

func (w *drain) Header() http.Header    { return w.header }
func (w *drain) WriteHeader(status int) { w.status = status }

func (w *drain) Write(p []byte) (int, error) { w.length += len(p); return len(p), nil }

func (w *drain) WriteString(s string) (int, error) { w.length += len(s); return len(s), nil }

// serve serves a call and forgets it.
func (w *drain) serve(a *app.Application, r *http.Request) {
	clear(w.header)
	w.status, w.length = 0, 0
	a.ServeHTTP(w, r)
}

// oneRoute is a router that knows a single endpoint, so that nothing but the
// application is measured.
type oneRoute struct{ endpoint *app.Endpoint }

func (r *oneRoute) ServeCall(c *app.Call) error                    { return r.endpoint.Serve(c) }
func (r *oneRoute) ContextKey() any                                { return routerKey{} }
func (r *oneRoute) RouterContext(*app.Call, *http.Request) (_ any) { return nil }

// measured are the calls whose cost is watched.
func measured() map[string]struct {
	module app.Module
	status int
	allocs uint64
	bytes  uint64
} {
	on := func(handler app.Handler, more ...app.Module) app.Module {
		return func(a *app.Application) {
			for _, module := range more {
				module(a)
			}
			a.SetRouter(func() (app.Router, error) {
				endpoint, err := app.NewEndpoint(app.NewScope(a, "/"), "/", handler)
				return &oneRoute{endpoint}, err
			})
		}
	}
	plugins := func(a *app.Application) {
		for _, name := range []string{"First", "Second", "Third"} {
			a.Install(app.NewPlugin(name, func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
				b.OnCall(func(*app.Call) error { return nil })
				return nil
			}))
		}
	}
	notFound := app.NewError(http.StatusNotFound, "no such user")
	return map[string]struct {
		module app.Module
		status int
		allocs uint64
		bytes  uint64
	}{
		"text":    {on(text("Hello, world!")), 200, 2, 640},
		"plugins": {on(text("Hello, world!"), plugins), 200, 2, 640},
		"writer": {on(func(c *app.Call) error {
			_, err := io.WriteString(c.Writer(), "Hello, world!")
			return err
		}), 200, 3, 656 + 512}, // the race detector makes a pool forget
		"attribute": {on(func(c *app.Call) error {
			countKey.Set(c, 1)
			return c.RespondText("Hello, world!")
		}), 200, 3, 704},
		"late status": {on(func(c *app.Call) error {
			err := c.RespondText("Hello, world!")
			c.SetStatus(http.StatusCreated)
			return err
		}), 200, 2, 640}, // said in the first call alone
		"error": {on(func(*app.Call) error { return notFound }), 404, 10, 880},
	}
}

func TestAllocationsOfACall(t *testing.T) {
	for name, test := range measured() {
		t.Run(name, func(t *testing.T) {
			a := start(t, test.module)
			r, w := request(1), newDrain()
			w.serve(a, r)
			require.Equal(t, test.status, w.status)
			allocs, bytes := perRun(1000, func() { w.serve(a, r) })
			assert.LessOrEqual(t, allocs, test.allocs, "allocations")
			assert.LessOrEqual(t, bytes, test.bytes, "bytes")
		})
	}
}

// perRun returns what a run of f allocates, rounded down as
// testing.AllocsPerRun does it. What else the process allocates counts as well,
// so that the least of several tries is nearest to it.
func perRun(runs uint64, f func()) (allocs, bytes uint64) {
	f()
	allocs, bytes = math.MaxUint64, math.MaxUint64
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			f()
		}
		runtime.ReadMemStats(&after)
		allocs = min(allocs, (after.Mallocs-before.Mallocs)/runs)
		bytes = min(bytes, (after.TotalAlloc-before.TotalAlloc)/runs)
	}
	return allocs, bytes
}

func BenchmarkCall(b *testing.B) {
	for name, test := range measured() {
		b.Run(name, func(b *testing.B) {
			a := start(b, test.module)
			r, w := request(1), newDrain()
			b.ReportAllocs()
			for b.Loop() {
				w.serve(a, r)
			}
		})
	}
}
