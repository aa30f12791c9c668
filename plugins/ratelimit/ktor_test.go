package ratelimit_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	"github.com/chitor-go/chitor/routing"
)

// The cases are Ktor's RateLimitTest, under its names. Those whose comment says
// "other" expect something else on purpose.
func TestKtorRateLimitTest(t *testing.T) {
	for name, test := range map[string]struct {
		module app.Module
		ask    func(t *testing.T, host *apptest.Host)
	}{
		"testLimitsAmountOfRequests": {get("/", limited(10, 5*time.Second)), func(t *testing.T, host *apptest.Host) {
			assertOK(t, host, "/", 10)
			assertRefused(t, host, "/")
		}},
		"testDefaultLimiterLimitsAmountOfRequestsWithoutRouteScopedInstall": {func(a *app.Application) {
			a.Install(limited(10, 5*time.Second))
			routing.Routes(a, func(r *routing.Route) { r.Get("/", ok) })
		}, func(t *testing.T, host *apptest.Host) {
			assertOK(t, host, "/", 10)
			assertRefused(t, host, "/")
		}},
		"testLimitsAmountOfRequestsByName": {func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/a", ok).Install(limited(10, 5*time.Second, name("limit1")))
				r.Get("/b", ok).Install(limited(5, 5*time.Second, name("limit2")))
				r.Get("/c", ok).Install(limited(3, 5*time.Second))
			})
		}, func(t *testing.T, host *apptest.Host) {
			for path, limit := range map[string]int{"/a": 10, "/b": 5, "/c": 3} {
				assertOK(t, host, path, limit)
				assertRefused(t, host, path)
			}
		}},
		"testDefaultAndCustomLimiters": {func(a *app.Application) {
			a.Install(limited(6, 6*time.Second))
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/default", ok)
				r.Get("/custom", ok).Install(limited(5, 10*time.Second))
			})
		}, func(t *testing.T, host *apptest.Host) {
			assertOK(t, host, "/default", 6)
			assertRefused(t, host, "/default")
			assertRefused(t, host, "/custom")
			time.Sleep(7 * time.Second)
			assertOK(t, host, "/custom", 5)
			assertRefused(t, host, "/custom")
		}},
		// Other: after seven seconds the outer one has got seven tokens back.
		"testNestedRateLimits": {func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Group(func(r *routing.Route) {
					r.Install(limited(10, 10*time.Second, name("limit1")))
					r.Get("/a", ok).Install(limited(5, 6*time.Second, name("limit2")))
				})
			})
		}, func(t *testing.T, host *apptest.Host) {
			assertOK(t, host, "/a", 5)
			assertRefused(t, host, "/a")
			time.Sleep(7 * time.Second)
			assertOK(t, host, "/a", 5)
			assertRefused(t, host, "/a")
		}},
		"testNestedRateLimitsWithSameName": {func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Group(func(r *routing.Route) {
					r.Install(limited(10, 5*time.Second, name("limit1")))
					r.Get("/a", ok).Install(limited(10, 5*time.Second, name("limit1")))
				})
			})
		}, func(t *testing.T, host *apptest.Host) {
			assertOK(t, host, "/a", 10)
			assertRefused(t, host, "/a")
			time.Sleep(5 * time.Second)
			assertOK(t, host, "/a", 10)
			assertRefused(t, host, "/a")
		}},
		"testRefreshLimitsAfterPeriodPassed": {get("/", limited(10, 5*time.Second)), func(t *testing.T, host *apptest.Host) {
			assertOK(t, host, "/", 10)
			assertRefused(t, host, "/")
			time.Sleep(5 * time.Second)
			assertOK(t, host, "/", 10)
			assertRefused(t, host, "/")
		}},
		"testCanConfigureWeightOfRequest": {get("/", limited(10, 5*time.Second, byPrice)), func(t *testing.T, host *apptest.Host) {
			assertOK(t, host, "/?price=4", 2)
			assertRefused(t, host, "/?price=3")
			assertOK(t, host, "/?price=2", 1)
		}},
		"testSeparateLimitsForDifferentRequestKeys": {get("/", limited(10, 5*time.Second, byQuery)), func(t *testing.T, host *apptest.Host) {
			assertOK(t, host, "/?key=1", 10)
			assertOK(t, host, "/?key=2", 10)
			assertRefused(t, host, "/?key=1")
			assertRefused(t, host, "/?key=2")
		}},
		"testCanCreateSeparateLimitersBasedOnRequestKeys": {get("/", ratelimit.Plugin.With(func(c *ratelimit.Config) {
			byQuery(c)
			c.Refill = 5 * time.Second
			c.LimitFor = func(_ *app.Call, key string) int {
				if key == "key1" {
					return 10
				}
				return 5
			}
		})), func(t *testing.T, host *apptest.Host) {
			assertOK(t, host, "/?key=key1", 10)
			assertOK(t, host, "/?key=key2", 5)
			assertRefused(t, host, "/?key=key1")
			assertRefused(t, host, "/?key=key2")
		}},
		"testLimitersSharedForSubRoutesForOneRequestKey": {func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/a", ok).Install(limited(10, 5*time.Second, name("limit")))
				r.Get("/b", ok).Install(limited(10, 5*time.Second, name("limit")))
			})
		}, func(t *testing.T, host *apptest.Host) {
			assertOK(t, host, "/a", 5)
			assertOK(t, host, "/b", 5)
			assertRefused(t, host, "/a")
			assertRefused(t, host, "/b")
		}},
		// Other: of the four tokens of two seconds one is taken, so that five are left
		// and not one; a call of eight waits for one and a half second and not three.
		"testAddsAdditionalHeadersToResponse": {get("/", limited(10, 5*time.Second, byPrice)), func(t *testing.T, host *apptest.Host) {
			began := time.Now().Unix()
			response := host.Get("/?price=8")
			assert.Equal(t, "2", response.Header.Get("X-RateLimit-Remaining"))
			assert.Equal(t, "10", response.Header.Get("X-RateLimit-Limit"))
			assert.Equal(t, strconv.FormatInt(began+4, 10), response.Header.Get("X-RateLimit-Reset"))
			time.Sleep(2 * time.Second)
			response = host.Get("/?price=1")
			assert.Equal(t, "5", response.Header.Get("X-RateLimit-Remaining"))
			assert.Equal(t, "10", response.Header.Get("X-RateLimit-Limit"))
			assert.Equal(t, strconv.FormatInt(began+5, 10), response.Header.Get("X-RateLimit-Reset"))
			response = host.Get("/?price=8")
			assert.Equal(t, http.StatusTooManyRequests, response.StatusCode)
			assert.Equal(t, "2", response.Header.Get("Retry-After"))
		}},
		// Other: there is nothing to tell.
		"testUnlimited": {func(a *app.Application) {
			a.Install(limited(0, 0))
			routing.Routes(a, func(r *routing.Route) { r.Get("/", ok) })
		}, func(t *testing.T, host *apptest.Host) {
			response := host.Get("/")
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.NotContains(t, response.Header, "X-Ratelimit-Remaining")
		}},
		"testCanAccessRateLimitersForCall": {func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Group(func(r *routing.Route) {
					r.Install(limited(10, 10*time.Second, name("limit1")))
					r.Get("/a", func(c *app.Call) error {
						var names []string
						for _, decision := range ratelimit.Decisions(c) {
							names = append(names, decision.Policy.Name)
						}
						return c.RespondText(strings.Join(names, ", "))
					}).Install(limited(5, 6*time.Second, name("limit2")))
				})
			})
		}, func(t *testing.T, host *apptest.Host) {
			assert.Equal(t, "limit1, limit2", apptest.Text(t, host.Get("/a")))
		}},
		"testRefillAtTimeMillisHeaderUsesCeiling": {get("/", limited(1, 1500*time.Millisecond)), func(t *testing.T, host *apptest.Host) {
			began := time.Now().Unix()
			assert.Equal(t, strconv.FormatInt(began+2, 10), host.Get("/").Header.Get("X-RateLimit-Reset"))
			time.Sleep(1500 * time.Millisecond)
			assert.Equal(t, strconv.FormatInt(began+3, 10), host.Get("/").Header.Get("X-RateLimit-Reset"))
		}},
		// Other: a call that needs one token waits for one, half a second, and a call
		// for all waits until all are there.
		"testRetryAfterHeaderUsesCeiling": {get("/", limited(10, 5*time.Second, byPrice)), func(t *testing.T, host *apptest.Host) {
			response := host.Get("/?price=10")
			assert.Equal(t, "0", response.Header.Get("X-RateLimit-Remaining"))
			for _, step := range []struct {
				wait  time.Duration
				price string
				want  string
			}{{0, "1", "1"}, {0, "10", "5"}, {time.Millisecond, "10", "5"}, {2499 * time.Millisecond, "10", "3"}} {
				time.Sleep(step.wait)
				response := host.Get("/?price=" + step.price)
				assert.Equal(t, http.StatusTooManyRequests, response.StatusCode, step)
				assert.Equal(t, step.want, response.Header.Get("Retry-After"), step)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test.ask(t, apptest.Start(t, test.module)) })
		})
	}
}

