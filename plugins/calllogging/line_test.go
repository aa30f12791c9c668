package calllogging_test

import (
	"errors"
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
	"github.com/chitor-go/chitor/plugins/callid"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

var errBroken = errors.New("it is broken")

// TestEnds crosses how a call can end on its own with the line that it leaves.
func TestEnds(t *testing.T) {
	for name, test := range map[string]struct {
		handler app.Handler
		method  string
		want    string // after method and path
	}{
		"text":    {text("12345"), "GET", `status=200 route=/call bytes=5 duration=0s end=answered`},
		"nothing": {func(*app.Call) error { return nil }, "GET", `status=404 route=/call bytes=0 duration=0s end=answered`},
		"status":  {func(c *app.Call) error { return c.RespondStatus(201) }, "GET", `status=201 route=/call bytes=0 duration=0s end=answered`},
		"stream": {
			func(c *app.Call) error {
				_, _ = io.WriteString(c.Writer(), "one")
				require.NoError(t, http.NewResponseController(c.Writer()).Flush())
				time.Sleep(time.Minute)
				_, err := io.WriteString(c.Writer(), "two")
				return err
			},
			"GET", `status=200 route=/call bytes=6 duration=1m0s end=answered`,
		},
		"events": {
			func(c *app.Call) error {
				return sse.Respond(c, func(s *sse.Session) error { _ = s.SendText("hello"); return s.Delay(time.Hour) })
			},
			"GET", `status=200 route=/call bytes=15 duration=1h0m0s end=answered`,
		},
		"events that fail": {
			func(c *app.Call) error {
				return sse.Respond(c, func(s *sse.Session) error { _ = s.Delay(time.Second); return errBroken })
			},
			"GET", `status=200 route=/call bytes=0 duration=1s end=failed error="respond: event stream of 1s, 0 events and 0 bytes: it is broken"`,
		},
		"net/http": {
			app.FromHTTP(http.NotFoundHandler()), "GET", `status=404 route=/call bytes=19 duration=0s end=answered`,
		},
		"error":  {func(*app.Call) error { return errBroken }, "GET", `status=500 route=/call bytes=21 duration=0s end=failed error="it is broken"`},
		"panic":  {func(*app.Call) error { panic("the reason") }, "GET", `status=500 route=/call bytes=21 duration=0s end=failed error="panic: the reason"`},
		"coded":  {func(*app.Call) error { return app.NewError(403, "no") }, "GET", `status=403 route=/call bytes=2 duration=0s end=failed error="403 no"`},
		"answer": {func(c *app.Call) error { return errors.Join(c.RespondText("ok"), errBroken) }, "GET", `status=500 route=/call bytes=21 duration=0s end=failed error="it is broken"`},
		"body": {
			func(c *app.Call) error {
				_, _ = io.WriteString(c.Writer(), strings.Repeat("x", 600))
				return errBroken
			},
			"GET", `status=200 route=/call bytes=600 duration=0s end=failed error="it is broken"`,
		},
		"short body": {
			func(c *app.Call) error {
				c.Header().Set("Content-Length", "700")
				_, err := io.WriteString(c.Writer(), strings.Repeat("x", 600))
				return err
			},
			"GET", `status=200 route=/call bytes=600 duration=0s end=failed error="the body has 600 of the 700 bytes that were declared"`,
		},
		"abort": {func(*app.Call) error { panic(http.ErrAbortHandler) }, "GET", `status=0 route=/call bytes=0 duration=0s end=aborted error="net/http: abort Handler"`},
		"head":  {text("12345"), "HEAD", `status=200 route=/call bytes=0 duration=0s end=answered`},
		"not modified": {
			func(c *app.Call) error { c.SetStatus(304); return c.RespondText("12345") },
			"GET", `status=304 route=/call bytes=0 duration=0s end=answered`,
		},
		"no content": {
			func(c *app.Call) error { c.SetStatus(204); return c.RespondText("12345") },
			"GET", `status=204 route=/call bytes=0 duration=0s end=answered`,
		},
		"redirect": {
			func(c *app.Call) error { return c.RespondRedirect("https://example.org/login?code=secret#token") },
			"GET", `status=302 route=/call bytes=0 duration=0s end=answered location=https://example.org/login`,
		},
		"beside": {
			func(c *app.Call) error {
				c.Header().Set("Location", "/users/1")
				return c.RespondStatus(201)
			},
			"POST", `status=201 route=/call bytes=0 duration=0s end=answered`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, mode apptest.Option) {
				var log logbook
				host := start(t, &log, []app.Module{install(unchanged), func(a *app.Application) {
					a.Install(sse.Plugin)
					routing.Routes(a, func(r *routing.Route) { r.Handle("/call", test.handler) })
				}}, mode)
				host.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
				request, err := http.NewRequestWithContext(t.Context(), test.method, host.URL+"/call?secret=1", http.NoBody)
				require.NoError(t, err)
				if response, err := host.Client().Do(request); err == nil {
					_, _ = io.Copy(io.Discard, response.Body)
					_ = response.Body.Close()
				}
				assertCalls(t, &log, strings.Replace(test.want, " route", " method="+test.method+" path=/call route", 1))
			})
		})
	}
}

