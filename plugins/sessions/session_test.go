package sessions_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

func TestSession(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			host := start(t, cookie(way))
			alice, bob := visit(t, host), visit(t, host)
			assert.Equal(t, "nobody", alice.gets("/get"))
			assert.Equal(t, "alice ", alice.gets("/set/alice"))
			assert.Equal(t, "bob ", bob.gets("/set/bob"))
			assert.Equal(t, "alice ", alice.gets("/get"))
			assert.Equal(t, "alice x", alice.gets("/add/x"))
			assert.Equal(t, "alice x,y", alice.gets("/add/y"))
			assert.Equal(t, "alice x,y", alice.gets("/renew"))
			assert.Equal(t, "alice x,y", alice.gets("/get"))
			assert.Equal(t, "nobody", alice.gets("/clear"))
			assert.Equal(t, "nobody", alice.gets("/get"))
			assert.Equal(t, "bob ", bob.gets("/get"))
		})
	}
}

// TestOnlyWhatChangedIsSent: and that is what varies and is nobody else's.
func TestOnlyWhatChangedIsSent(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			host := start(t, cookie(way))
			client := visit(t, host)
			response := client.Get("/none")
			assert.Nil(t, sent(t, response, "user"))
			assert.Empty(t, response.Header.Get("Vary"))
			assert.Empty(t, response.Header.Get("Cache-Control"))

			response = client.Get("/set/alice")
			assert.NotNil(t, sent(t, response, "user"))
			assert.Equal(t, "Cookie", response.Header.Get("Vary"))
			assert.Equal(t, "private", response.Header.Get("Cache-Control"))

			for _, path := range []string{"/get", "/set/alice"} {
				response = client.Get(path)
				assert.Nil(t, sent(t, response, "user"), path)
				assert.Equal(t, "Cookie", response.Header.Get("Vary"))
				assert.Empty(t, response.Header.Get("Cache-Control"))
			}
			assert.NotNil(t, sent(t, client.Get("/set/bob"), "user"))
			assert.Negative(t, sent(t, client.Get("/clear"), "user").MaxAge)
			assert.Nil(t, sent(t, client.Get("/clear"), "user"))
		})
	}
}

// TestRenewal: a session slides when half of its time is over, and no call is
// needed that changes it.
func TestRenewal(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := start(t, cookie(way, func(c *sessions.CookieConfig) { c.MaxAge = time.Hour }))
				client := visit(t, host)
				first := sent(t, client.Get("/set/alice"), "user")
				assert.Equal(t, 3600, first.MaxAge)
				time.Sleep(29 * time.Minute)
				assert.Nil(t, sent(t, client.Get("/get"), "user"))
				time.Sleep(time.Minute)
				renewed := sent(t, client.Get("/get"), "user")
				require.NotNil(t, renewed)
				assert.Equal(t, 3600, renewed.MaxAge)
				time.Sleep(59 * time.Minute)
				assert.Nil(t, sent(t, client.Get("/none"), "user"), "nobody has asked")
				assert.Equal(t, "alice ", client.gets("/get"))
				time.Sleep(time.Hour)
				assert.Equal(t, "nobody", client.gets("/get"))
				assert.Equal(t, "nobody", text(t, host.Get("/get", with("user", renewed.Value))))
			})
		})
	}
}

// TestServerGoesByMaxAge: what a client has kept longer than it was told to.
func TestServerGoesByMaxAge(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := start(t, cookie(way, func(c *sessions.CookieConfig) { c.MaxAge, c.Renew = time.Hour, time.Hour }))
				kept := sent(t, host.Get("/set/alice"), "user").Value
				time.Sleep(time.Hour - time.Second)
				assert.Equal(t, "alice ", text(t, host.Get("/get", with("user", kept))))
				time.Sleep(time.Second)
				assert.Equal(t, "nobody", text(t, host.Get("/get", with("user", kept))))
			})
		})
	}
}

func TestBrowserSession(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := start(t, cookie(way, func(c *sessions.CookieConfig) { c.MaxAge = 0 }))
				set := sent(t, host.Get("/set/alice"), "user")
				assert.Zero(t, set.MaxAge)
				assert.Empty(t, set.RawExpires)
				time.Sleep(24*time.Hour - time.Second)
				assert.Equal(t, "alice ", text(t, host.Get("/get", with("user", set.Value))))
				time.Sleep(24 * time.Hour)
				assert.Equal(t, "nobody", text(t, host.Get("/get", with("user", set.Value))))
			})
		})
	}
}

