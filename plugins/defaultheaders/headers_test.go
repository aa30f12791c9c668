package defaultheaders_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// TestEveryResponse: whoever responds, the header is sent once, and what
// somebody has set stays.
func TestEveryResponse(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
				c.Status(410, func(c *app.Call, _ int) error { return c.RespondText("gone") })
			}))
			a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) {
				c.Header("x-default", "one")
				c.Header("X-Default", "two")
				c.Header("X-Mine", "default")
			}))
			routing.Routes(a, func(r *routing.Route) {
				r.Use(middleware.RequestID, middleware.Recoverer, middleware.BasicAuth("realm", map[string]string{"user": "password"}))
				r.Get("/text", func(c *app.Call) error { c.Header().Set("X-Mine", "mine"); return c.RespondText("text") })
				r.Get("/added", func(c *app.Call) error { c.Header().Add("X-Mine", "mine"); return c.RespondText("text") })
				r.Get("/dropped", func(c *app.Call) error { c.Header()["X-Mine"] = nil; return c.RespondText("text") })
				r.Get("/writer", func(c *app.Call) error { _, err := c.Writer().Write(make([]byte, 10_000)); return err })
				r.Get("/fail", func(*app.Call) error { return errors.New("broken") })
				r.Get("/gone", func(c *app.Call) error { return c.RespondStatus(410) })
				r.Mount("/mounted", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Mine", "mine") }))
				r.SSE("/events", func(s *sse.Session) error { return s.SendText("event") })
			})
		}, mode)
		auth := func(r *http.Request) { r.SetBasicAuth("user", "password") }
		for path, mine := range map[string]string{
			"/text": "mine", "/added": "mine", "/dropped": "", "/writer": "default", "/fail": "default", "/missing": "default",
			"/gone": "default", "/mounted": "mine", "/events": "default",
		} {
			response := host.Get(path, auth)
			apptest.Text(t, response)
			assert.Equal(t, []string{"one", "two"}, response.Header["X-Default"], path)
			assert.Equal(t, mine, strings.Join(response.Header["X-Mine"], ", "), path)
			assert.Equal(t, []string{"Chitor"}, response.Header["Server"], path)
			assert.Len(t, response.Header["Date"], 1, path)
		}
		response := host.Get("/text")
		assert.Equal(t, 401, response.StatusCode)
		assert.Equal(t, []string{"one", "two"}, response.Header["X-Default"])
	})
}

func TestEventsAreFlushed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			a.Install(defaultheaders.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/", func(s *sse.Session) error {
					for range 2 {
						if err := s.Delay(time.Hour); err != nil {
							return err
						}
						if err := s.SendText("event"); err != nil {
							return err
						}
					}
					return nil
				})
			})
		})
		began, seen := time.Now(), 0
		response := host.Get("/")
		assert.Equal(t, []string{"Chitor"}, response.Header["Server"])
		for range ssetest.Events(t, response.Body) {
			seen++
			assert.Equal(t, time.Duration(seen)*time.Hour, time.Since(began))
		}
		assert.Equal(t, 2, seen)
	})
}

func TestServerCanBeLeftOut(t *testing.T) {
	assert.Empty(t, serve(t, func(c *defaultheaders.Config) { c.Server = "" }).Get("/").Header["Server"])
}

// What is added before the body is encoded is what the encoder looks at: a tag
// becomes a weak one.
func TestBeforeCompression(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) { c.Header("ETag", `"7c876b7e"`) }))
		a.Install(compression.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText(strings.Repeat("Hello ", 100)) })
		})
	})
	assert.Equal(t, `"7c876b7e"`, host.Get("/").Header.Get("ETag"))
	assert.Equal(t, `W/"7c876b7e"`, host.Get("/", apptest.Header("Accept-Encoding", "gzip")).Header.Get("ETag"))
}

// A response that changes its header changes that of no other.
func TestHeadersAreNotShared(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) { c.Header("Link", "</style.css>") }))
		a.InterceptSend(app.SendAfter, func(_ *app.Call, out *app.Outgoing) error {
			out.Header.Add("Link", "</script.js>")
			return nil
		})
		routing.Routes(a, func(r *routing.Route) { r.Get("/", ok) })
	})
	for range 3 {
		assert.Equal(t, []string{"</style.css>", "</script.js>"}, host.Get("/").Header["Link"])
	}
}

func TestNearestInstallationCounts(t *testing.T) {
	named := func(name string) app.Installable {
		return defaultheaders.Plugin.With(func(c *defaultheaders.Config) { c.Header("X-"+name, name) })
	}
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Install(named("Outer"))
			r.Get("/", ok)
			r.Route("/inner", func(r *routing.Route) {
				r.Install(named("Inner"))
				r.Get("", ok)
			})
		})
	})
	assert.Equal(t, "Outer", host.Get("/").Header.Get("X-Outer"))
	inner := host.Get("/inner").Header
	assert.Equal(t, "Inner", inner.Get("X-Inner"))
	assert.Empty(t, inner.Get("X-Outer"))
}

func TestMistakes(t *testing.T) {
	a := app.New(func(a *app.Application) {
		a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) {
			c.Header("", "value")
			c.Header("a name", "value")
			c.Header("X-Lines", "one\r\nX-Two: two")
			c.Header("content-length", "7")
			c.Header("Transfer-Encoding", "chunked")
			c.Header("Upgrade", "h2c")
			c.Header("Content-Encoding", "gzip")
			c.Header("Content-Range", "bytes 0-1/2")
			c.Header("Trailer", "X")
		}))
	})
	err := a.Start(context.Background())
	for _, want := range []string{
		"defaultheaders/headers_test.go:", "install DefaultHeaders: ", `header "": that is not`, `header "a name": that is not`,
		"header X-Lines: the value", "header content-length: it cannot", "header Transfer-Encoding: it cannot", "header Upgrade: it cannot",
		"header Content-Encoding: it cannot", "header Content-Range: it cannot", "header Trailer: it cannot",
	} {
		assert.ErrorContains(t, err, want)
	}
}
