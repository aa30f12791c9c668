package hsts_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/hsts"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestConforms(t *testing.T) {
	plugintest.Conform(t, hsts.Plugin, plugintest.Scoped())
}

// TestEveryResponseOverHTTPS has the header once, whoever responds, and no
// response over http, whatever the filter says.
func TestEveryResponseOverHTTPS(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			a.Install(hsts.Plugin.With(func(c *hsts.Config) { c.Filter(func(*app.Call) bool { return true }) }))
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/own", func(c *app.Call) error { c.Header().Set(header, "max-age=1"); return c.RespondText("") })
				r.Get("/fail", func(*app.Call) error { return errors.New("broken") })
				r.Mount("/mounted", http.NotFoundHandler())
				r.SSE("/events", func(s *sse.Session) error { return s.SendText("event") })
			})
		}, mode)
		for _, path := range []string{"/own", "/fail", "/mounted", "/events", "/missing"} {
			want := []string{"max-age=31536000; includeSubDomains"}
			if path == "/own" {
				want = []string{"max-age=1"}
			}
			response := host.Get("https://shop.example:8443" + path)
			apptest.Text(t, response)
			assert.Equal(t, want, response.Header[header], path)
			if path != "/own" {
				plain := host.Get(path)
				apptest.Text(t, plain)
				assert.Empty(t, plain.Header[header], path)
			}
		}
	})
}

func TestHostsInAnyCase(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(hsts.Plugin.With(func(c *hsts.Config) {
			c.MaxAge = 0
			c.WithHost("Shop.Example", func(h *hsts.HostConfig) { h.Directive("x", `a"b`); h.MaxAge = 1500 * time.Millisecond })
		}))
	})
	assert.Equal(t, `max-age=1; includeSubDomains; x="a\"b"`, host.Get("https://SHOP.example/").Header.Get(header))
	assert.Equal(t, "max-age=0; includeSubDomains", host.Get("https://other.example/").Header.Get(header))
}

func TestMistakes(t *testing.T) {
	for says, configure := range map[string]func(*hsts.Config){
		"MaxAge is -1s: it is negative":                                    func(c *hsts.Config) { c.MaxAge = -time.Second },
		"MaxAge is 300ns, which browsers would take for 0: write the unit": func(c *hsts.Config) { c.MaxAge = 300 },
		`directive "a b": that is not the name of a directive`:             func(c *hsts.Config) { c.Directive("a b", "") },
		`directive x: the value "a\nb" has control characters`:             func(c *hsts.Config) { c.Directive("x", "a\nb") },
		"directive max-age: it is there twice":                             func(c *hsts.Config) { c.Directive("Max-Age", "5") },
		`with host "a:1": it is a name or an address without a port`:       func(c *hsts.Config) { c.WithHost("a:1", func(*hsts.HostConfig) {}) },
		`with host "https://a": it is a name or an address without a port`: func(c *hsts.Config) { c.WithHost("https://a", func(*hsts.HostConfig) {}) },
		`with host "a": the configuration function is nil`:                 func(c *hsts.Config) { c.WithHost("a", nil) },
		`with host "a": MaxAge is -1s: it is negative`:                     func(c *hsts.Config) { c.WithHost("a", func(h *hsts.HostConfig) { h.MaxAge = -time.Second }) },
		"the filter is nil": func(c *hsts.Config) { c.Filter(nil) },
		`with host "A": it is named twice`: func(c *hsts.Config) {
			c.WithHost("a", func(*hsts.HostConfig) {})
			c.WithHost("A", func(*hsts.HostConfig) {})
		},
	} {
		err := apptest.StartError(t, func(a *app.Application) { a.Install(hsts.Plugin.With(configure)) })
		require.ErrorContains(t, err, says)
		assert.ErrorContains(t, err, "plugin_test.go:")
	}
}

func TestFromProperties(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) { a.Install(hsts.Plugin.FromProperties("hsts")) },
		apptest.Properties(map[string]any{"hsts": map[string]any{"maxAge": "10 seconds", "preload": true}}))
	assert.Equal(t, "max-age=10; includeSubDomains; preload", host.Get("https://localhost/").Header.Get(header))
}
