package sse_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// wrapping is a writer of a middleware, which passes everything on.
type wrapping struct{ http.ResponseWriter }

func (w wrapping) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// TestWhatHoldsAStream: each reason is counted, is said once for a route, and keeps
// nothing from the client.
func TestWhatHoldsAStream(t *testing.T) {
	within := func(r *http.Request, limit time.Duration) (*http.Request, context.CancelFunc) {
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		return r.WithContext(ctx), cancel
	}
	for name, test := range map[string]struct {
		protocol string // HTTP/1.1 if it is empty
		body     string
		module   func(*app.Application)
		config   func(*sse.Config)
		server   func(*http.Server)
		held     sse.HeldStats // by two streams
		said     string
	}{
		"nothing": {},
		"ParkNever": {
			config: func(c *sse.Config) { c.Parking = sse.ParkNever },
			held:   sse.HeldStats{Configured: 2},
		},
		"HTTP/2": {
			protocol: "HTTP/2.0",
			held:     sse.HeldStats{Protocol: 2}, said: "the protocol is not HTTP/1",
		},
		"a router around the application": { // whose context of the route is another request's soon
			server: func(s *http.Server) {
				router := chi.NewRouter()
				router.Handle("/*", s.Handler)
				s.Handler = router
			},
			held: sse.HeldStats{Server: 2}, said: "the application is not the handler of a server of net/http",
		},
		"a middleware": {
			module: func(a *app.Application) {
				a.Use(func(next http.Handler) http.Handler { return http.HandlerFunc(next.ServeHTTP) })
			},
			held: sse.HeldStats{Around: 2}, said: "by=\"the middleware at sse/held_test.go:",
		},
		"a middleware that returns early": {
			module: func(a *app.Application) {
				a.Use(app.ReturnsEarly(func(next http.Handler) http.Handler { return http.HandlerFunc(next.ServeHTTP) }))
			},
		},
		"a middleware, and ParkAlways": {
			module: func(a *app.Application) {
				a.Use(func(next http.Handler) http.Handler { return http.HandlerFunc(next.ServeHTTP) })
			},
			config: func(c *sse.Config) { c.Parking = sse.ParkAlways },
		},
		"a writer of a middleware, and ParkAlways": {
			module: func(a *app.Application) {
				a.Use(func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						next.ServeHTTP(wrapping{w}, r)
					})
				})
			},
			config: func(c *sse.Config) { c.Parking = sse.ParkAlways },
			held:   sse.HeldStats{Writer: 2}, said: "something is around the response",
		},
		"a deadline": {
			module: func(a *app.Application) {
				a.Use(app.ReturnsEarly(func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						r, cancel := within(r, time.Hour)
						defer cancel()
						next.ServeHTTP(w, r)
					})
				}))
			},
			held: sse.HeldStats{Context: 2}, said: "or it has a deadline",
		},
		"a body": {
			body: "hello",
			held: sse.HeldStats{Body: 2}, said: "the request has a body",
		},
		"work of the call": {
			module: func(a *app.Application) {
				a.Install(app.NewPlugin("Working", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
					b.OnCall(func(c *app.Call) error {
						c.Go(func(context.Context) error { return nil })
						return nil
					})
					return nil
				}))
			},
			held: sse.HeldStats{Work: 2}, said: "work of Call.Go runs",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				protocol, configure := test.protocol, []func(*http.Server){}
				if protocol == "" {
					protocol = "HTTP/1.1"
				}
				if test.server != nil {
					configure = append(configure, test.server)
				}
				h := startModule(t, protocol, func(a *app.Application) {
					a.Install(sse.Plugin.With(func(c *sse.Config) {
						if test.config != nil {
							test.config(c)
						}
					}))
					if test.module != nil {
						test.module(a)
					}
					hub = sse.NewHub(a)
					routing.Routes(a, func(r *routing.Route) {
						r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
					})
				}, configure...)
				var responses []*http.Response
				for range 2 {
					var body io.Reader
					if test.body != "" {
						body = strings.NewReader(test.body)
					}
					responses = append(responses, h.open(http.MethodGet, "/news", body))
				}
				settle()
				stats := h.sessions().Stats()
				assert.Equal(t, test.held, stats.Held)
				parked := 0
				if test.held == (sse.HeldStats{}) {
					parked = 2
				}
				assert.Equal(t, parked, stats.Parked)
				said := h.log.take("streams are held and not parked")
				if test.said == "" {
					assert.Empty(t, said)
				} else if assert.Len(t, said, 1) {
					assert.Contains(t, said[0], test.said)
					assert.Contains(t, said[0], "level=DEBUG")
					assert.Contains(t, said[0], "route=/news")
				}
				require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: "hello"}))
				settle()
				h.stop()
				for _, response := range responses {
					text, err := rest(response)
					require.NoError(t, err)
					assert.Contains(t, text, "data: hello\r\n")
				}
			})
		})
	}
}

// TestAStreamOfAHandlerIsHeld: what follows it in the handler comes at its end.
func TestAStreamOfAHandlerIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		over := false
		h := startModule(t, "HTTP/1.1", func(a *app.Application) {
			a.Install(sse.Plugin)
			hub = sse.NewHub(a)
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/news", func(c *app.Call) error {
					defer func() { over = true }()
					return sse.Respond(c, func(s *sse.Session) error { return hub.Join(s, "news") })
				})
			})
		})
		h.get("/news")
		settle()
		assert.Equal(t, sse.HeldStats{Handler: 1}, h.sessions().Stats().Held)
		assert.False(t, over)
		hub.Close()
		settle()
		assert.True(t, over)
	})
}
