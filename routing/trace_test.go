package routing_test

import (
	"net/http"
	"strings"

	"github.com/chitor-go/chitor/app"
)

var trace = app.NewKey[*strings.Builder]("trace")

// note adds to what a call has been through.
func note(c *app.Call, text string) {
	if said, ok := trace.Get(c); ok {
		said.WriteString(text + " ")
	}
}

// told answers with what the call has been through, as a last thing.
func told(name string) app.Handler {
	return func(c *app.Call) error {
		said, _ := trace.Get(c)
		return c.RespondText(said.String() + name)
	}
}

// noting returns a middleware that notes its name.
func noting(name string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if c, ok := app.CallFrom(r.Context()); ok {
				note(c, name)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// noticing returns an interceptor that notes its name.
func noticing(name string) func(app.Handler) app.Handler {
	return func(next app.Handler) app.Handler {
		return func(c *app.Call) error {
			note(c, name)
			return next(c)
		}
	}
}

// tracing begins the trace of each call.
func tracing(a *app.Application) {
	a.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
		return func(c *app.Call) error {
			trace.Set(c, &strings.Builder{})
			return next(c)
		}
	})
}

type scopedConfig struct{ Name, Other string }

var scoped = app.NewScopedPlugin("Scoped", func() scopedConfig { return scopedConfig{Name: "default", Other: "default"} },
	func(b *app.PluginBuilder[scopedConfig]) error {
		config := b.Config()
		b.OnCall(func(c *app.Call) error { note(c, config.Name+"/"+config.Other); return nil })
		return nil
	})

func named(name string) app.Installable {
	return scoped.With(func(c *scopedConfig) { c.Name = name })
}
