package sessions_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/cachingheaders"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// TestStream: a session is there in a stream, can be set until the head leaves,
// and the stream learns that it has ended.
func TestStream(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, func(a *app.Application) {
					a.Install(sse.Plugin)
					a.Install(cookie(way, func(c *sessions.CookieConfig) { c.MaxAge = time.Hour }))
					routing.Routes(a, func(r *routing.Route) {
						service(r)
						r.SSE("/events", func(s *sse.Session) error {
							c := s.Call()
							user, _, err := users.Get(c)
							require.NoError(t, err)
							user.Cart = append(user.Cart, "seen")
							require.NoError(t, users.Set(c, user))
							require.NoError(t, s.SendText(user.Name))
							require.ErrorIs(t, users.Set(c, user), sessions.ErrTooLate)
							require.ErrorIs(t, users.Clear(c), sessions.ErrTooLate)
							require.ErrorIs(t, users.RenewID(c), sessions.ErrTooLate)
							for {
								if alive, err := users.Alive(c); !alive || err != nil {
									return cmpError(err, s.SendText("bye"))
								}
								if err := s.Delay(time.Second); err != nil {
									return err
								}
							}
						})
					})
				})
				client := visit(t, host)
				client.gets("/set/alice")
				began := time.Now()
				response := client.Get("/events")
				set := sent(t, response, "user")
				require.NotNil(t, set)
				assert.Equal(t, "no-store, no-transform", response.Header.Get("Cache-Control"))
				assert.Equal(t, "alice seen", client.gets("/get"))
				time.Sleep(10 * time.Minute)
				require.Equal(t, "nobody", client.gets("/clear"))
				var seen []string
				for event := range ssetest.Events(t, response.Body) {
					seen = append(seen, event.Data)
				}
				assert.Equal(t, []string{"alice", "bye"}, seen)
				if strings.HasPrefix(name, "by") {
					assert.Equal(t, 10*time.Minute, time.Since(began).Truncate(time.Minute))
				} else {
					assert.Equal(t, time.Hour, time.Since(began), "by value it ends when its time has come")
				}
			})
		})
	}
}

// TestExpires: what authentication of a stream goes by.
func TestExpires(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := withRoutes(t, cookie(way, func(c *sessions.CookieConfig) { c.MaxAge = time.Hour }), func(r *routing.Route) {
					r.Get("/", func(c *app.Call) error {
						_, ok, err := users.Expires(c)
						require.NoError(t, err)
						alive, err := users.Alive(c)
						require.NoError(t, err)
						assert.False(t, ok || alive)
						require.NoError(t, users.Set(c, User{Name: "alice"}))
						expires, ok, err := users.Expires(c)
						require.NoError(t, err)
						assert.True(t, ok)
						assert.Equal(t, time.Hour, time.Until(expires))
						alive, err = users.Alive(c)
						assert.True(t, alive)
						return responds(c, err)
					})
					r.Get("/left", func(c *app.Call) error {
						expires, _, err := users.Expires(c)
						return cmpError(err, c.RespondText(time.Until(expires).String()))
					})
				})
				client := visit(t, host)
				client.gets("/")
				time.Sleep(20 * time.Minute)
				assert.Equal(t, "40m0s", client.gets("/left"))
				time.Sleep(20 * time.Minute)
				assert.Equal(t, "1h0m0s", client.gets("/left"), "it is renewed by the call that asks")
			})
		})
	}
}

