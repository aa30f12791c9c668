package ratelimit_test

import (
	"bytes"
	"errors"
	"log/slog"
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
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/plugins/forwardedheaders"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// An inner limit never lifts an outer one, and what an outer one has taken when
// an inner one refuses stays taken.
func TestEveryLimitAroundAHandlerCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(limited(4, time.Hour))
			routing.Routes(a, func(r *routing.Route) {
				r.Group(func(r *routing.Route) {
					r.Install(limited(100, time.Hour))
					r.Get("/wide", ok)
					r.Get("/narrow", ok).Install(limited(1, time.Hour))
				})
			})
		})
		assertOK(t, host, "/narrow", 1)
		assertRefused(t, host, "/narrow") // the outermost one has two left
		assertOK(t, host, "/wide", 2)
		assertRefused(t, host, "/wide")
	})
}

// On the application it sees every call; on a route those that it has matched.
func TestWhatIsCounted(t *testing.T) {
	for name, test := range map[string]struct {
		module app.Module
		paths  []string
		want   []int
	}{
		"no route, on the application": {
			func(a *app.Application) { a.Install(limited(1, time.Hour)); routing.Routes(a, func(*routing.Route) {}) },
			[]string{"/nowhere", "/nowhere"},
			[]int{404, 429},
		},
		"another route, in a group": {func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Group(func(r *routing.Route) {
					r.Install(limited(1, time.Hour))
					r.Get("/a", ok)
					r.Mount("/mounted", http.NotFoundHandler())
				})
				r.Get("/b", ok)
			})
		}, []string{"/b", "/b", "/mounted/x", "/a", "/b"}, []int{200, 200, 404, 429, 200}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, test.module)
				for i, path := range test.paths {
					assert.Equal(t, test.want[i], host.Get(path).StatusCode, "%d: %s", i, path)
				}
			})
		})
	}
}

// CORS in front answers preflights, which neither count nor are refused.
func TestPreflightsAreLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(cors.Plugin.With(func(c *cors.Config) { c.AnyHost() }))
			a.Install(limited(1, time.Hour))
			routing.Routes(a, func(r *routing.Route) { r.Get("/", ok) })
		})
		origin := apptest.Header("Origin", "http://a.example")
		preflight := func() *http.Response {
			return host.Do(http.MethodOptions, "/", nil, origin, apptest.Header("Access-Control-Request-Method", "GET"))
		}
		assert.Equal(t, http.StatusOK, preflight().StatusCode)
		assert.Equal(t, http.StatusOK, host.Get("/", origin).StatusCode)
		refused := host.Get("/", origin)
		assert.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
		assert.Equal(t, "*", refused.Header.Get("Access-Control-Allow-Origin"), "a page may read it")
		assert.Equal(t, http.StatusOK, preflight().StatusCode)
	})
}

// A page for 429 keeps the headers, by the status and by the error.
func TestStatusPagesAnswerRefusedCalls(t *testing.T) {
	for name, configure := range map[string]func(c *statuspages.Config){
		"status": func(c *statuspages.Config) {
			c.Status(http.StatusTooManyRequests, func(c *app.Call, _ int) error {
				return c.RespondText("wait for " + c.Header().Get("Retry-After") + " s")
			})
		},
		"exception": func(c *statuspages.Config) {
			statuspages.Exception(c, func(c *app.Call, cause *ratelimit.ExceededError) error {
				c.SetStatus(cause.StatusCode())
				return c.RespondText("wait for " + cause.Decision.RetryAfter.String()[:2] + " s")
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, func(a *app.Application) {
					a.Install(statuspages.Plugin.With(configure))
					a.Install(limited(1, 59*time.Second))
					routing.Routes(a, func(r *routing.Route) { r.Get("/", ok) })
				})
				assertOK(t, host, "/", 1)
				response := host.Get("/")
				assert.Equal(t, http.StatusTooManyRequests, response.StatusCode)
				assert.Equal(t, "59", response.Header.Get("Retry-After"))
				assert.Equal(t, "0", response.Header.Get("X-RateLimit-Remaining"))
				assert.Equal(t, "wait for 59 s", apptest.Text(t, response))
			})
		})
	}
}