// counting is a store that lets everything in.
type counting struct{ calls int }

func (s *counting) Take(context.Context, ratelimit.Policy, string, int) (ratelimit.Balance, error) {
	s.calls++
	return ratelimit.Balance{Taken: true, Tokens: 10}, nil
}

func TestKtorRateLimitTest_testCanSetPreconfiguredLimiter(t *testing.T) {
	store := &counting{}
	host := apptest.Start(t, get("/", limited(10, time.Second, name("limit"), func(c *ratelimit.Config) { c.Store = store })))
	assertOK(t, host, "/", 1)
	assert.Equal(t, 1, store.calls)
}

// The cases are those of Ktor's RateLimitTest that fail to start. The last one
// is other: who has the same name shares the buckets, and only settings that
// contradict each other are a mistake.
func TestKtorRateLimitTest_mistakes(t *testing.T) {
	// testThrowsOnNoLimiterSpecified
	err := apptest.StartError(t, func(a *app.Application) { a.Install(ratelimit.Plugin) })
	require.ErrorContains(t, err, "install RateLimit: the limit is not set: set Limit, to 0 for none, or LimitFor")

	// testThrowsOnRegisteringProviderWithSameName
	err = apptest.StartError(t, func(a *app.Application) {
		a.Install(limited(10, 5*time.Second, name("name")))
		a.Install(limited(11, 5*time.Second, name("name")))
	})
	require.ErrorContains(t, err, "another limit has the name name and other settings")
}