// TestClientGone: Ktor writes no line for a client that disconnects.
func TestClientGone(t *testing.T) {
	for name, handler := range map[string]app.Handler{
		"events": func(c *app.Call) error {
			return sse.Respond(c, func(s *sse.Session) error { _ = s.SendText("hello"); return s.Delay(time.Hour) })
		},
		"stream": func(c *app.Call) error {
			_, _ = io.WriteString(c.Writer(), "data: hello\r\n\r\n")
			_ = http.NewResponseController(c.Writer()).Flush()
			<-c.Context().Done()
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, mode apptest.Option) {
				var log logbook
				host := start(t, &log, []app.Module{
					install(unchanged), func(a *app.Application) { a.Install(sse.Plugin) }, answering(handler),
				}, mode)
				response := host.Get("/")
				time.Sleep(time.Minute)
				assertCalls(t, &log) // not before the stream has ended
				require.NoError(t, response.Body.Close())
				assertCalls(t, &log, `status=200 method=GET path=/ route="" bytes=15 duration=1m0s end="client gone"`)
			})
		})
	}
}

// TestClientGoneWithEverything: who hangs up after the last byte is not gone.
func TestClientGoneWithEverything(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{install(unchanged), answering(func(c *app.Call) error {
			c.Header().Set("Content-Length", "5")
			_, _ = io.WriteString(c.Writer(), "12345")
			_ = http.NewResponseController(c.Writer()).Flush()
			<-c.Context().Done()
			return nil
		})}, mode)
		response := host.Get("/")
		buffer := make([]byte, 5)
		_, err := io.ReadFull(response.Body, buffer)
		require.NoError(t, err)
		time.Sleep(time.Second)
		_ = response.Body.Close()
		host.Client().CloseIdleConnections()
		assertCalls(t, &log, `status=200 method=GET path=/ route="" bytes=5 duration=1s end=answered`)
	})
}

func TestClientThatDoesNotRead(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{install(unchanged), answering(func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error {
				_, err := w.Write(make([]byte, 8<<20))
				return err
			}))
		})}, mode)
		host.Get("/")
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		lines := log.lines(`end="client gone"`, "error=")
		assert.Len(t, lines, 1, log.calls())
	})
}

// doneInTime responds with a content type while the application stops.
func doneInTime(contentType string) app.Handler {
	return func(c *app.Call) error {
		time.Sleep(time.Minute + time.Second/2)
		c.Header().Set("Content-Type", contentType)
		return c.RespondText("done")
	}
}