// What is sent on a stream does not count, and a stream that is open stays open.
func TestTheOpeningOfAStreamCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			a.Install(limited(2, time.Hour))
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error {
					for range 100 {
						if err := errors.Join(s.SendText("x"), s.Delay(time.Minute)); err != nil {
							return err
						}
					}
					return nil
				})
			})
		})
		response := host.Get("/events")
		assertOK(t, host, "/events", 1) // its body is left; the host ends it
		assertRefused(t, host, "/events")
		events := 0
		for range ssetest.Events(t, response.Body) {
			events++
		}
		assert.Equal(t, 100, events)
	})
}

func TestWeights(t *testing.T) {
	var log bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
			get("/", limited(3, time.Hour, byPrice))(a)
		})
		assertOK(t, host, "/?price=0", 10)
		assertOK(t, host, "/?price=3", 1)
		assertOK(t, host, "/?price=0", 10) // also when nothing is left
		assertRefused(t, host, "/?price=1")
		assertRefused(t, host, "/?price=4")
		assertRefused(t, host, "/?price=5")
		assert.Equal(t, http.StatusInternalServerError, host.Get("/?price=-1").StatusCode)
	})
	assert.Equal(t, 1, strings.Count(log.String(), `msg="a call weighs more than its rate limit, and is never let in"`), log.String())
	assert.Contains(t, log.String(), "limit=default weight=4 of=3 route=/")
	assert.Contains(t, log.String(), "rate limit default: LimitFor is 3 and Weight -1, and neither may be negative")
}

// A key that costs more where it does more: one bucket, several weights.
func TestInstallationsOfOneNameShareBuckets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		weight := func(n int) func(*ratelimit.Config) {
			return func(c *ratelimit.Config) { c.Weight = func(*app.Call, string) int { return n } }
		}
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/cheap", ok).Install(limited(10, time.Hour, name("api"), weight(1)))
				r.Get("/dear", ok).Install(limited(10, time.Hour, name("api"), weight(5)))
			})
		})
		assertOK(t, host, "/dear", 1)
		assertOK(t, host, "/cheap", 1)
		assertRefused(t, host, "/dear")
		assertOK(t, host, "/cheap", 4)
		assertRefused(t, host, "/cheap")
	})
}

func TestLimitFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := map[string]int{"free": 2, "paid": 4, "staff": 0, "broken": -1}
		host := apptest.Start(t, get("/", ratelimit.Plugin.With(func(c *ratelimit.Config) {
			byQuery(c)
			c.Refill = time.Hour
			c.LimitFor = func(_ *app.Call, key string) int { return limits[key] }
		})))
		assertOK(t, host, "/?key=free", 2)
		assertRefused(t, host, "/?key=free")
		assertOK(t, host, "/?key=paid", 4)
		assertRefused(t, host, "/?key=paid")
		assertOK(t, host, "/?key=staff", 10)
		assert.NotContains(t, host.Get("/?key=staff").Header, "Ratelimit")
		assert.Equal(t, http.StatusInternalServerError, host.Get("/?key=broken").StatusCode)

		limits["free"] = 4 // what has been used stays used
		assertRefused(t, host, "/?key=free")
		time.Sleep(30 * time.Minute)
		assertOK(t, host, "/?key=free", 2)
		assertRefused(t, host, "/?key=free")
		time.Sleep(time.Hour)
		assertOK(t, host, "/?key=free", 4)
		limits["free"] = 1
		assertRefused(t, host, "/?key=free")
		time.Sleep(time.Hour)
		assertOK(t, host, "/?key=free", 1)
		assertRefused(t, host, "/?key=free")
	})
}

