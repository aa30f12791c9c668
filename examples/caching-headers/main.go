// Caching-headers is Ktor's sample of that name: for how long a response may be
// kept, by its type, by its route, and as its handler says.
package main

import (
	_ "embed" // for the page
	"html/template"
	"log"
	"mime"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/cachingheaders"
	"github.com/chitor-go/chitor/routing"
)

//go:embed about.html
var about string

// maxAge lets caches keep a response for a time.
func maxAge(age time.Duration) *cachingheaders.CachingOptions {
	return &cachingheaders.CachingOptions{CacheControl: cachingheaders.MaxAge{Age: age}}
}

// byType says for how long responses of a type may be kept.
func byType(_ *app.Call, out *app.Outgoing) *cachingheaders.CachingOptions {
	kind, _, err := mime.ParseMediaType(out.Header.Get("Content-Type"))
	if err != nil {
		return nil
	}
	switch kind {
	case "text/plain":
		return maxAge(time.Hour)
	case "text/html":
		return maxAge(time.Minute)
	default:
		return nil
	}
}

// Module is the application.
func Module(a *app.Application) {
	page, err := template.New("about").Parse(about)
	if err != nil {
		a.Fail(err)
		return
	}
	routing.Routes(a, func(r *routing.Route) {
		r.Install(cachingheaders.Plugin.With(func(c *cachingheaders.Config) { c.Options(byType) }))

		r.Route("/index", func(r *routing.Route) {
			r.Install(cachingheaders.Plugin.With(func(c *cachingheaders.Config) {
				c.Options(func(*app.Call, *app.Outgoing) *cachingheaders.CachingOptions { return maxAge(30 * time.Minute) })
			}))
			r.Get("", func(c *app.Call) error { return c.RespondText("Index page") })
		})
		r.Get("/about", func(c *app.Call) error { return c.RespondHTML(page, nil) })
		r.Get("/profile", func(c *app.Call) error {
			if c.QueryParam("user") == "" {
				cachingheaders.Set(c, *maxAge(15 * time.Minute))
				return c.RespondText("Login page")
			}
			cachingheaders.Set(c, cachingheaders.CachingOptions{CacheControl: cachingheaders.NoStore{Visibility: cachingheaders.Private}})
			return c.RespondText("Profile page")
		})
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
