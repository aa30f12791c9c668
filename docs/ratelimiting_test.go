package docs_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/plugins/forwardedheaders"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// loginKey stands for what knows the user of a call.
var loginKey = app.NewKey[string]("login")

func principal(c *app.Call) (string, bool) { return loginKey.Get(c) }

func search(c *app.Call) error { return c.RespondText("found") }

func limitsPage(a *app.Application) {
	a.Install(forwardedheaders.Plugin.With(func(c *forwardedheaders.Config) { c.TrustProxies("10.0.0.0/8") }))
	a.Install(cors.Plugin.With(func(c *cors.Config) {
		c.AllowHost("example.com")
		c.ExposeHeader("RateLimit", "RateLimit-Policy", "Retry-After")
	}))
	a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
		statuspages.Exception(c, func(c *app.Call, cause *ratelimit.ExceededError) error {
			c.SetStatus(cause.StatusCode())
			return c.RespondText("Too many calls: " + cause.Decision.Policy.Name)
		})
	}))
	a.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
		c.Name, c.Limit, c.Refill = "machine", 5000, time.Second
		c.Key = ratelimit.OneForAll
		c.Headers = ratelimit.NoHeaders
	}))
	a.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
		c.Name, c.Limit, c.Refill = "client", 300, time.Minute
	}))
	a.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
		return func(c *app.Call) error {
			if user, _, found := c.Request.BasicAuth(); found {
				loginKey.Set(c, user)
			}
			return next(c)
		}
	})

	routing.Routes(a, func(r *routing.Route) {
		r.Post("/login", search).Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
			c.Name, c.Limit, c.Refill = "login", 5, time.Hour
			c.WhenStoreFails = ratelimit.Refuse
		}))
		r.Group(func(r *routing.Route) {
			r.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
				c.Name, c.Refill = "user", time.Hour
				c.Key = func(c *app.Call) (string, error) {
					user, found := principal(c)
					if !found {
						return "", app.NewError(http.StatusUnauthorized, "log in first")
					}
					return user, nil
				}
				c.LimitFor = func(_ *app.Call, user string) int {
					if user == "ada" {
						return 10_000
					}
					return 100
				}
			}))
			r.Get("/search", search)
		})

		api := func(weight int) app.Installable {
			return ratelimit.Plugin.With(func(c *ratelimit.Config) {
				c.Name, c.Limit, c.Refill = "api", 100, time.Minute
				c.Weight = func(*app.Call, string) int { return weight }
			})
		}
		r.Get("/item", search).Install(api(1))
		r.Get("/report", search).Install(api(25))
	})
}

func TestLimitsOfThePage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, limitsPage)
		ada, bob := apptest.Header("Authorization", "Basic YWRhOng="), apptest.Header("Authorization", "Basic Ym9iOng=")
		assert.Equal(t, http.StatusUnauthorized, host.Get("/search").StatusCode)
		assert.Contains(t, host.Get("/search", ada).Header.Values("RateLimit-Policy"), `"user";q=10000;w=3600`)
		assert.Contains(t, host.Get("/search", bob).Header.Values("RateLimit"), `"user";r=99;t=36`)

		for range 4 {
			assert.Equal(t, http.StatusOK, host.Get("/report").StatusCode)
		}
		assert.Equal(t, http.StatusTooManyRequests, host.Get("/report").StatusCode)
		refused := host.Get("/item", apptest.Header("Origin", "http://example.com"))
		assert.Equal(t, "Too many calls: api", apptest.Text(t, refused))
		assert.Contains(t, refused.Header.Get("Access-Control-Expose-Headers"), "Retry-After")

		for i := range 6 {
			want := http.StatusOK
			if i == 5 {
				want = http.StatusTooManyRequests
			}
			assert.Equal(t, want, host.Post("/login", "text/plain", http.NoBody).StatusCode)
		}
	})
}
