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

// An Option tells [Conform] about a plugin.
type Option func(*kit)

// Scoped says that the plugin can be installed on routes: it was made with
// app.NewScopedPlugin. Everything is then checked there as well; without it an
// installation on a route has to be refused.
func Scoped() Option { return func(k *kit) { k.scoped = true } }

// Adds names the headers that the plugin may set or change in every answer,
// event streams included.
func Adds(names ...string) Option {
	return func(k *kit) {
		for _, name := range names {
			k.adds = append(k.adds, http.CanonicalHeaderKey(name))
		}
	}
}

// Request changes each request that is sent, so that the plugin has something
// to do: an Origin, an Accept-Encoding. Answers in gzip and deflate are decoded
// before they are compared.
func Request(options ...apptest.RequestOption) Option {
	return func(k *kit) { k.request = append(k.request, options...) }
}

// Conform fails t for each rule of the package that the plugin breaks. The
// plugin is installed many times, so a configuration that it has from With is
// made anew each time. It must let a plain text answer to GET, HEAD and POST
// pass; it may be the SSE plugin itself.
func Conform(t *testing.T, plugin app.Installable, options ...Option) {
	t.Helper()
	k := &kit{plugin: plugin}
	for _, option := range options {
		option(k)
	}
	t.Run("installation", k.checkInstallation)
	for _, check := range checks {
		t.Run(check.name, func(t *testing.T) { k.everywhere(t, check) })
	}
}

// kit is a plugin with what is known about it.
type kit struct {
	plugin  app.Installable
	scoped  bool
	adds    []string
	request []apptest.RequestOption
}

// check is one rule. It runs in bubbles that it opens itself, since most
// compare what happens in two.
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
	{name: "answers without a body have none", run: checkBodiless},
	{name: "HEAD tells what GET sends", run: checkHead},
	{name: "answers stay what they are", run: checkAnswers},
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
			apptest.Run(t, func(t *testing.T, mode apptest.Option) { c.run(t, &probe{kit: k, where: where, mode: mode}) })
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

// probe is an application around the plugin that a check asks.
type probe struct {
	*kit

	where place
	mode  apptest.Option
}

// bubble runs ask in a bubble, with an application that serves any method at
// [path] by handler.
func (p *probe) bubble(t *testing.T, handler app.Handler, ask func(t *testing.T, h *host)) {
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
					r.Handle("", handler)
				})
			})
		}
		ask(t, &host{apptest.Start(t, module, p.mode), p.request})
	})
}

// without returns the probe of the same application without the plugin.
func (p *probe) without() *probe { return &probe{kit: p.kit, where: nowhere, mode: p.mode} }