// TestErrorsSendSessions: whatever answers.
func TestErrorsSendSessions(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
			c.Status(http.StatusConflict, func(c *app.Call, _ int) error { return c.RespondText("page") })
		}))
		a.Install(cookie(signed))
		routing.Routes(a, func(r *routing.Route) {
			set := func(c *app.Call) { require.NoError(t, users.Set(c, User{Name: "alice"})) }
			r.Get("/error", func(c *app.Call) error { set(c); return app.NewError(http.StatusTeapot, "no") })
			r.Get("/panic", func(c *app.Call) error { set(c); panic("out of order") })
			r.Get("/page", func(c *app.Call) error { set(c); return c.RespondStatus(http.StatusConflict) })
			r.Get("/silent", func(c *app.Call) error { set(c); return nil })
			r.Get("/redirect", func(c *app.Call) error { set(c); return c.RespondRedirect("/") })
			r.Get("/large", func(c *app.Call) error { set(c); return c.RespondText(strings.Repeat("x", 10_000)) })
			r.Get("/writer", func(c *app.Call) error {
				set(c)
				_, err := c.Writer().Write(make([]byte, 10_000))
				return err
			})
			r.Mount("/mounted", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				c, ok := app.CallFrom(r.Context())
				assert.True(t, ok)
				set(c)
				_, _ = w.Write([]byte("mounted"))
			}))
		})
	})
	client := host.NewClient(apptest.NoRedirects())
	for path, status := range map[string]int{
		"/error": 418, "/panic": 500, "/page": 409, "/silent": 404, "/redirect": 302, "/large": 200, "/writer": 200, "/mounted": 200,
	} {
		response := client.Get(path)
		assert.Equal(t, status, response.StatusCode, path)
		assert.NotNil(t, sent(t, response, "user"), path)
		assert.Equal(t, "private", response.Header.Get("Cache-Control"), path)
	}
}

// opaque hides the writer of the server, so that the rest runs in a fork.
func opaque(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(struct{ http.ResponseWriter }{w}, r)
	})
}

// TestMiddlewares: sessions go through any, wherever the plugin is.
func TestMiddlewares(t *testing.T) {
	passes := func(next http.Handler) http.Handler { return next }
	timeout := func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Hour, "too late") }
	for name, middleware := range map[string]func(http.Handler) http.Handler{"transparent": passes, "opaque": opaque, "time-out": timeout} {
		for where, module := range map[string]app.Module{
			"plugin outside": func(a *app.Application) { a.Install(cookie(signed)); a.Use(middleware); routed(a) },
			"plugin inside":  func(a *app.Application) { a.Use(middleware); a.Install(cookie(signed)); routed(a) },
			"on a route": func(a *app.Application) {
				a.Use(middleware)
				routing.Routes(a, func(r *routing.Route) { r.Group(func(r *routing.Route) { r.Install(cookie(signed)); service(r) }) })
			},
			"in a middleware": func(a *app.Application) {
				a.Install(cookie(signed))
				routing.Routes(a, func(r *routing.Route) { r.Group(func(r *routing.Route) { r.Use(middleware); service(r) }) })
			},
		} {
			t.Run(name+", "+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					client := visit(t, apptest.Start(t, module))
					response := client.Get("/set/alice")
					assert.Equal(t, "alice ", text(t, response))
					assert.NotNil(t, sent(t, response, "user"))
					assert.Equal(t, "private", response.Header.Get("Cache-Control"))
					assert.Equal(t, "alice x", client.gets("/add/x"))
					assert.Equal(t, "alice x", client.gets("/get"))
					response = client.Get("/large/bob")
					assert.Len(t, text(t, response), 10_000)
					assert.NotNil(t, sent(t, response, "user"))
					assert.Equal(t, "private", response.Header.Get("Cache-Control"))
					assert.Equal(t, "bob ", client.gets("/get"))
					time.Sleep(5 * 24 * time.Hour)
					assert.NotNil(t, sent(t, client.Get("/get"), "user"), "renewed")
					assert.Equal(t, "nobody", client.gets("/clear"))
				})
			})
		}
	}
}

// TestClearedInAFork: whatever ends the session of the call, the client is told.
func TestClearedInAFork(t *testing.T) {
	for name, ends := range map[string]func(c *app.Call) error{
		"Clear": users.Clear,
		"ClearID": func(c *app.Call) error {
			id, _ := users.ID(c)
			return users.ClearID(c, id)
		},
		"ClearOwner": func(c *app.Call) error { return users.ClearOwner(c, "alice") },
	} {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				a.Use(opaque)
				a.Install(cookie(in(sessions.NewMemory())))
				routing.Routes(a, func(r *routing.Route) {
					service(r)
					r.Get("/", func(c *app.Call) error {
						require.NoError(t, ends(c))
						_, err := c.Writer().Write(make([]byte, 10_000))
						return err
					})
				})
			})
			id := sent(t, host.Get("/set/alice"), "user").Value
			cleared := sent(t, host.Get("/", with("user", id)), "user")
			require.NotNil(t, cleared)
			assert.Negative(t, cleared.MaxAge)
		})
	}
}