// TestKtorRateLimitTest_testRemovesUnusedRateLimitersOnRefill counts buckets;
// Ktor's counts how many were made.
func TestKtorRateLimitTest_testRemovesUnusedRateLimitersOnRefill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		application := start(t, func(a *app.Application) { a.Install(limited(3, 500*time.Millisecond, name("limit"), byQuery)) })
		for range 3 {
			application.from("192.0.2.1:1", "/?key=1")
		}
		assert.Equal(t, http.StatusTooManyRequests, application.from("192.0.2.1:1", "/?key=1").Code)
		assert.Equal(t, 1, ratelimit.Keys(application.Application, "limit"))
		time.Sleep(time.Second)
		assert.Equal(t, http.StatusNotFound, application.from("192.0.2.1:1", "/?key=2").Code)
		assert.Equal(t, 1, ratelimit.Keys(application.Application, "limit"), "the first one has gone")
	})
}

// blockAll lets no call in: none has as many tokens.
func blockAll(c *ratelimit.Config) {
	c.Weight = func(*app.Call, string) int { return 2 }
}

var userKey = app.NewKey[string]("user")

// authentication is what package authentication does, as far as these tests need
// it: basic, and any password.
var authentication = app.NewLayer("Authentication", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
	b.OnCall(func(c *app.Call) error {
		if c.Answered() {
			return nil
		}
		user, _, found := c.Request.BasicAuth()
		if !found {
			return app.NewError(http.StatusUnauthorized, "")
		}
		userKey.Set(c, user)
		return nil
	})
	return nil
})

// The cases are Ktor's RateLimitIntegrationTest, under its names.
func TestKtorRateLimitIntegrationTest(t *testing.T) {
	principal := func(c *app.Call) error {
		user, _ := userKey.Get(c)
		return c.RespondText(user)
	}
	credentials := apptest.Header("Authorization", "Basic dXNlcjpwYXNzd29yZA==")
	for name, test := range map[string]struct {
		outer, inner app.Installable
		options      []apptest.RequestOption
		status       int
		text         string
	}{
		"rate limit runs before authentication when rate limit wraps authenticate": {
			limited(1, time.Second, blockAll), authentication, nil, http.StatusTooManyRequests, "Too Many Requests",
		},
		"rate limit runs after authentication when authenticate wraps rate limit": {
			authentication, limited(1, time.Second, blockAll), nil, http.StatusUnauthorized, "Unauthorized",
		},
		"rate limit uses principal when authenticate wraps rate limit": {
			authentication, limited(10, time.Second, func(c *ratelimit.Config) {
				c.Key = func(c *app.Call) (string, error) {
					user, found := userKey.Get(c)
					if !found {
						return "", app.NewError(http.StatusInternalServerError, "the principal is not available")
					}
					return user, nil
				}
			}), []apptest.RequestOption{credentials}, http.StatusOK, "user",
		},
		"rate limit runs before auth when rate limit wraps authenticate": {
			limited(1, time.Second, blockAll), authentication, []apptest.RequestOption{credentials}, http.StatusTooManyRequests, "Too Many Requests",
		},
	} {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) {
					r.Group(func(r *routing.Route) {
						r.Install(test.outer)
						r.Group(func(r *routing.Route) {
							r.Install(test.inner)
							r.Post("/endpoint", principal)
						})
					})
				})
			})
			response := host.Post("/endpoint", "text/plain", http.NoBody, test.options...)
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.text, apptest.Text(t, response))
		})
	}
}
