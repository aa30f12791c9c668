package app_test

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/callid"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// badConverter is a converter with one bad method.
type badConverter struct {
	at  string
	end func() error
}

func (b badConverter) Serialize(string, any) (any, error) {
	if b.at == "Serialize" {
		if err := b.end(); err != nil {
			return nil, err
		}
	}
	return "fine", nil
}

func (b badConverter) Deserialize(_ string, body io.Reader, _ any) error {
	if b.at == "Deserialize" {
		if err := b.end(); err != nil {
			return err
		}
	}
	_, err := io.Copy(io.Discard, body)
	return err
}

// badValue is a value that makes JSON of itself.
type badValue struct{ end func() error }

func (b badValue) MarshalJSON() ([]byte, error) { return []byte(`"fine"`), b.end() }

// foreignPluginPlaces are the places where plugins run code that they are given.
func foreignPluginPlaces() []foreignPlace {
	get := func(install func(a *app.Application, end func() error), handler func(end func() error) app.Handler) func(func() error) app.Module {
		return func(end func() error) app.Module {
			return func(a *app.Application) {
				install(a, end)
				routing.Routes(a, func(r *routing.Route) { r.Get("/", handler(end)) })
			}
		}
	}
	fine := func(func() error) app.Handler { return text("fine") }
	value := func(end func() error) app.Handler {
		return func(c *app.Call) error { return c.Respond(badValue{end}) }
	}
	converting := func(at string) func(a *app.Application, end func() error) {
		return func(a *app.Application, end func() error) {
			a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) {
				c.Register("text/plain", badConverter{at, end})
			}))
		}
	}
	pages := func(configure func(c *statuspages.Config, end func() error)) func(a *app.Application, end func() error) {
		return func(a *app.Application, end func() error) {
			a.Install(statuspages.Plugin.With(func(c *statuspages.Config) { configure(c, end) }))
		}
	}
	logging := func(configure func(c *calllogging.Config, end func() error)) func(a *app.Application, end func() error) {
		return func(a *app.Application, end func() error) {
			a.Install(calllogging.Plugin.With(func(c *calllogging.Config) { configure(c, end) }))
		}
	}
	identifying := func(configure func(c *callid.Config, end func() error)) func(a *app.Application, end func() error) {
		return func(a *app.Application, end func() error) {
			a.Install(callid.Plugin.With(func(c *callid.Config) { configure(c, end) }))
		}
	}
	return []foreignPlace{
		{name: "Serialize of a converter", module: get(converting("Serialize"), value), want: is500},
		{name: "Deserialize of a converter", module: get(converting("Deserialize"), func(func() error) app.Handler {
			return func(c *app.Call) error {
				c.Request.Header.Set("Content-Type", "text/plain")
				if _, err := app.Receive[struct{ A int }](c); err != nil {
					return err
				}
				return c.RespondText("fine")
			}
		}), want: is500, silent: true},
		{name: "MarshalJSON of a value", module: get(func(a *app.Application, _ func() error) {
			a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() }))
		}, value), want: is500},
		{name: "contributor of Accept", module: get(func(a *app.Application, end func() error) {
			a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) {
				c.JSON()
				c.Accept(func(_ *app.Call, accept string) string { _ = end(); return accept })
			}))
		}, func(func() error) app.Handler {
			return func(c *app.Call) error { return c.Respond(map[string]int{"a": 1}) }
		}), want: is500, silent: true},
		{name: "page for an error", module: get(pages(func(c *statuspages.Config, end func() error) {
			statuspages.Exception(c, func(c *app.Call, _ *app.Error) error {
				if err := end(); err != nil {
					return err
				}
				c.SetStatus(http.StatusOK)
				return c.RespondText("fine")
			})
		}), func(func() error) app.Handler { return teapot }), want: is500},
		{name: "page for a status", module: get(pages(func(c *statuspages.Config, end func() error) {
			c.Status(http.StatusOK, func(*app.Call, int) error { return end() })
		}), fine), want: is500},
		{name: "page for what nobody answers", module: get(pages(func(c *statuspages.Config, end func() error) {
			c.Unhandled(func(*app.Call) error { return end() })
		}), func(func() error) app.Handler { return func(*app.Call) error { return nil } }), want: is500},
		{name: "filter of the log", module: get(logging(func(c *calllogging.Config, end func() error) {
			c.Filter(func(*app.Call) bool { _ = end(); return true })
		}), fine), want: isOK, silent: true, goexit: "no response"},
		{name: "attribute of the log", module: get(logging(func(c *calllogging.Config, end func() error) {
			c.MDC("a", func(*app.Call) (string, bool) { _ = end(); return "", false })
		}), fine), want: isOK, silent: true, goexit: is500},
		{name: "line of the log", module: get(logging(func(c *calllogging.Config, end func() error) {
			c.Format = func(*app.Call) string { _ = end(); return "line" }
		}), fine), want: isOK, silent: true, goexit: "no response"},
		{name: "source of an ID", module: get(identifying(func(c *callid.Config, end func() error) {
			c.Generate(func(*app.Call) string { _ = end(); return "id" })
		}), fine), want: is500, silent: true},
		{name: "verifier of an ID", module: get(identifying(func(c *callid.Config, end func() error) {
			c.Generate(func(*app.Call) string { return "id" })
			c.Verify(func(string) (bool, error) { return true, end() })
		}), fine), want: is500},
	}
}

// TestNothingThatAPluginIsGivenGetsThrough: the rule of the application holds
// for what plugins run.
func TestNothingThatAPluginIsGivenGetsThrough(t *testing.T) {
	t.Parallel()
	for _, place := range foreignPluginPlaces() {
		t.Run(place.name, func(t *testing.T) {
			t.Parallel()
			for _, ending := range badEndings() {
				if ending.returns && place.silent {
					continue
				}
				t.Run(ending.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { endsBadly(t, place, ending) })
				})
			}
		})
	}
}
