package authentication_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/routing"
)

// blank is a writer that forgets.
type blank struct{ header http.Header }

func (b blank) Header() http.Header         { return b.header }
func (b blank) Write(p []byte) (int, error) { return len(p), nil }
func (b blank) WriteHeader(int)             {}

// serving returns a function that serves one call of Ann behind layers.
func serving(t testing.TB, layers ...app.Installable) func() {
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			nest(r, layers, func(r *routing.Route) { r.Get("/", func(c *app.Call) error { return c.RespondText("OK") }) })
		})
	})
	require.NoError(t, application.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, application.Stop(context.Background())) })
	request := httptest.NewRequestWithContext(application.Context(), http.MethodGet, "/", http.NoBody)
	request.Header.Set("X-User", "ann")
	writer := blank{http.Header{}}
	return func() {
		clear(writer.header)
		application.ServeHTTP(writer, request)
	}
}

// guards are the layers whose cost is watched.
func guards() map[string][]app.Installable {
	users, keys := byHeader("X-User"), byHeader("X-Key")
	mapped := authentication.Map(users, func(_ *app.Call, u User) (User, error) { return u, nil })
	return map[string][]app.Installable{
		"bare":   nil,
		"one":    {authentication.Require(users)},
		"nested": {authentication.Require(users), authentication.Require(users), authentication.Optional(users)},
		"mapped": {authentication.Require(mapped)},
		"second": {authentication.Require(keys, users)},
	}
}

// BenchmarkCall measures a whole call; "bare" is one without a layer, to be taken
// off.
func BenchmarkCall(b *testing.B) {
	for name, layers := range guards() {
		b.Run(name, func(b *testing.B) {
			call := serving(b, layers...)
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}

// TestAllocations: a principal is one, however often it is asked for. A scheme
// that has refused the call costs two more, for what is said of it.
func TestAllocations(t *testing.T) {
	cost := map[string]float64{}
	for name, layers := range guards() {
		cost[name] = testing.AllocsPerRun(200, serving(t, layers...))
	}
	assert.InDelta(t, 1, cost["one"]-cost["bare"], 0.1)
	assert.InDelta(t, 1, cost["nested"]-cost["bare"], 0.1)
	assert.InDelta(t, 2, cost["mapped"]-cost["bare"], 0.1)
	assert.InDelta(t, 3, cost["second"]-cost["bare"], 0.1)
}
