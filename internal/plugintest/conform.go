package plugintest

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// An Option tells [Conform] about a plugin. It must not be nil.
type Option func(*kit)

// Scoped says that the plugin can be installed on routes: it was made with
// app.NewScopedPlugin. All checks then run on a route too; without Scoped an
// installation on a route has to be refused.
func Scoped() Option { return func(k *kit) { k.scoped = true } }

// Layer says that the plugin was made with app.NewLayer, and so can be installed
// on the application and on routes any number of times. All checks then run on
// a route too; what Scoped says is included.
func Layer() Option { return func(k *kit) { k.scoped, k.layer = true, true } }

// Adds names the headers that the plugin may set or change in every response,
// event streams included.
func Adds(names ...string) Option {
	return func(k *kit) {
		for _, name := range names {
			k.adds = append(k.adds, http.CanonicalHeaderKey(name))
		}
	}
}

// Request changes each request that is sent, so that the plugin has something
// to do: an Origin, an Accept-Encoding. Responses in gzip and deflate are
// decoded before they are compared.
func Request(options ...apptest.RequestOption) Option {
	return func(k *kit) { k.request = append(k.request, options...) }
}

// Holds says that a stream behind the plugin keeps its goroutine also when it only
// listens to a hub, with the requests that are sent here.
func Holds() Option { return func(k *kit) { k.holds = true } }

// Conform fails t for each rule of the package that the plugin breaks. It
// installs the plugin many times, and each time the function that With was
// given runs again. The plugin must let plain text pass in response to GET,
// HEAD and POST. It may be the SSE plugin itself. A nil option fails t at once.
func Conform(t *testing.T, plugin app.Installable, options ...Option) {
	t.Helper()
	k := &kit{plugin: plugin}
	for i, option := range options {
		if option == nil {
			t.Fatalf("conform: option %d is nil", i+1)
		}
		option(k)
	}
	if !k.layer {
		t.Run("installation", k.checkInstallation)
	}
	for _, check := range checks {
		t.Run(check.name, func(t *testing.T) { k.everywhere(t, check) })
	}
}

// kit is a plugin with what is known about it.
type kit struct {
	plugin  app.Installable
	scoped  bool
	layer   bool
	holds   bool
	adds    []string
	request []apptest.RequestOption
}

// check is one rule. It opens its bubbles itself, because most rules compare
// what happens in two of them.
type check struct {
	name  string
	run   func(t *testing.T, p *probe)
	http1 bool // there is nothing to check in HTTP/2
}

// checks are the rules that are checked by calls.
var checks = []check{
	{name: "flush passes", run: checkFlush},
	{name: "the writer unwraps", run: checkController},
	{name: "the writer can be hijacked", run: checkHijack, http1: true},
	{name: "event streams are left alone", run: checkEvents},
	{name: "event streams end with their client", run: checkClientGone},
	{name: "event streams end with the application", run: checkStop},
	{name: "a stream behind it can be parked", run: checkParked, http1: true},
	{name: "responses without a body have none", run: checkBodiless},
	{name: "HEAD tells what GET sends", run: checkHead},
	{name: "responses stay what they are", run: checkResponses},
	{name: "a broken body breaks off", run: checkBrokenBody},
	{name: "requests keep their body", run: checkRequestBody},
	{name: "many calls at once", run: checkManyCalls},
}

// everywhere runs a check for each place and protocol.
func (k *kit) everywhere(t *testing.T, c check) {
	places := []place{onApplication}
	if k.scoped {
		places = append(places, onRoute)
	}
	for _, where := range places {
		t.Run(string(where), func(t *testing.T) {
			if c.http1 {
				c.run(t, &probe{kit: k, where: where, mode: apptest.HTTP1()})
				return
			}
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				c.run(t, &probe{kit: k, where: where, mode: mode})
			})
		})
	}
}

// place is where the plugin is installed.
type place string

const (
	nowhere       place = "nowhere"
	onApplication place = "application"
	onRoute       place = "route"
)

// probe is an application with the plugin, to which a check sends requests.
type probe struct {
	*kit

	where place
	mode  apptest.Option
}

// bubble runs ask in a bubble, with an application whose handler serves all
// methods at [path].
func (p *probe) bubble(t *testing.T, handler app.Handler, ask func(t *testing.T, h *host)) {
	t.Helper()
	p.bubbleOf(t, func(_ *app.Application, r *routing.Route) { r.Handle("", handler) }, ask)
}

// bubbleOf is bubble for an application in which declare declares what is at [path].
func (p *probe) bubbleOf(t *testing.T, declare func(*app.Application, *routing.Route), ask func(t *testing.T, h *host)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		module := func(a *app.Application) {
			if p.where == nowhere || p.plugin.Name() != sse.Plugin.Name() {
				a.Install(sse.Plugin)
			}
			if p.where == onApplication {
				a.Install(p.plugin)
			}
			routing.Routes(a, func(r *routing.Route) {
				r.Route(path, func(r *routing.Route) {
					if p.where == onRoute {
						r.Install(p.plugin)
					}
					declare(a, r)
				})
			})
		}
		ask(t, &host{apptest.Start(t, module, p.mode), p.request})
	})
}

// without returns the probe of the same application without the plugin.
func (p *probe) without() *probe { return &probe{kit: p.kit, where: nowhere, mode: p.mode} }