// TestLateInAFork: no hook of the commit would send it.
func TestLateInAFork(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Use(opaque)
		a.Install(cookie(in(sessions.NewMemory())))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				_, err := c.Writer().Write(make([]byte, 10_000))
				require.ErrorIs(t, users.Set(c, User{Name: "late"}), sessions.ErrTooLate)
				return err
			})
		})
	})
	response := host.Get("/")
	assert.Len(t, text(t, response), 10_000)
	assert.Nil(t, sent(t, response, "user"))
}

// TestAbandonedFork: what goes on when the call is over changes nothing of it.
func TestAbandonedFork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := make(chan error, 1)
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(cookie(in(sessions.NewMemory())))
			a.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Second, "too late") })
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error {
					<-c.Context().Done()
					time.Sleep(time.Second)
					late <- users.Set(c, User{Name: "late"})
					return nil
				})
			})
		})
		response := host.Get("/")
		assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		assert.Nil(t, sent(t, response, "user"))
		require.ErrorIs(t, <-late, sessions.ErrTooLate)
	})
}

// TestOutsideOfTheRest: who comes after the plugin has done its part.
func TestOutsideOfTheRest(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				err := next(c)
				switch c.QueryParam("then") {
				case "set":
					err = errors.Join(err, users.Set(c, User{Name: "other"}))
				case "clear":
					err = errors.Join(err, users.Clear(c))
				}
				return err
			}
		})
		a.Install(cookie(in(sessions.NewMemory())))
		routed(a)
	})
	set := sent(t, host.Get("/set/alice?then=set"), "user")
	assert.Equal(t, "other ", text(t, host.Get("/get", with("user", set.Value))))
	response := host.Get("/set/alice?then=clear")
	cleared := sent(t, response, "user")
	assert.Negative(t, cleared.MaxAge)
}

// TestOtherCookiesStay: those that the handler sets, and that others do.
func TestOtherCookiesStay(t *testing.T) {
	host := withRoutes(t, cookie(signed), func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			return responds(c, errors.Join(
				c.SetCookie(&http.Cookie{Name: "a", Value: "1"}), users.Set(c, User{Name: "x"}),
				c.SetCookie(&http.Cookie{Name: "users", Value: "2"}), users.Set(c, User{Name: "y"}),
			))
		})
	})
	var names []string
	for _, cookie := range host.Get("/").Cookies() {
		names = append(names, cookie.Name)
	}
	assert.Equal(t, []string{"a", "users", "user"}, names)
}

// TestCaches: what the response says of itself stands.
func TestCaches(t *testing.T) {
	for name, test := range map[string]struct{ said, want string }{
		"nothing": {"", "private"}, "no-store": {"no-store", "no-store"}, "private": {"private, max-age=5", "private, max-age=5"},
		"no-cache": {"no-cache", "no-cache, private"}, "public": {"max-age=60", "max-age=60, private"},
	} {
		t.Run(name, func(t *testing.T) {
			host := withRoutes(t, cookie(signed), func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error {
					if test.said != "" {
						c.Header().Set("Cache-Control", test.said)
					}
					return responds(c, users.Set(c, User{Name: "x"}))
				})
			})
			assert.Equal(t, []string{test.want}, host.Get("/").Header["Cache-Control"])
		})
	}
	t.Run("CachingHeaders", func(t *testing.T) {
		caches := cachingheaders.Plugin.With(func(c *cachingheaders.Config) {
			c.Options(func(*app.Call, *app.Outgoing) *cachingheaders.CachingOptions {
				return &cachingheaders.CachingOptions{CacheControl: cachingheaders.MaxAge{Age: time.Minute}}
			})
		})
		for _, module := range []app.Module{
			func(a *app.Application) { a.Install(cookie(signed)); a.Install(caches); routed(a) },
			func(a *app.Application) { a.Install(caches); a.Install(cookie(signed)); routed(a) },
		} {
			response := apptest.Start(t, module).Get("/set/a")
			assert.Contains(t, response.Header.Get("Cache-Control"), "private")
		}
	})
}

