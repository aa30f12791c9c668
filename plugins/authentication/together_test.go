package authentication_test

import (
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/callid"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// TestStreamsByPrincipal: each user has so many streams, from wherever, and one
// that ends makes room for another of its user.
func TestStreamsByPrincipal(t *testing.T) {
	t.Parallel()
	users := byHeader("X-User")
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			host := apptest.New(t, mode)
			host.Start(func(a *app.Application) {
				a.Install(sse.Plugin.With(func(c *sse.Config) {
					c.MaxSessionsPerKey = 2
					c.Key = func(c *app.Call) string { return users.Principal(c).Name }
				}))
				routing.Routes(a, func(r *routing.Route) {
					r.Install(authentication.Require(users))
					r.SSE("/events", func(s *sse.Session) error {
						if err := s.SendText("hello"); err != nil {
							return err
						}
						return s.Delay(time.Hour)
					})
				})
			})
			open := func(user string) *http.Response { return host.Get("/events", with("X-User", user)) }
			first := open("ann")
			for _, test := range []struct {
				user string
				want int
			}{
				{"ann", http.StatusOK},
				{"ann", http.StatusTooManyRequests},
				{"bob", http.StatusOK},
				{"bob", http.StatusOK},
				{"bob", http.StatusTooManyRequests},
				{"bad", http.StatusUnauthorized}, // who is refused takes no place
				{"ann", http.StatusTooManyRequests},
			} {
				assert.Equal(t, test.want, open(test.user).StatusCode, test.user)
			}
			ssetest.Take(t, first.Body, 1)
			require.NoError(t, first.Body.Close())
			synctest.Wait()
			assert.Equal(t, http.StatusOK, open("ann").StatusCode)
			assert.Equal(t, http.StatusTooManyRequests, open("bob").StatusCode)
		})
	})
}

// TestRateByPrincipal: the limit lies inside of authentication, so that it
// counts by who is proven, and guesses are not counted for anybody.
func TestRateByPrincipal(t *testing.T) {
	t.Parallel()
	users := byHeader("X-User")
	byUser := ratelimit.Plugin.With(func(c *ratelimit.Config) {
		c.Name, c.Limit, c.Refill = "user", 2, time.Minute
		c.Key = func(c *app.Call) (string, error) { return users.Principal(c).Name, nil }
	})
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, guarded(who(users), authentication.Require(users), byUser))
		for range 3 {
			assertAnswer(t, host, 401, "Unauthorized", "X-User", "bad")
		}
		for _, user := range []string{"ann", "bob"} {
			assertAnswer(t, host, 200, "hello "+user, "X-User", user)
			assertAnswer(t, host, 200, "hello "+user, "X-User", user)
			assertAnswer(t, host, 429, "Too Many Requests", "X-User", user)
		}
		time.Sleep(time.Minute)
		assertAnswer(t, host, 200, "hello ann", "X-User", "ann")
	})
}

// TestLogsKnowThePrincipal, and the ID of the call, and never a credential.
func TestLogsKnowThePrincipal(t *testing.T) {
	t.Parallel()
	users := byHeader("X-User")
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(callid.Plugin.With(func(c *callid.Config) { c.Header("X-Request-Id") }))
			a.Install(calllogging.Plugin.With(func(c *calllogging.Config) {
				c.MDC("user", func(c *app.Call) (string, bool) {
					user, known := users.Get(c)
					return user.Name, known
				})
				c.MDC("id", callid.Get)
			}))
			guarded(func(c *app.Call) error {
				calllogging.Logger(c).InfoContext(c.Context(), "in the handler")
				return c.RespondText("OK")
			}, authentication.Require(users))(a)
		})
		host.Get("/", with("X-User", "ann", "X-Request-Id", "call-1"))
		host.Get("/", with("X-User", "bad", "X-Request-Id", "call-2"))
		host.Get("/", with("X-Request-Id", "call-3"))
		synctest.Wait()
		inside := host.Log().Find("in the handler")
		require.Len(t, inside, 1)
		assert.Equal(t, "ann", inside[0].Attrs["user"])
		assert.Equal(t, "call-1", inside[0].Attrs["id"])
		lines := host.Log().Find("the call ended")
		require.Len(t, lines, 3)
		for i, want := range []struct {
			status int64
			id     string
			user   any
		}{{200, "call-1", "ann"}, {401, "call-2", nil}, {401, "call-3", nil}} {
			assert.Equal(t, want.status, lines[i].Attrs["status"])
			assert.Equal(t, want.id, lines[i].Attrs["id"])
			assert.Equal(t, want.user, lines[i].Attrs["user"])
		}
		assert.Empty(t, host.Log().AtLeast(slog.LevelWarn), "a refusal is nobody's mistake")
	})
}
