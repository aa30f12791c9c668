// Package misc_test holds the fragments of Ktor's documentation in its sample
// _misc, as tests.
package misc_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// TestEmbeddedServerConfigure is EmbeddedServerConfigure.kt.
func TestEmbeddedServerConfigure(t *testing.T) {
	server := engine.EmbeddedServer(func(*app.Application) {
		// ...
	}, engine.Host("127.0.0.1"), engine.Port(0))
	require.NoError(t, server.Start(t.Context()))
	assert.Len(t, server.Addrs(), 1)
	require.NoError(t, server.Stop(t.Context()))
}

// TestEmbeddedServerConfigureEngine is EmbeddedServerConfigureEngine.kt, without
// the sizes of thread pools, which Go does not have.
func TestEmbeddedServerConfigureEngine(t *testing.T) {
	server := engine.EmbeddedServer(func(*app.Application) {
		// ...
	}, engine.Port(8080), engine.ShutdownGrace(2*time.Second), engine.ShutdownTimeout(3*time.Second))
	config := server.Application().Config()
	assert.Equal(t, 2*time.Second, config.ShutdownGrace)
	assert.Equal(t, 3*time.Second, config.ShutdownTimeout)
}

// TestQueryParameter is QueryParameter.kt.
func TestQueryParameter(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/products", func(c *app.Call) error {
				if c.QueryParam("price") == "asc" {
					return c.RespondText("from the lowest price to the highest")
				}
				return c.RespondText("in no order")
			})
		})
	})
	assert.Equal(t, "from the lowest price to the highest", apptest.Text(t, host.Get("/products?price=asc")))
	assert.Equal(t, "in no order", apptest.Text(t, host.Get("/products")))
}

// TestRouteParameter is RouteParameter.kt.
func TestRouteParameter(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/user/{login}", func(c *app.Call) error {
				if c.Param("login") == "admin" {
					return c.RespondText("welcome")
				}
				return app.NewError(404, "no such user")
			})
		})
	})
	assert.Equal(t, "welcome", apptest.Text(t, host.Get("/user/admin")))
	assert.Equal(t, "no such user", apptest.Text(t, host.Get("/user/guest?login=admin")), "the path counts, not the query")
}
