package cachingheaders_test

import (
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/cachingheaders"
	"github.com/chitor-go/chitor/routing"
)

type (
	noCache = cachingheaders.NoCache
	noStore = cachingheaders.NoStore
	maxAge  = cachingheaders.MaxAge
)

const (
	public  = cachingheaders.Public
	private = cachingheaders.Private
)

// saying returns the plugin with one provider for each of what it is given.
func saying(all ...cachingheaders.CacheControl) app.Installable {
	return cachingheaders.Plugin.With(func(c *cachingheaders.Config) {
		for _, one := range all {
			c.Options(func(*app.Call, *app.Outgoing) *cachingheaders.CachingOptions {
				return &cachingheaders.CachingOptions{CacheControl: one}
			})
		}
	})
}

// responding returns a handler that says of its response what it is given.
func responding(all ...cachingheaders.CacheControl) app.Handler {
	var options []cachingheaders.CachingOptions
	for _, one := range all {
		options = append(options, cachingheaders.CachingOptions{CacheControl: one})
	}
	return func(c *app.Call) error {
		cachingheaders.Set(c, options...)
		return c.RespondText("test")
	}
}

// serve starts an application with plugins, and handler at the root.
func serve(t *testing.T, handler app.Handler, plugins ...app.Installable) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		for _, plugin := range plugins {
			a.Install(plugin)
		}
		routing.Routes(a, func(r *routing.Route) { r.Get("/", handler) })
	})
}