// An error of Key ends the call with its status.
func TestKeyThatIsMissing(t *testing.T) {
	host := apptest.Start(t, get("/", limited(1, time.Hour, func(c *ratelimit.Config) {
		c.Key = func(c *app.Call) (string, error) {
			if key := c.Request.Header.Get("X-Key"); key != "" {
				return key, nil
			}
			return "", app.NewError(http.StatusUnauthorized, "no key")
		}
	})))
	response := host.Get("/")
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	assert.Equal(t, "no key", apptest.Text(t, response))
	assert.Equal(t, http.StatusOK, host.Get("/", apptest.Header("X-Key", "1")).StatusCode)
}

// The address decides by default, and of IPv6 the network.
func TestByAddress(t *testing.T) {
	for name, test := range map[string]struct {
		first, second string
		same          bool
	}{
		"one address, two ports":    {"192.0.2.1:1", "192.0.2.1:2", true},
		"two addresses":             {"192.0.2.1:1", "192.0.2.2:1", false},
		"IPv4 in IPv6":              {"192.0.2.1:1", "[::ffff:192.0.2.1]:1", true},
		"one network of 64 bits":    {"[2001:db8::1]:1", "[2001:db8::ffff:1]:1", true},
		"two networks":              {"[2001:db8::1]:1", "[2001:db8:0:1::1]:1", false},
		"a zone":                    {"[fe80::1%eth0]:1", "[fe80::2%eth1]:1", true},
		"a socket":                  {"@", "@", true},
		"no address":                {"", "@", false},
		"an address without a port": {"192.0.2.1", "192.0.2.2", false},
	} {
		t.Run(name, func(t *testing.T) {
			application := start(t, get("/", limited(1, time.Hour)))
			require.Equal(t, http.StatusOK, application.from(test.first, "/").Code)
			want := http.StatusOK
			if test.same {
				want = http.StatusTooManyRequests
			}
			assert.Equal(t, want, application.from(test.second, "/").Code)
		})
	}
}

// Behind a proxy that is trusted the client counts, wherever the plugin that says
// so is installed. What a client writes itself does not count.
func TestByAddressBehindAProxy(t *testing.T) {
	application := start(t, func(a *app.Application) {
		a.Install(limited(1, time.Hour))
		a.Install(forwardedheaders.Plugin.With(func(c *forwardedheaders.Config) { c.TrustProxies("10.0.0.1") }))
		routing.Routes(a, func(r *routing.Route) { r.Get("/", ok) })
	})
	from := func(address, forwarded string) int {
		request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		request.RemoteAddr = address
		request.Header.Set("Forwarded", forwarded)
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		return recorder.Code
	}
	assert.Equal(t, http.StatusOK, from("10.0.0.1:1", "for=192.0.2.1"))
	assert.Equal(t, http.StatusOK, from("10.0.0.1:1", "for=192.0.2.2"))
	assert.Equal(t, http.StatusTooManyRequests, from("10.0.0.1:1", "for=192.0.2.1"))
	assert.Equal(t, http.StatusTooManyRequests, from("10.0.0.1:1", "for=192.0.2.99, for=192.0.2.1"), "who writes it itself")
	assert.Equal(t, http.StatusOK, from("192.0.2.3:1", "for=192.0.2.4"))
	assert.Equal(t, http.StatusTooManyRequests, from("192.0.2.3:1", "for=192.0.2.5"), "who is no proxy")
}

func TestOneForAll(t *testing.T) {
	application := start(t, get("/", limited(1, time.Hour, func(c *ratelimit.Config) { c.Key = ratelimit.OneForAll })))
	assert.Equal(t, http.StatusOK, application.from("192.0.2.1:1", "/").Code)
	assert.Equal(t, http.StatusTooManyRequests, application.from("192.0.2.2:1", "/").Code)
}

// A key of any length is a key, and takes no more memory than a short one.
func TestLongKeys(t *testing.T) {
	application := start(t, get("/", limited(1, time.Hour, byQuery)))
	long := strings.Repeat("k", 10_000)
	assert.Equal(t, http.StatusOK, application.from("", "/?key="+long).Code)
	assert.Equal(t, http.StatusTooManyRequests, application.from("", "/?key="+long).Code)
	assert.Equal(t, http.StatusOK, application.from("", "/?key="+long+"k").Code)
}

