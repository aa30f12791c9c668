// Forwarded-header is Ktor's sample of that name: what a proxy has used to call
// the application, and what the client has.
package main

import (
	"embed"
	"fmt"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/forwardedheaders"
	"github.com/chitor-go/chitor/plugins/xforwardedheaders"
	"github.com/chitor-go/chitor/routing"
)

// proxies are the networks from which proxies call: this machine, and those
// that Docker makes. Ktor's sample believes everybody.
func proxies() []string { return []string{"127.0.0.0/8", "::1", "172.16.0.0/12", "192.0.2.0/24"} }

//go:embed application.conf
var resources embed.FS

// Module is the application.
func Module(a *app.Application) {
	a.Install(forwardedheaders.Plugin.With(func(c *forwardedheaders.Config) { c.TrustProxies(proxies()...) }))
	a.Install(xforwardedheaders.Plugin.With(func(c *xforwardedheaders.Config) { c.TrustProxies(proxies()...) }))
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/hello", func(c *app.Call) error {
			local, origin := c.Local(), c.Origin()
			return c.RespondText(fmt.Sprintf("remoteHost: %s, originRemoteHost: %s\nserverHost: %s, originServerHost: %s",
				local.RemoteHost(), origin.RemoteHost(), local.Host, origin.Host))
		})
	})
}

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.module": Module}, engine.Resources(resources))
}
