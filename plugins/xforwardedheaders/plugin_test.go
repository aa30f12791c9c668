package xforwardedheaders_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/xforwardedheaders"
)

func TestConforms(t *testing.T) {
	plugintest.Conform(t, xforwardedheaders.Plugin.With(func(c *config) { c.TrustProxies("192.0.2.0/24") }),
		plugintest.Request(apptest.Header("X-Forwarded-For", "203.0.113.7"), apptest.Header("X-Forwarded-Proto", "https"),
			apptest.Header("X-Forwarded-Host", "shop.example")))
}

// all is a request of a client that is called shop.example.
func all() http.Header {
	return http.Header{"X-Forwarded-For": {"203.0.113.7"}, "X-Forwarded-Proto": {"https"}, "X-Forwarded-Host": {"shop.example"}}
}

func TestNobodyElseIsBelieved(t *testing.T) {
	s := behind(t, func(c *config) { c.TrustProxies("10.0.0.0/8") })
	for _, remote := range []string{"192.0.2.1:1", "127.0.0.1:1", "[::1]:1", "192.168.0.1:1", "@", ""} {
		for _, header := range []http.Header{all(), {"X-Forwarded-For": {"malformed"}}} {
			status, origin := s.ask(header, func(r *http.Request) { r.RemoteAddr = remote })
			assert.Equal(t, http.StatusNoContent, status, remote)
			assert.Equal(t, "http://localhost", origin.String(), remote)
			assert.NotEqual(t, "203.0.113.7", origin.RemoteHost(), remote)
		}
	}
	_, origin := s.ask(all(), func(r *http.Request) { r.RemoteAddr = "10.1.2.3:1" })
	assert.Equal(t, "https://shop.example", origin.String())
	assert.Equal(t, "203.0.113.7", origin.RemoteHost())
}

func TestWhichValuesCount(t *testing.T) {
	s := behind(t, trusted)
	for name, test := range map[string]struct {
		header http.Header
		remote string
		url    string
	}{
		"what the client says of itself": {
			http.Header{"X-Forwarded-For": {"10.0.0.9, 203.0.113.7"}, "X-Forwarded-Proto": {"http, https"}, "X-Forwarded-Host": {"admin, shop"}},
			"203.0.113.7", "https://shop",
		},
		"in lines of its own":  {http.Header{"X-Forwarded-For": {"10.0.0.9", "203.0.113.7", ""}}, "203.0.113.7", "http://localhost"},
		"of all proxies alone": {http.Header{"X-Forwarded-For": {"10.0.0.9,10.0.0.8"}}, "10.0.0.9", "http://localhost"},
		"one scheme, many hops": {
			http.Header{"X-Forwarded-For": {"203.0.113.7, 10.0.0.8"}, "X-Forwarded-Proto": {"https"}}, "203.0.113.7", "https://localhost",
		},
		"malformed where nobody looks": {http.Header{"X-Forwarded-For": {`"<>, 203.0.113.7`}}, "203.0.113.7", "http://localhost"},
		"a port":                       {http.Header{"X-Forwarded-For": {"203.0.113.7:4711"}}, "203.0.113.7", "http://localhost"},
		"IPv6 in brackets":             {http.Header{"X-Forwarded-For": {"[2001:db8::7]:4711"}}, "2001:db8::7", "http://localhost"},
		"unknown":                      {http.Header{"X-Forwarded-For": {"10.0.0.9, unknown"}}, "unknown", "http://localhost"},
		"obfuscated":                   {http.Header{"X-Forwarded-For": {"_hidden"}}, "_hidden", "http://localhost"},
		"another name of a header":     {http.Header{"X-Forwarded-Protocol": {"https"}, "X-Forwarded-Server": {"shop"}}, proxy, "https://shop"},
		"the first of two names": {
			http.Header{"X-Forwarded-Proto": {"http"}, "X-Forwarded-Protocol": {"https"}, "Front-End-Https": {"on"}}, proxy, "http://localhost",
		},
		"a flag that is off": {http.Header{"Front-End-Https": {"Off"}}, proxy, "http://localhost"},
		"a flag that is on":  {http.Header{"Front-End-Https": {"On"}}, proxy, "https://localhost"},
		"empty":              {http.Header{"X-Forwarded-For": {""}, "X-Forwarded-Proto": {" ,"}}, proxy, "http://localhost"},
	} {
		t.Run(name, func(t *testing.T) {
			status, origin := s.ask(test.header)
			assert.Equal(t, http.StatusNoContent, status)
			assert.Equal(t, test.remote, origin.RemoteHost())
			assert.Equal(t, test.url, origin.String())
		})
	}
}

