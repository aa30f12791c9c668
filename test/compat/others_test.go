package compat_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/docgen"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

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

// TestTracesAroundAnApplicationNameItsRoutes: otelhttp around the application,
// in a server of one's own, and CallLogging below http.TimeoutHandler.
func TestTracesAroundAnApplicationNameItsRoutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			install(a)
			a.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Minute, "too late") })
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/users/{id}", func(c *app.Call) error { return c.RespondText(c.PathParam("id")) })
			})
		})
		spans := tracetest.NewSpanRecorder()
		traced := otelhttp.NewHandler(host.Application(), "server",
			otelhttp.WithTracerProvider(trace.NewTracerProvider(trace.WithSpanProcessor(spans))))
		response := httptest.NewRecorder()
		traced.ServeHTTP(response, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/users/7", nil))
		require.Equal(t, "7", response.Body.String())
		assert.Equal(t, []string{"span GET /users/{id} http.response.body.size=1 http.response.status_code=200"},
			spanLines(spans.Ended()))
		synctest.Wait()
		line := host.Log().Find("the call ended")
		require.Len(t, line, 1)
		assert.Equal(t, "/users/{id}", line[0].Attrs["route"])
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