func TestStopping(t *testing.T) {
	for name, test := range map[string]struct {
		handler app.Handler
		want    string
	}{
		"events": {
			func(c *app.Call) error {
				return sse.Respond(c, func(s *sse.Session) error { return s.Delay(time.Hour) })
			},
			`status=200 method=GET path=/ route="" bytes=0 duration=1m0s end=stopping`,
		},
		"error": {
			func(c *app.Call) error { <-c.Context().Done(); return c.Context().Err() },
			`status=503 method=GET path=/ route="" bytes=19 duration=1m1s end=stopping error="context canceled"`,
		},
		"stream": {
			func(c *app.Call) error {
				_ = http.NewResponseController(c.Writer()).Flush()
				<-c.Context().Done()
				return nil
			},
			`status=200 method=GET path=/ route="" bytes=0 duration=1m1s end=stopping`,
		},
		"a call that is done in time": {
			func(c *app.Call) error { time.Sleep(time.Minute + time.Second/2); return c.RespondText("done") },
			`status=200 method=GET path=/ route="" bytes=4 duration=1m0.5s end=answered`,
		},
		"an event stream by its media type": {
			doneInTime("Text/Event-Stream ; charset=utf-8"),
			`status=200 method=GET path=/ route="" bytes=4 duration=1m0.5s end=stopping`,
		},
		"a media type that begins like that of an event stream": {
			doneInTime("text/event-streamfoo"),
			`status=200 method=GET path=/ route="" bytes=4 duration=1m0.5s end=answered`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			for name, first := range map[string]bool{"CallLogging first": true, "SSE first": false} {
				t.Run(name, func(t *testing.T) {
					inBubble(t, func(t *testing.T, mode apptest.Option) {
						var log logbook
						streams := func(a *app.Application) { a.Install(sse.Plugin) }
						modules := []app.Module{streams, install(unchanged), answering(test.handler)}
						if first {
							modules[0], modules[1] = modules[1], modules[0]
						}
						host := start(t, &log, modules, mode)
						go func() {
							response, err := host.Client().Get(host.URL + "/")
							if err == nil {
								_, _ = io.Copy(io.Discard, response.Body)
								_ = response.Body.Close()
							}
						}()
						time.Sleep(time.Minute)
						host.Stop()
						assertCalls(t, &log, test.want)
					})
				})
			}
		})
	}
}

func TestHijack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log logbook
		host := start(t, &log, []app.Module{install(unchanged), answering(func(c *app.Call) error {
			conn, _, err := http.NewResponseController(c.Writer()).Hijack()
			if err != nil {
				return err
			}
			time.Sleep(time.Minute)
			return conn.Close()
		})})
		conn := host.Dial()
		_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		require.NoError(t, err)
		_, err = io.ReadAll(conn)
		require.NoError(t, err)
		assertCalls(t, &log, `status=0 method=GET path=/ route="" bytes=0 duration=1m0s end=answered`)
	})
}

// TestSwitchedProtocols: the line has the status that was written to the
// connection, and says so if the application's stop has ended it.
func TestSwitchedProtocols(t *testing.T) {
	for name, test := range map[string]struct {
		goOn bool // when the handler has returned
		want string
	}{
		"until the stop":      {false, `status=101 method=GET path=/ route="" bytes=0 duration=1m1s end=stopping`},
		"without the handler": {true, `status=101 method=GET path=/ route="" bytes=0 duration=0s end=answered`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log logbook
				host := start(t, &log, []app.Module{install(unchanged), answering(func(c *app.Call) error {
					conn, _, err := c.Writer().(http.Hijacker).Hijack()
					if err != nil {
						return err
					}
					_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: test\r\n\r\n")
					if !test.goOn {
						_, _ = io.Copy(io.Discard, conn)
						_ = conn.Close()
					}
					return nil
				})})
				conn := host.Dial()
				defer conn.Close()
				_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n")
				require.NoError(t, err)
				time.Sleep(time.Minute)
				host.Stop()
				assertCalls(t, &log, test.want)
			})
		})
	}
}

