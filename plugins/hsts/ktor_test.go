package hsts_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/hsts"
	"github.com/chitor-go/chitor/plugins/xforwardedheaders"
	"github.com/chitor-go/chitor/routing"
)

// header is the one that is tested.
const header = "Strict-Transport-Security"

// testApp is Ktor's, behind a proxy at the address of the test client.
func testApp(configure ...func(*hsts.Config)) app.Module {
	return func(a *app.Application) {
		a.Install(xforwardedheaders.Plugin.With(func(c *xforwardedheaders.Config) { c.TrustAnyProxy() }))
		a.Install(hsts.Plugin.With(func(c *hsts.Config) {
			c.MaxAge = 10 * time.Second
			c.IncludeSubDomains = true
			c.Preload = true
			for _, configure := range configure {
				configure(c)
			}
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText("ok") })
		})
	}
}

// some is the directive that most of Ktor's tests have.
func some(c *hsts.Config) { c.Directive("some", "va=lue") }

func TestHSTSTest(t *testing.T) {
	https := apptest.Header("X-Forwarded-Proto", "https")
	host := func(name string) apptest.RequestOption { return apptest.Header("X-Forwarded-Host", name) }
	const all = `max-age=10; includeSubDomains; preload; some="va=lue"`
	for name, test := range map[string]struct {
		module app.Module
		asks   []apptest.RequestOption
		want   string
	}{
		"testHttp":                        {testApp(some), nil, ""},
		"testHttps":                       {testApp(some), []apptest.RequestOption{https, host("some")}, all},
		"testHttps, without a host":       {testApp(some), []apptest.RequestOption{https}, all},
		"testCustomPort":                  {testApp(some), []apptest.RequestOption{https, host("some:8443")}, ""},
		"testHttpsCustomDirectiveNoValue": {testApp(func(c *hsts.Config) { c.Directive("some", "") }), []apptest.RequestOption{https}, "max-age=10; includeSubDomains; preload; some"},
		"testHttpsNoCustomDirectives":     {testApp(), []apptest.RequestOption{https}, "max-age=10; includeSubDomains; preload"},
		"testSetCustomPort": {testApp(some, func(c *hsts.Config) {
			c.Filter(func(c *app.Call) bool { return c.Origin().Port == 8443 })
		}), []apptest.RequestOption{https, host("some:8443")}, all},
		"testHttpsMaxAgeOnly":                  {testApp(func(c *hsts.Config) { c.IncludeSubDomains, c.Preload = false, false }), []apptest.RequestOption{https}, "max-age=10"},
		"testHttpsHostOverride":                {testApp(differing), []apptest.RequestOption{https}, "max-age=10; includeSubDomains; preload"},
		"testHttpsHostOverride, the other one": {testApp(differing), []apptest.RequestOption{https, host("differing")}, "max-age=10; preload"},
	} {
		t.Run(name, func(t *testing.T) {
			response := apptest.Start(t, test.module).Get("/", test.asks...)
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Equal(t, test.want, response.Header.Get(header))
		})
	}
}

// differing is a host of its own.
func differing(c *hsts.Config) {
	c.WithHost("differing", func(h *hsts.HostConfig) {
		h.MaxAge = 10 * time.Second
		h.Preload = true
		h.IncludeSubDomains = false
	})
}

// TestSubrouteInstall is Ktor's testSubrouteInstall.
func TestSubrouteInstall(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/1", func(r *routing.Route) {
				r.Install(hsts.Plugin.With(func(c *hsts.Config) { c.MaxAge = 10 * time.Second }))
				r.Get("", func(c *app.Call) error { return c.RespondText("test") })
			})
			r.Get("/2", func(c *app.Call) error { return c.RespondText("test") })
		})
	})
	assert.Equal(t, "max-age=10; includeSubDomains", host.Get("https://localhost/1").Header.Get(header))
	assert.Empty(t, host.Get("https://localhost/2").Header[header])
	assert.Empty(t, host.Get("/1").Header[header])
}
