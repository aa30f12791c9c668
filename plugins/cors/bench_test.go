package cors_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

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

func plain(a *app.Application) { routing.Routes(a, root) }

// A call that is allowed, and one that is none of the plugin's business, cost
// no allocation.
func TestAllocations(t *testing.T) {
	want := int(testing.AllocsPerRun(100, calls(t, plain, example)))
	require.Equal(t, want, int(testing.AllocsPerRun(100, calls(t, module(exampleCom, root), example))))
	require.Equal(t, want, int(testing.AllocsPerRun(100, calls(t, module(exampleCom, root), ""))))
}

func BenchmarkCORS(b *testing.B) {
	for name, serve := range map[string]func(){
		"without":   calls(b, plain, example),
		"no origin": calls(b, module(exampleCom, root), ""),
		"allowed":   calls(b, module(exampleCom, root), example),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				serve()
			}
		})
	}
}
