package datastar_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/datastar"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// bubble runs a test in fake time, once for each protocol.
func bubble(t *testing.T, test func(t *testing.T, mode apptest.Option)) {
	t.Helper()
	for name, mode := range map[string]apptest.Option{"HTTP/1.1": apptest.HTTP1(), "h2c": apptest.H2C()} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, mode) })
		})
	}
}

// Every method of an action can be answered with a stream.
func TestActions(t *testing.T) {
	bubble(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.Handle("/count", func(c *app.Call) error {
					signals, err := datastar.ReadSignals[struct{ Count int }](c)
					if err != nil {
						return err
					}
					return sse.Respond(c, func(s *sse.Session) error {
						return datastar.PatchSignals(s, map[string]int{"count": signals.Count + 1})
					})
				})
			})
		}, mode)
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			path, body := "/count", io.Reader(strings.NewReader(`{"count":6}`))
			if method == http.MethodGet || method == http.MethodDelete {
				path, body = "/count?datastar=%7B%22count%22%3A6%7D", nil
			}
			response := host.Do(method, path, body)
			assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"), method)
			assert.Equal(t, "event: datastar-patch-signals\r\ndata: signals {\"count\":7}\r\n\r\n", apptest.Text(t, response), method)
		}
	})
}

// What a session does for every stream it does here: heartbeats between events,
// which are no message of their own, and the stop at once, with a clean end.
func TestHeartbeatsAndStop(t *testing.T) {
	bubble(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin.With(func(c *sse.Config) { c.Heartbeat() }))
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/slow", func(s *sse.Session) error {
					for {
						if err := datastar.PatchElements(s, "<p id=\"a\">\n</p>"); err != nil {
							return err
						}
						if err := s.Delay(40 * time.Second); err != nil {
							return err
						}
					}
				})
			})
		}, mode)
		response := host.Get("/slow")
		began := time.Now()
		assert.Len(t, ssetest.Take(t, response.Body, 2), 2)
		assert.Equal(t, 40*time.Second, time.Since(began))
		host.Stop()
		assert.Equal(t, 40*time.Second, time.Since(began))

		host = apptest.New(t, mode)
		host.Start(func(a *app.Application) {
			a.Install(sse.Plugin.With(func(c *sse.Config) { c.Heartbeat() }))
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/slow", func(s *sse.Session) error {
					if err := s.Delay(35 * time.Second); err != nil {
						return err
					}
					return datastar.PatchElements(s, "<p id=\"a\">\n</p>")
				})
			})
		})
		assert.Equal(t, ": heartbeat\r\n: heartbeat\r\nevent: datastar-patch-elements\r\ndata: elements <p id=\"a\">\r\ndata: elements </p>\r\n\r\n",
			apptest.Text(t, host.Get("/slow")))
	})
}

// A hub sends one patch to all who have joined, with an ID to come back by.
func TestTopic(t *testing.T) {
	bubble(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			hub := sse.NewHub(a)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/feed", func(s *sse.Session) error { return hub.Join(s, "feed") })
				r.Post("/feed", func(c *app.Call) error {
					text, err := c.ReceiveText()
					if err != nil {
						return err
					}
					to := datastar.Topic(c.Context(), hub, "feed")
					if err := datastar.PatchElements(to, text, datastar.Selector("#feed"), datastar.Append); err != nil {
						return err
					}
					if err := datastar.PatchElements(to, text, datastar.EventID("mine")); err == nil {
						return app.NewError(http.StatusTeapot, "the hub gives the IDs")
					}
					return c.RespondStatus(http.StatusNoContent)
				})
			})
		}, mode)
		first, second := host.Get("/feed"), host.Get("/feed")
		response := host.Post("/feed", "text/plain", strings.NewReader("<li>\n</li>"))
		require.Equal(t, http.StatusNoContent, response.StatusCode)
		got := ssetest.Take(t, first.Body, 1)
		assert.Equal(t, got, ssetest.Take(t, second.Body, 1))
		assert.NotEmpty(t, got[0].ID)
		assert.Equal(t, "selector #feed\nmode append\nelements <li>\nelements </li>", got[0].Data)
		require.NoError(t, first.Body.Close())
		require.NoError(t, second.Body.Close())
	})
}
