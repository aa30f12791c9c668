package ratelimit_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

func publicAPI(c *app.Call) error { return c.RespondText("public") }

func report(c *app.Call) error { return c.RespondText("report") }

// ask prints what a few calls of one client get.
func ask(module app.Module, path string, times int) {
	application := app.New(module)
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()
	for range times {
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		fmt.Print(recorder.Code, " ", recorder.Body)
		if left := recorder.Header().Get("X-RateLimit-Remaining"); left != "" {
			fmt.Print(", left: ", left)
		}
		if wait := recorder.Header().Get("Retry-After"); wait != "" {
			fmt.Print(", again in ", wait, " s")
		}
		fmt.Println()
	}
}

// A limit for some routes, by the address of the client.
func Example() {
	ask(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Group(func(r *routing.Route) {
				r.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
					c.Limit, c.Refill = 2, time.Minute
				}))
				r.Get("/public-api", publicAPI)
			})
		})
	}, "/public-api", 3)
	// Output:
	// 200 public, left: 1
	// 200 public, left: 0
	// 429 Too Many Requests, left: 0, again in 30 s
}

// One limit for all that a client does, a lower one for what is dear, and a page
// for those who are over it.
func Example_nested() {
	ask(func(a *app.Application) {
		a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
			statuspages.Exception(c, func(c *app.Call, cause *ratelimit.ExceededError) error {
				c.SetStatus(http.StatusTooManyRequests)
				return c.RespondText("too many " + cause.Decision.Policy.Name + " calls")
			})
		}))
		a.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
			c.Name, c.Limit, c.Refill = "all", 100, time.Minute
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/report", report).Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
				c.Name, c.Limit, c.Refill = "report", 1, time.Hour
			}))
		})
	}, "/report", 2)
	// Output:
	// 200 report, left: 0
	// 429 too many report calls, left: 0, again in 3600 s
}

var errNoKey = errors.New("no API key")

// The calls of one API key count together, and of different keys differently.
func ExampleConfig_key() {
	ask(func(a *app.Application) {
		plans := map[string]int{"secret-1": 1000, "secret-2": 10}
		a.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
			c.Refill = time.Hour
			c.Key = func(c *app.Call) (string, error) {
				key := c.Request.Header.Get("X-API-Key")
				// Otherwise every guess would have a bucket of its own.
				if _, known := plans[key]; !known {
					return "", &app.Error{Status: http.StatusUnauthorized, Err: errNoKey}
				}
				return key, nil
			}
			c.LimitFor = func(_ *app.Call, key string) int { return plans[key] }
		}))
	}, "/", 1)
	// Output: 401 Unauthorized
}