func TestLifetime(t *testing.T) {
	for name, way := range ways() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := start(t, cookie(way, func(c *sessions.CookieConfig) {
					c.MaxAge, c.Lifetime = time.Hour, 90*time.Minute
				}))
				client := visit(t, host)
				client.gets("/set/alice")
				time.Sleep(50 * time.Minute)
				assert.Equal(t, 40*60, sent(t, client.Get("/get"), "user").MaxAge)
				time.Sleep(20 * time.Minute)
				assert.Equal(t, 20*60, sent(t, client.Get("/add/x"), "user").MaxAge)
				time.Sleep(20*time.Minute - time.Second)
				assert.Equal(t, "alice x", client.gets("/get"))
				assert.Equal(t, 3600, sent(t, client.Get("/set/bob"), "user").MaxAge, "another owner's is another session")
				time.Sleep(time.Hour - time.Second)
				assert.Equal(t, "bob ", client.gets("/get"))
				time.Sleep(30*time.Minute + time.Second)
				assert.Equal(t, "nobody", client.gets("/get"))
			})
		})
	}
}

func TestCookieAttributes(t *testing.T) {
	for name, test := range map[string]struct {
		configure func(*sessions.CookieConfig)
		origin    string
		want      string
	}{
		"default": {func(*sessions.CookieConfig) {}, "http", "; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800"},
		"https":   {func(*sessions.CookieConfig) {}, "https", "; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800; Secure"},
		"always":  {func(c *sessions.CookieConfig) { c.Secure = sessions.SecureAlways }, "http", "; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800; Secure"},
		"never":   {func(c *sessions.CookieConfig) { c.Secure = sessions.SecureNever }, "https", "; Path=/; HttpOnly; SameSite=Lax; Max-Age=604800"},
		"others": {func(c *sessions.CookieConfig) {
			c.Path, c.Domain, c.HTTPOnly, c.SameSite = "/x", "example.com", false, http.SameSiteStrictMode
		}, "http", "; Path=/x; Domain=example.com; SameSite=Strict; Max-Age=604800"},
		"partitioned": {func(c *sessions.CookieConfig) {
			c.Secure, c.SameSite, c.Partitioned = sessions.SecureAlways, http.SameSiteNoneMode, true
		}, "http", "; Path=/; HttpOnly; SameSite=None; Partitioned; Max-Age=604800; Secure"},
		"left to the browser": {func(c *sessions.CookieConfig) { c.SameSite, c.MaxAge = 0, 0 }, "http", "; Path=/; HttpOnly"},
		"a hundred years":     {func(c *sessions.CookieConfig) { c.MaxAge = 100 * 365 * 24 * time.Hour }, "http", "; Path=/; HttpOnly; SameSite=Lax; Max-Age=2147483647"},
	} {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				a.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
					return func(c *app.Call) error {
						origin := c.Origin()
						origin.Scheme = test.origin
						c.SetOrigin(origin)
						return next(c)
					}
				})
				a.Install(cookie(in(sessions.NewMemory()), test.configure))
				routed(a)
			})
			response := host.Get("/set/alice")
			set := sent(t, response, "user")
			line := response.Header.Get("Set-Cookie")
			assert.Equal(t, "user="+set.Value+test.want, line)
			assert.Regexp(t, "^[A-Z2-7]{26}$", set.Value)
		})
	}
}

func TestRoutesHaveTheirOwn(t *testing.T) {
	carts := sessions.New[[]int]("cart")
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/users", func(r *routing.Route) {
				r.Install(cookie(signed))
				service(r)
				r.Get("/cart", func(c *app.Call) error { _, _, err := carts.Get(c); return err })
			})
			r.Route("/carts", func(r *routing.Route) {
				r.Install(sessions.Plugin.With(func(c *sessions.Config) {
					c.Header(carts, func(c *sessions.HeaderConfig) { c.Unsigned() })
				}))
				r.Get("/set", func(c *app.Call) error { return cmpError(carts.Set(c, []int{1, 2}), c.RespondStatus(204)) })
			})
			r.Get("/neither", func(c *app.Call) error { _, _, err := users.Get(c); return err })
		})
	}, apptest.Configure(func(c *app.Config) { c.Development = true }))
	assert.NotNil(t, sent(t, host.Get("/users/set/alice"), "user"))
	assert.NotEmpty(t, host.Get("/carts/set").Header.Get("Cart"))
	assert.Equal(t, "use session cart: the plugin Sessions does not have it there: add it with Config.Cookie or Config.Header",
		text(t, host.Get("/users/cart")))
	assert.Equal(t, "use session user: the plugin Sessions is not installed there: install sessions.Plugin",
		text(t, host.Get("/neither")))
}
