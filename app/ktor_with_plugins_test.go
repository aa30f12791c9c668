package app_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// TestKtorSuitesWithPlugins has the tests of HttpServerCommonTestSuite,
// SustainabilityTestSuite and HttpRequestLifecycleTest that install a plugin.
func TestKtorSuitesWithPlugins(t *testing.T) {
	with := func(plugin app.Installable, declare func(r *routing.Route)) app.Module {
		return func(a *app.Application) {
			a.Install(plugin)
			routing.Routes(a, declare)
		}
	}
	logging := calllogging.Plugin.With(func(c *calllogging.Config) {
		c.MDC("something", func(*app.Call) (string, bool) { return "something else", true })
	})
	runKtor(t, map[string]ktorCase{
		"testHeadRequest": {with(autoheadresponse.Plugin, func(r *routing.Route) { r.Get("/", text("Hello")) }), func(t *testing.T, host *apptest.Host) {
			response := host.Head("/")
			expect(t, response, http.StatusOK, "")
			assert.Empty(t, response.TransferEncoding)
			assert.Equal(t, "5", response.Header.Get("Content-Length"))
		}},
		"testStatusPages404": {with(statuspages.Plugin.With(func(c *statuspages.Config) {
			c.Status(http.StatusNotFound, func(c *app.Call, _ int) error {
				c.Header().Set("Content-Type", "text/html")
				return c.RespondText("Error string")
			})
		}), func(*routing.Route) {}), gets("/non-existent", http.StatusNotFound, "Error string")},
		"testGetWithBody": {with(compression.Plugin, func(r *routing.Route) { r.Get("/", echoing[string]) }), func(t *testing.T, host *apptest.Host) {
			expect(t, host.Do(http.MethodGet, "/", strings.NewReader("text body")), http.StatusOK, "text body")
		}},
		"testHttpRequestLifecycleWithCallLogging": {with(logging, func(r *routing.Route) { r.Get("/hello", text("world")) }), func(t *testing.T, host *apptest.Host) {
			for range 20 {
				expect(t, host.Get("/hello"), http.StatusOK, "world")
			}
			synctest.Wait()
			lines := 0
			for _, record := range host.Log() {
				if record.Attrs["end"] == "answered" {
					assert.Equal(t, "something else", record.Attrs["something"])
					lines++
				}
			}
			assert.Equal(t, 20, lines)
		}},
		"testHttpRequestLifecycleCancelWithCallLogging": {with(logging, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				err := flushedText(c, "begun")
				select {
				case <-c.Context().Done():
				case <-time.After(20 * time.Second):
				}
				assert.ErrorIs(t, c.Context().Err(), context.Canceled)
				return errors.Join(err, c.Context().Err())
			})
		}), func(t *testing.T, host *apptest.Host) {
			began := time.Now()
			require.NoError(t, host.Get("/").Body.Close())
			synctest.Wait()
			assert.Zero(t, time.Since(began))
			log := host.Log()
			assert.Equal(t, "client gone", log[len(log)-1].Attrs["end"])
			assert.Empty(t, host.Log().AtLeast(slog.LevelError))
		}},
	})
}
