package ratelimit_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	"github.com/chitor-go/chitor/routing"
)

// limited returns the plugin with a limit and what configure functions add.
func limited(limit int, refill time.Duration, configure ...func(*ratelimit.Config)) app.Installable {
	return ratelimit.Plugin.With(func(c *ratelimit.Config) {
		c.Limit, c.Refill = limit, refill
		for _, change := range configure {
			change(c)
		}
	})
}

// name gives a limit a name.
func name(name string) func(*ratelimit.Config) {
	return func(c *ratelimit.Config) { c.Name = name }
}

// byQuery has the query parameter key for a key.
func byQuery(c *ratelimit.Config) {
	c.Key = func(c *app.Call) (string, error) { return c.QueryParam("key"), nil }
}

// byPrice has the query parameter price for a weight.
func byPrice(c *ratelimit.Config) {
	c.Weight = func(c *app.Call, _ string) int {
		price, _ := strconv.Atoi(c.QueryParam("price"))
		return price
	}
}

func ok(c *app.Call) error { return c.RespondText("OK") }

// get is a module with one limited route.
func get(path string, limit app.Installable) app.Module {
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) { r.Get(path, ok).Install(limit) })
	}
}

func assertOK(t *testing.T, host *apptest.Host, path string, times int) {
	t.Helper()
	for range times {
		require.Equal(t, http.StatusOK, host.Get(path).StatusCode, path)
	}
}

func assertRefused(t *testing.T, host *apptest.Host, path string) {
	t.Helper()
	assert.Equal(t, http.StatusTooManyRequests, host.Get(path).StatusCode, path)
}

// direct serves calls without a network, from clients of any address.
type direct struct{ *app.Application }

func start(t testing.TB, module app.Module) direct {
	t.Helper()
	application := app.New(module)
	require.NoError(t, application.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, application.Stop(context.Background())) })
	return direct{application}
}

// from returns the response to a client of an address.
func (d direct) from(address, path string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	request.RemoteAddr = address
	recorder := httptest.NewRecorder()
	d.ServeHTTP(recorder, request)
	return recorder
}
