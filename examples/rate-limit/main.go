// Rate-limit is Ktor's sample of that name: three limits, one of them by user
// and with weights, and a page for those who are over one.
package main

import (
	"embed"
	"fmt"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// Module is the application.
func Module(a *app.Application) {
	a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
		c.Status(http.StatusTooManyRequests, func(call *app.Call, status int) error {
			retryAfter := call.Header().Get("Retry-After")
			return call.RespondText("429: Too many requests. Wait for " + retryAfter + " seconds.")
		})
	}))

	routing.Routes(a, func(r *routing.Route) {
		r.Group(func(r *routing.Route) {
			r.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
				c.Limit, c.Refill = 5, time.Minute
			}))
			r.Get("/", func(c *app.Call) error {
				return c.RespondText("Welcome to the home page! " + requestsLeft(c))
			})
		})
		r.Group(func(r *routing.Route) {
			r.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
				c.Name, c.Limit, c.Refill = "public", 10, time.Minute
			}))
			r.Get("/public-api", func(c *app.Call) error {
				return c.RespondText("Welcome to public API! " + requestsLeft(c))
			})
		})
		r.Group(func(r *routing.Route) {
			r.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
				c.Name, c.Limit, c.Refill = "protected", 30, time.Minute
				c.Key = func(c *app.Call) (string, error) { return app.QueryParam[string](c, "login") }
				c.Weight = func(_ *app.Call, login string) int {
					if login == "jetbrains" {
						return 1
					}
					return 2
				}
			}))
			r.Get("/protected-api", func(c *app.Call) error {
				return c.RespondText(fmt.Sprintf("Welcome to protected API, %s! %s", c.QueryParam("login"), requestsLeft(c)))
			})
		})
	})
}

// requestsLeft says how many calls the client may still make.
func requestsLeft(c *app.Call) string {
	return c.Header().Get("X-RateLimit-Remaining") + " requests left."
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.module": Module}, engine.Resources(resources))
}
