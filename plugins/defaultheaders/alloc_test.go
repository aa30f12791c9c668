//go:build !race

// The race detector makes pools forget on purpose, so there is nothing to count
// under it.

package defaultheaders_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/routing"
)

// The plugin costs a call no allocation beyond what the header map takes.
func TestAllocations(t *testing.T) {
	a := app.New(func(a *app.Application) {
		a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) { c.Header("X-Test", "123") }))
		routing.Routes(a, func(r *routing.Route) { r.Get("/", ok) })
	})
	require.NoError(t, a.Start(t.Context()))
	plain := app.New(func(a *app.Application) { routing.Routes(a, func(r *routing.Route) { r.Get("/", ok) }) })
	require.NoError(t, plain.Start(t.Context()))
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	measure := func(h http.Handler) float64 {
		w := &reusable{header: http.Header{}}
		return testing.AllocsPerRun(100, func() {
			clear(w.header)
			h.ServeHTTP(w, request)
		})
	}
	assert.Equal(t, int(measure(plain)), int(measure(a)))
	require.NoError(t, a.Stop(t.Context()))
	require.NoError(t, plain.Stop(t.Context()))
}