func TestMistakes(t *testing.T) {
	for want, configure := range map[string]func(c *ratelimit.Config){
		"the limit is not set: set Limit, to 0 for none, or LimitFor":                             func(c *ratelimit.Config) { c.Limit = -1 },
		"the limit is -2: it must not be negative, and 0 is no limit":                             func(c *ratelimit.Config) { c.Limit = -2 },
		"the refill time is 0s: it must be positive, the time in which an empty bucket fills":     func(c *ratelimit.Config) { c.Refill = 0 },
		"the refill time is 60ns, in which nobody reaches a limit: write the unit":                func(c *ratelimit.Config) { c.Refill = 60 },
		`the name "a b" is not a token: it may have letters, digits and the like`:                 func(c *ratelimit.Config) { c.Name = "a b" },
		"the function Key is nil: ByAddress is the default, and OneForAll has one bucket for all": func(c *ratelimit.Config) { c.Key = nil },
		"a limit with a Store needs a Name, by which all nodes know it":                           func(c *ratelimit.Config) { c.Store = &counting{} },
		"MaxKeys is -1: it must not be negative, and 0 is no limit":                               func(c *ratelimit.Config) { c.MaxKeys = -1 },
		"StoreTimeout is -1ns: it must not be negative, and 0 is no limit":                        func(c *ratelimit.Config) { c.StoreTimeout = -1 },
		"headers 4 are none of AllHeaders, XHeaders, DraftHeaders and NoHeaders":                  func(c *ratelimit.Config) { c.Headers = 4 },
		"WhenStoreFails is 3, none of LimitLocally, LetIn and Refuse":                             func(c *ratelimit.Config) { c.WhenStoreFails = 3 },
	} {
		var site app.Site
		err := apptest.StartError(t, func(a *app.Application) {
			plugin := limited(1, time.Hour, configure)
			site = app.Caller(0)
			a.Install(plugin)
		})
		site.Line++
		assert.ErrorContains(t, err, site.String()+": install RateLimit: "+want)
	}
}

// Settings that installations of one name may not contradict each other in.
func TestOneNameHasOneLimit(t *testing.T) {
	shared := &counting{}
	for label, change := range map[string]func(c *ratelimit.Config){
		"Limit":          func(c *ratelimit.Config) { c.Limit++ },
		"Refill":         func(c *ratelimit.Config) { c.Refill++ },
		"MaxKeys":        func(c *ratelimit.Config) { c.MaxKeys++ },
		"Store":          func(c *ratelimit.Config) { c.Store = &counting{} },
		"no Store":       func(c *ratelimit.Config) { c.Store = nil },
		"StoreTimeout":   func(c *ratelimit.Config) { c.StoreTimeout++ },
		"WhenStoreFails": func(c *ratelimit.Config) { c.WhenStoreFails++ },
		"nothing":        func(*ratelimit.Config) {},
	} {
		stored := func(c *ratelimit.Config) { c.Store = shared }
		module := func(a *app.Application) {
			a.Install(limited(1, time.Hour, name("x"), stored))
			a.Install(limited(1, time.Hour, name("x"), stored, change))
		}
		if label == "nothing" {
			apptest.Start(t, module)
			continue
		}
		assert.ErrorContains(t, apptest.StartError(t, module), "another limit has the name x and other settings", label)
	}
}

// Two applications of one process share nothing, whatever the names.
func TestApplicationsShareNothing(t *testing.T) {
	module := get("/", limited(1, time.Hour, name("x")))
	for range 2 {
		application := start(t, module)
		assert.Equal(t, http.StatusOK, application.from("192.0.2.1:1", "/").Code)
		assert.Equal(t, http.StatusTooManyRequests, application.from("192.0.2.1:1", "/").Code)
	}
}