// TestPortOfTheHostHeader: a proxy that passes on Host passes on its port.
func TestPortOfTheHostHeader(t *testing.T) {
	s := behind(t, trusted)
	_, origin := s.ask(http.Header{"X-Forwarded-Proto": {"https"}}, func(r *http.Request) { r.Host = "shop.example:8443" })
	assert.Equal(t, "https://shop.example:8443", origin.String())
}

func TestMalformedIsBelievedInNothing(t *testing.T) {
	s := behind(t, trusted)
	for name, values := range map[string][]string{
		"X-Forwarded-For": {
			"client", "203.0.113", "203.0.113.7 10.0.0.1", "203.0.113.7;10.0.0.1", `"203.0.113.7"`, "203.0.113.7:", "203.0.113.7:70000", "[::1", "::1%eth0",
			"203.0.113.7, bad, 10.0.0.1", "_a b", "203.0.113.7\r\nX: y", "203.0.113.7" + strings.Repeat(",10.0.0.1", 40),
		},
		"X-Forwarded-Proto": {"gopher", "https;http", "https\r\n", "javascript"},
		"X-Forwarded-Host":  {"a/b", "user@a", "a:b", "a:0", "[::1", "a b", "a\r\nb", "a?b", "é"},
		"X-Forwarded-Port":  {"0", "65536", "-1", "a", "1 2", "443x"},
	} {
		for _, value := range values {
			status, _ := s.ask(http.Header{name: {value}})
			assert.Equal(t, http.StatusBadRequest, status, "%s: %q", name, value)
		}
	}
}

// TestOneHeaderOfAnotherName: a CDN has its own, and the others can be left out.
func TestOneHeaderOfAnotherName(t *testing.T) {
	s := behind(t, func(c *config) {
		c.TrustAnyProxy()
		c.ForHeaders = []string{"cf-connecting-ip"}
		c.HostHeaders = nil
	})
	header := all()
	header.Set("CF-Connecting-IP", "203.0.113.9")
	_, origin := s.ask(header)
	assert.Equal(t, "203.0.113.9", origin.RemoteHost())
	assert.Equal(t, "https://localhost", origin.String())
}

func TestMistakes(t *testing.T) {
	for name, test := range map[string]struct {
		plugin app.Installable
		says   string
	}{
		"nobody is trusted": {xforwardedheaders.Plugin, `name yours, as in c.TrustProxies("10.0.0.0/8"), or write c.TrustAnyProxy()`},
		"no network":        {with(func(c *config) { c.TrustProxies("proxy.example") }), `trust "proxy.example": it is neither a network`},
		"everybody":         {with(func(c *config) { c.TrustProxies("0.0.0.0/0") }), "0.0.0.0/0 is everybody"},
		"a negative number": {with(func(c *config) { trusted(c); c.SkipLastProxies(-1) }), "SkipLastProxies(-1): the number is negative"},
		"no name": {
			with(func(c *config) { trusted(c); c.PortHeaders = append(c.PortHeaders, "X Port") }), `"X Port" is not the name of a header`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := apptest.StartError(t, func(a *app.Application) { a.Install(test.plugin) })
			require.ErrorContains(t, err, test.says)
			assert.ErrorContains(t, err, "plugin_test.go:")
		})
	}
}

func with(configure func(*config)) app.Installable { return xforwardedheaders.Plugin.With(configure) }

// TestFromProperties: a file can say whom to trust.
func TestFromProperties(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(xforwardedheaders.Plugin.FromProperties("proxies"))
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error { return c.RespondText(c.Origin().RemoteHost()) }
		})
	}, apptest.Properties(map[string]any{"proxies": map[string]any{"trustedProxies": []any{"10.0.0.0/8", "192.0.2.0/24"}}}))
	assert.Equal(t, "203.0.113.7", apptest.Text(t, host.Get("/", apptest.Header("X-Forwarded-For", "203.0.113.7"))))
}
