package methodoverride_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/forwardedheaders"
	"github.com/chitor-go/chitor/plugins/methodoverride"
	"github.com/chitor-go/chitor/plugins/xforwardedheaders"
	"github.com/chitor-go/chitor/routing"
)

const name = "X-Http-Method-Override"

// install installs plugins.
func install(plugins ...app.Installable) app.Module {
	return func(a *app.Application) {
		for _, plugin := range plugins {
			a.Install(plugin)
		}
	}
}

// echo answers every call with its method, and what the header says.
func echo(a *app.Application) {
	a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
		return func(c *app.Call) error {
			if c.Answered() {
				return nil
			}
			return c.RespondText(c.Request.Method + " " + c.Request.Header.Get(name))
		}
	})
}

// routes has a route for each of two methods.
func routes(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Delete("/", func(c *app.Call) error { return c.RespondText("1") })
		r.Get("/", func(c *app.Call) error { return c.RespondText("2") })
	})
}

// origin answers GET with the origin of the call.
func origin(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			c.Header().Set("X-Origin", c.Origin().RemoteHost()+" "+c.Origin().String())
			return c.RespondText("OK")
		})
	})
}

// TestXHttpMethodOverrideTest: where Ktor's tests override GET or HEAD, these
// methods are among those that may be.
func TestXHttpMethodOverrideTest(t *testing.T) {
	every := methodoverride.Plugin.With(func(c *methodoverride.Config) { c.Methods = []string{"GET", "HEAD", "POST"} })
	custom := methodoverride.Plugin.With(func(c *methodoverride.Config) {
		c.Methods = []string{"GET"}
		c.HeaderName = "X-My-Header"
	})
	forwarded := forwardedheaders.Plugin.With(func(c *forwardedheaders.Config) { c.TrustAnyProxy() })
	xForwarded := xforwardedheaders.Plugin.With(func(c *xforwardedheaders.Config) { c.TrustAnyProxy() })
	type pair struct{ name, value string }
	for name, test := range map[string]struct {
		module, answers app.Module
		method          string
		headers         []pair
		body, origin    string
	}{
		"testNoFeature":                                          {install(), echo, "GET", []pair{{name, "DELETE"}}, "GET DELETE", ""},
		"testWithFeatureMethodDelete":                            {install(every), echo, "GET", []pair{{name, "DELETE"}}, "DELETE DELETE", ""},
		"testWithFeatureMethodDelete, as it is":                  {install(methodoverride.Plugin), echo, "GET", []pair{{name, "DELETE"}}, "GET DELETE", ""},
		"testWithFeatureMethodDeleteRouting":                     {install(every), routes, "GET", []pair{{name, "DELETE"}}, "1", ""},
		"testWithFeatureMethodDeleteRouting, without the header": {install(every), routes, "GET", nil, "2", ""},
		"testWithFeatureMethodPatch":                             {install(methodoverride.Plugin), echo, "POST", []pair{{name, "PATCH"}}, "PATCH PATCH", ""},
		"testWithFeatureCustomHeaderName":                        {install(custom), echo, "GET", []pair{{name, "DELETE"}, {"X-My-Header", "GET"}}, "GET DELETE", ""},
		"testMethodOverrideWithNoExistingMethod":                 {install(every), origin, "HEAD", []pair{{name, "GET"}}, "", "192.0.2.2 http://localhost"},
		"testMethodOverrideWithForwardedFor": {
			install(every, xForwarded), origin, "HEAD", []pair{{name, "GET"}, {"X-Forwarded-For", "203.0.113.7"}}, "", "203.0.113.7 http://localhost",
		},
		"testMethodOverrideWithForwardedPort": {
			install(every, xForwarded), origin, "HEAD", []pair{{name, "GET"}, {"X-Forwarded-Host", "host:90"}}, "", "192.0.2.2 http://host:90",
		},
		"testMethodOverrideWithForwardedNoPort": {
			install(every, xForwarded), origin, "HEAD", []pair{{name, "GET"}, {"X-Forwarded-Host", "host"}}, "", "192.0.2.2 http://host",
		},
		"testMethodOverrideWithForwarded": {
			install(every, forwarded), origin, "HEAD", []pair{{name, "GET"}, {"Forwarded", "for=203.0.113.7;proto=https;host=host"}}, "",
			"203.0.113.7 https://host",
		},
	} {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) { test.module(a); test.answers(a) })
			var options []apptest.RequestOption
			for _, header := range test.headers {
				options = append(options, apptest.Header(header.name, header.value))
			}
			response := host.Do(test.method, "/", nil, options...)
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Equal(t, test.body, apptest.Text(t, response))
			assert.Equal(t, test.origin, response.Header.Get("X-Origin"))
		})
	}
}
