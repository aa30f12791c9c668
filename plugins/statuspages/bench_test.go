package statuspages_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

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

func handlers(c *statuspages.Config) {
	c.Status(404, page)
	statuspages.Exception(c, func(c *app.Call, _ error) error { return respond(c, 500, "error") })
}

// A call that needs no page costs no allocation.
func TestAllocations(t *testing.T) {
	want := int(testing.AllocsPerRun(100, calls(t, "/", nil)))
	require.Equal(t, want, int(testing.AllocsPerRun(100, calls(t, "/", handlers))))
}

func BenchmarkStatusPages(b *testing.B) {
	for name, serve := range map[string]func(){
		"without":  calls(b, "/", nil),
		"no page":  calls(b, "/", handlers),
		"with one": calls(b, "/missing", handlers),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				serve()
			}
		})
	}
}
