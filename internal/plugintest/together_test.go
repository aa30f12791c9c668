package plugintest_test

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// They are installed in the wrong order and run in the right one.
func TestContentNegotiationAfterCompression(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(compression.Plugin)
			a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() }))
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error { return c.Respond(map[string]string{"text": strings.Repeat("x", 1000)}) })
			})
		}, mode)
		response := host.Get("/", apptest.Header("Accept-Encoding", "gzip"))
		assert.Equal(t, "application/json", strings.Split(response.Header.Get("Content-Type"), ";")[0])
		require.Equal(t, "gzip", response.Header.Get("Content-Encoding"))
		body, err := gzip.NewReader(response.Body)
		require.NoError(t, err)
		text, err := io.ReadAll(body)
		require.NoError(t, err)
		assert.JSONEq(t, `{"text":"`+strings.Repeat("x", 1000)+`"}`, string(text))
	})
}

var errOutOfPaper = errors.New("out of paper")

// Each of the middlewares wraps the writer.
func TestCORSAndStatusPagesBehindMiddlewares(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		var seen []int
		host := apptest.Start(t, func(a *app.Application) {
			a.Use(middleware.RequestID, middleware.Compress(5, "text/plain"), func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					wrapped := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
					next.ServeHTTP(wrapped, r)
					seen = append(seen, wrapped.Status())
				})
			})
			a.Install(cors.Plugin.With(func(c *cors.Config) { c.AllowHost("example.com") }))
			a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
				c.ExceptionFunc(func(err error) bool { return errors.Is(err, errOutOfPaper) }, func(call *app.Call, _ error) error {
					call.SetStatus(http.StatusServiceUnavailable)
					return call.RespondText("no paper")
				})
				c.Status(http.StatusNotFound, func(call *app.Call, _ int) error { return call.RespondText("nothing here") })
			}))
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/print", func(*app.Call) error { return errOutOfPaper })
			})
		}, mode)
		origin := apptest.Header("Origin", "http://example.com")

		response := host.Get("/print", origin)
		assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		assert.Equal(t, "no paper", apptest.Text(t, response))
		assert.Equal(t, "http://example.com", response.Header.Get("Access-Control-Allow-Origin"))

		response = host.Get("/nowhere", origin)
		assert.Equal(t, http.StatusNotFound, response.StatusCode)
		assert.Equal(t, "nothing here", apptest.Text(t, response))

		preflight := host.Do(http.MethodOptions, "/print", nil, origin, apptest.Header("Access-Control-Request-Method", "GET"))
		assert.Equal(t, http.StatusOK, preflight.StatusCode)
		assert.Equal(t, http.StatusForbidden, host.Get("/print", apptest.Header("Origin", "http://evil.com")).StatusCode)
		host.Stop()
		assert.Equal(t, []int{503, 404, 200, 403}, seen, "the middleware sees the real status")
	})
}

func TestMountedHandlersHaveThePluginsOfTheirRoute(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/legacy", func(r *routing.Route) {
				r.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) { c.Header("X-From", "the route") }))
				r.Mount("", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "mounted") }))
			})
			r.Get("/other", func(c *app.Call) error { return c.RespondText("other") })
		})
	})
	response := host.Get("/legacy/deep/down")
	assert.Equal(t, "mounted", apptest.Text(t, response))
	assert.Equal(t, "the route", response.Header.Get("X-From"))
	assert.Empty(t, host.Get("/other").Header.Get("X-From"))
}
