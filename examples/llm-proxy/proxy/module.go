// Package proxy is the application of the example llm-proxy: what stands before a
// server of models.
package proxy

import (
	"net/http"
	"net/url"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	"github.com/chitor-go/chitor/plugins/requestbodylimit"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// Config is what the proxy works with.
type Config struct {
	Upstream  *url.URL          // the server of models, with its /v1
	Key       string            // what the server asks for; empty if it asks for none
	Transport http.RoundTripper // how the server is reached
	Clients   Clients           // who may call
	PerMinute int               // how many calls each may make
	Heartbeat time.Duration     // for how long a stream may be silent
	HeadAfter time.Duration     // for how long a caller waits for the head of a stream
}

// maxBody is how long a request may be: conversations have pictures in them.
const maxBody = 8 << 20

// Module returns the application.
func Module(config Config) app.Module {
	return func(a *app.Application) {
		a.Install(calllogging.Plugin)
		a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
			statuspages.Exception(c, respondError)
		}))
		clients := config.Clients.scheme()
		a.Install(sse.Plugin.With(func(c *sse.Config) {
			c.MaxSessionsPerKey = 10
			c.Key = clients.Principal
		}))
		proxy := app.FromHTTP(newProxy(config, a.Logger()))
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/v1", func(r *routing.Route) {
				r.Install(authentication.Require(clients))
				r.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
					c.Limit, c.Refill = config.PerMinute, time.Minute
					c.Key = func(c *app.Call) (string, error) { return clients.Principal(c), nil }
				}))
				r.Install(requestbodylimit.Plugin.With(func(c *requestbodylimit.Config) {
					c.BodyLimit(func(*app.Call) int64 { return maxBody })
				}))
				r.Get("/models", proxy)
				r.Post("/chat/completions", proxy).Install(sse.Adopt.With(func(c *sse.AdoptConfig) {
					c.Heartbeat, c.HeadAfter = config.Heartbeat, config.HeadAfter
					c.LastEvent = lastEvent
				}))
			})
		})
	}
}