// TestGoroutinesOfACall: all may use its sessions.
func TestGoroutinesOfACall(t *testing.T) {
	host := withRoutes(t, cookie(in(sessions.NewMemory())), func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			done := make(chan error, 10)
			for i := range 10 {
				go func() {
					_, _, err := users.Get(c)
					_, _ = users.ID(c)
					done <- errors.Join(err, users.Set(c, User{Name: strings.Repeat("x", i)}))
				}()
			}
			for range 10 {
				if err := <-done; err != nil {
					return err
				}
			}
			return c.RespondText("ok")
		})
	})
	assert.Equal(t, "ok", text(t, host.Get("/")))
}

// TestHandleOfNobody: errors in place of panics.
func TestHandleOfNobody(t *testing.T) {
	var none *sessions.Handle[int]
	host := withRoutes(t, cookie(signed), func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			_, _, err := none.Get(c)
			require.EqualError(t, err, "use session : the handle is nil: make one with sessions.New")
			_, ok := none.ID(c)
			assert.False(t, ok)
			return c.RespondText("ok")
		})
	})
	assert.Equal(t, "ok", text(t, host.Get("/")))
}

// TestValuesThatCannotBeSerialized: the error is that of Set.
func TestValuesThatCannotBeSerialized(t *testing.T) {
	channels := sessions.New[chan int]("c")
	application := app.New(func(a *app.Application) {
		a.Install(sessions.Plugin.With(func(c *sessions.Config) { c.Cookie(channels, unsigned) }))
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error {
				require.ErrorContains(t, channels.Set(c, nil), "set session c: serialize: json: unsupported type")
				_, err := channels.GetOrSet(c, func() (chan int, error) { return nil, errOther })
				require.ErrorIs(t, err, errOther)
				return c.RespondText("ok")
			}
		})
	})
	require.NoError(t, application.Start(t.Context()))
	defer func() { assert.NoError(t, application.Stop(t.Context())) }()
	recorder := httptest.NewRecorder()
	application.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	assert.Equal(t, "ok", recorder.Body.String())
}

// TestSerializers: what JSON cannot tell apart, gob can; and a value that is none
// any more, after a new version of the service, is no session.
func TestSerializers(t *testing.T) {
	bytes := sessions.New("s", func(o *sessions.Options[map[int][]byte]) { o.Serializer = sessions.Gob[map[int][]byte]() })
	host := withRoutes(t, sessions.Plugin.With(func(c *sessions.Config) { c.Cookie(bytes, signed) }), func(r *routing.Route) {
		r.Get("/set", func(c *app.Call) error {
			value, err := bytes.GetOrSet(c, func() (map[int][]byte, error) { return map[int][]byte{1: {0, 255}}, nil })
			assert.Equal(t, map[int][]byte{1: {0, 255}}, value)
			return responds(c, err)
		})
	})
	client := visit(t, host)
	set := sent(t, client.Get("/set"), "s")
	assert.Nil(t, sent(t, client.Get("/set"), "s"))

	numbers := sessions.New[int]("s")
	host = withRoutes(t, sessions.Plugin.With(func(c *sessions.Config) { c.Cookie(numbers, signed) }), func(r *routing.Route) {
		r.Get("/get", func(c *app.Call) error {
			_, ok, err := numbers.Get(c)
			assert.False(t, ok)
			return responds(c, errors.Join(err, numbers.Set(c, 1)))
		})
	})
	assert.NotNil(t, sent(t, host.Get("/get", with("s", set.Value)), "s"))
}
