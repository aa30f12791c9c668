package compat_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/docgen"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

// Staff is a scoped plugin that is made of a middleware: chi's BasicAuth, with
// a configuration of its own on each route that it is installed on.
var Staff = app.NewScopedPlugin("Staff", func() StaffConfig { return StaffConfig{Realm: "staff"} },
	func(b *app.PluginBuilder[StaffConfig]) error {
		config := b.Config()
		b.Use(middleware.BasicAuth(config.Realm, map[string]string{config.User: "secret"}))
		return nil
	})

// StaffConfig says who is let in.
type StaffConfig struct{ Realm, User string }

func TestMiddlewareInAScopedPlugin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		user := func(c *app.Call) error {
			name, _, _ := c.Request.BasicAuth()
			return c.RespondText("hello " + name)
		}
		host := apptest.Start(t, func(a *app.Application) {
			install(a)
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", user)
				r.Route("/staff", func(r *routing.Route) {
					r.Install(Staff.With(func(c *StaffConfig) { c.User = "ann" }))
					r.Get("", user)
					r.Route("/boss", func(r *routing.Route) {
						r.Install(Staff.With(func(c *StaffConfig) { c.User, c.Realm = "eve", "boss" }))
						r.Get("", user)
					})
				})
			})
		})
		as := func(name string) apptest.RequestOption {
			return func(r *http.Request) { r.SetBasicAuth(name, "secret") }
		}
		for _, ask := range []struct {
			path, user string
			status     int
		}{
			{"/", "", http.StatusOK},
			{"/staff", "ann", http.StatusOK},
			{"/staff", "eve", http.StatusUnauthorized},
			{"/staff/boss", "eve", http.StatusOK}, // the nearest alone runs
			{"/staff/boss", "ann", http.StatusUnauthorized},
			{"/staff/missing", "eve", http.StatusNotFound}, // no route has matched
		} {
			response := host.Get(ask.path, as(ask.user))
			assert.Equal(t, ask.status, response.StatusCode, "%s as %q", ask.path, ask.user)
		}
		assert.Equal(t, `Basic realm="boss"`, host.Get("/staff/boss").Header.Get("WWW-Authenticate"))
	})
}

func TestDocgenReadsTheRoutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var application *app.Application
		apptest.Start(t, func(a *app.Application) {
			application = a
			routing.Routes(a, func(r *routing.Route) {
				hello := func(c *app.Call) error { return c.RespondText("hello") }
				r.Get("/", hello)
				r.Route("/users/{id}", func(r *routing.Route) {
					r.Get("", hello)
					r.Delete("/photo", hello)
				})
				r.Mount("/files", http.NotFoundHandler())
			})
		})
		mux, made := routing.Mux(application)
		require.True(t, made)
		document := docgen.JSONRoutesDoc(mux)
		for _, route := range []string{`"/"`, `"/users/{id}"`, `"/users/{id}/photo"`, `"/files"`, `"DELETE"`, `"GET"`} {
			assert.Contains(t, document, route)
		}
	})
}