// TestCallThatNeverReachesThePlugin: a plugin before it refused the call in the
// same phase.
func TestCallThatNeverReachesThePlugin(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{
			func(a *app.Application) {
				a.Install(callid.Plugin.With(func(c *callid.Config) { c.Header("X-Request-Id"); c.VerifyDictionary("a", true) }))
			},
			install(func(c *calllogging.Config) { c.MDC("call-id", callid.Get); c.MDC("uri", path) }),
		}, mode)
		assert.Equal(t, http.StatusBadRequest, host.Get("/", apptest.Header("X-Request-Id", "b")).StatusCode)
		assertCalls(t, &log, `status=400 method=GET path=/ route="" bytes=11 duration=0s end=failed `+
			`error="find the call id: \"b\" is refused" uri=/`)
	})
}

// TestTimeoutHandler: the rest of the call runs on a goroutine of its own,
// which may be abandoned.
func TestTimeoutHandler(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{
			install(func(c *calllogging.Config) {
				c.MDC("uri", path)
				c.MDC("written", func(c *app.Call) (string, bool) { return "some", c.Written() > 0 })
			}),
			func(a *app.Application) {
				a.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Second, "too slow") })
			},
			answering(func(c *app.Call) error {
				if c.Request.URL.Path == "/slow" {
					time.Sleep(time.Minute)
					calllogging.Logger(c).Info("the abandoned call goes on")
				}
				return c.RespondText("OK")
			}),
		}, mode)
		host.Get("/fast")
		host.Get("/slow")
		assertCalls(t, &log,
			`status=200 method=GET path=/fast route="" bytes=2 duration=0s end=answered uri=/fast written=some`,
			`status=503 method=GET path=/slow route="" bytes=8 duration=1s end=answered uri=/slow written=some`)
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Len(t, log.lines("the abandoned call goes on", "uri=/slow"), 1)
	})
}

// TestRouteAndFailureThroughTimeoutHandler, also if it has abandoned the rest.
func TestRouteAndFailureThroughTimeoutHandler(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{install(unchanged), func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Second, "too slow") })
				r.Get("/fine/{id}", text("OK"))
				r.Get("/broken/{id}", func(*app.Call) error { return errBroken })
				r.Get("/refused/{id}", func(*app.Call) error { return app.NewError(http.StatusConflict, "taken") })
				r.Get("/slow/{id}", func(*app.Call) error { time.Sleep(time.Minute); return errBroken })
			})
		}}, mode)
		for _, path := range []string{"/fine/1", "/broken/1", "/refused/1", "/slow/1", "/none"} {
			host.Get(path)
		}
		assertCalls(t, &log,
			`status=200 method=GET path=/fine/1 route=/fine/{id} bytes=2 duration=0s end=answered`,
			`status=500 method=GET path=/broken/1 route=/broken/{id} bytes=21 duration=0s end=failed error="it is broken"`,
			`status=409 method=GET path=/refused/1 route=/refused/{id} bytes=5 duration=0s end=failed error="409 taken"`,
			`status=503 method=GET path=/slow/1 route=/slow/{id} bytes=8 duration=1s end=answered`,
			`status=404 method=GET path=/none route="" bytes=0 duration=0s end=answered`)
		time.Sleep(time.Hour)
	})
}

// TestBytesAreThoseOfTheHandler: what compression makes of them is not counted.
func TestBytesAreThoseOfTheHandler(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{
			install(unchanged), func(a *app.Application) { a.Install(compression.Plugin) }, answering(text(strings.Repeat("x", 5000))),
		}, mode)
		response := host.Get("/", apptest.Header("Accept-Encoding", "gzip"))
		assert.Equal(t, "gzip", response.Header.Get("Content-Encoding"))
		assertCalls(t, &log, `status=200 method=GET path=/ route="" bytes=5000 duration=0s end=answered`)
	})
}

func TestManyCalls(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := start(t, &log, []app.Module{install(func(c *calllogging.Config) { c.MDC("uri", path) }), answering(text("OK"))}, mode)
		done := make(chan struct{})
		for range 20 {
			go func() {
				defer func() { done <- struct{}{} }()
				response, err := host.Client().Get(host.URL + "/")
				if assert.NoError(t, err) {
					_ = response.Body.Close()
				}
			}()
		}
		for range 20 {
			<-done
		}
		synctest.Wait()
		assert.Len(t, log.calls(), 20)
	})
}
