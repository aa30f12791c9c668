package xforwardedheaders_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// TestOriginConnectionPointTest: in place of the names of the client and the
// proxies there are addresses, and the proxies are trusted.
func TestOriginConnectionPointTest(t *testing.T) {
	const client = "203.0.113.7"
	header := func(pairs ...string) http.Header {
		made := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			made.Set(pairs[i], pairs[i+1])
		}
		return made
	}
	three := header("X-Forwarded-SSL", "on,of,of", "X-Forwarded-For", client+", 10.0.0.1, 10.0.0.2",
		"X-Forwarded-Proto", "https,http,http", "X-Forwarded-Port", "91,92,93", "X-Forwarded-Host", "host1, host2, host3")
	for name, test := range map[string]struct {
		configure func(*config)
		header    http.Header
		remote    string
		url       string
	}{
		"testDirectRequest":                                  {trusted, nil, proxy, "http://localhost"},
		"testProxyXForwardedFor":                             {trusted, header("X-Forwarded-For", client+", 10.0.0.1"), client, "http://localhost"},
		"testProxyXForwardedHostNoPort":                      {trusted, header("X-Forwarded-Host", "host"), proxy, "http://host"},
		"testProxyXForwardedHostWithPort":                    {trusted, header("X-Forwarded-Host", "host:90"), proxy, "http://host:90"},
		"testProxyXForwardedScheme":                          {trusted, header("X-Forwarded-Proto", "https"), proxy, "https://localhost"},
		"testProxyXForwardedSchemeWithPort":                  {trusted, header("X-Forwarded-Proto", "https", "X-Forwarded-Host", "host:90"), proxy, "https://host:90"},
		"testProxyXForwardedSchemeNoPort":                    {trusted, header("X-Forwarded-Proto", "https", "X-Forwarded-Host", "host"), proxy, "https://host"},
		"testProxyXForwardedPort":                            {trusted, header("X-Forwarded-Port", "91"), proxy, "http://localhost:91"},
		"testProxyXForwardedSchemeWithPortAndXForwardedPort": {trusted, header("X-Forwarded-Host", "host:90", "X-Forwarded-Port", "91"), proxy, "http://host:91"},
		"testProxyXForwardedHttpsFlagOn":                     {trusted, header("X-Forwarded-SSL", "on"), proxy, "https://localhost"},
		"testProxyXForwardedTakeFirstValueByDefault": {trusted, header("X-Forwarded-SSL", "on,of", "X-Forwarded-For", client+", 10.0.0.1",
			"X-Forwarded-Proto", "https,http", "X-Forwarded-Port", "91,92", "X-Forwarded-Host", "host1, host2"), client, "https://host1:91"},
		"testProxyXForwardedTakeLastValue": {func(c *config) { trusted(c); c.UseLastProxy() },
			header("X-Forwarded-SSL", "of,on", "X-Forwarded-For", "10.0.0.1,"+client, "X-Forwarded-Proto", "http,https",
				"X-Forwarded-Port", "92,91", "X-Forwarded-Host", "host2, host1"), client, "https://host1:91"},
		"testProxyXForwardedSkipLastProxies": {
			func(c *config) { c.TrustProxies(proxy); c.SkipLastProxies(2) }, three, client, "https://host1:91",
		},
		"testProxyXForwardedSkipLastProxiesTakesLastIfNotEnoughValues": {
			func(c *config) { c.TrustProxies(proxy); c.SkipLastProxies(4) }, three, "10.0.0.2", "http://host3:93",
		},
		"testProxyXForwardedSkipKnownProxiesAllValues": {
			func(c *config) { c.TrustProxies(proxy, "10.0.0.1", "10.0.0.2") }, three, client, "https://host1:91",
		},
		"testProxyXForwardedSkipKnownProxiesMissingValues": {func(c *config) { c.TrustProxies(proxy, "10.9.9.9", "10.0.0.2") },
			header("X-Forwarded-SSL", "on,of", "X-Forwarded-For", client+", 10.0.0.2", "X-Forwarded-Proto", "https,http",
				"X-Forwarded-Port", "91,93", "X-Forwarded-Host", "host1, host3"), client, "https://host1:91"},
		"testProxyXForwardedPortList":                 {trusted, header("X-Forwarded-Port", "91, 90,95"), proxy, "http://localhost:95"},
		"testXForwardedHeadersSetRemoteAddress":       {trusted, header("X-Forwarded-For", "192.168.0.1"), "192.168.0.1", "http://localhost"},
		"testXForwardedHeadersSetRemoteAddress, IPv6": {trusted, header("X-Forwarded-For", "2001:db8::1"), "2001:db8::1", "http://localhost"},
	} {
		t.Run(name, func(t *testing.T) {
			status, origin := behind(t, test.configure).ask(test.header)
			assert.Equal(t, http.StatusNoContent, status)
			assert.Equal(t, test.remote, origin.RemoteHost())
			assert.Equal(t, test.url, origin.String())
		})
	}
}

// TestProxyHeaders is testProxyHeaders of Ktor's HttpServerCommonTestSuite.
func TestProxyHeaders(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(with(func(c *config) { c.TrustProxies("192.0.2.0/24") }))
			a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
				return func(c *app.Call) error { return c.RespondText(c.Origin().String() + c.Request.URL.Path) }
			})
		})
		for _, test := range []struct{ host, proto, want string }{
			{"my-host:90", "", scheme + "://my-host:90/"},
			{"my-host", "", scheme + "://my-host/"},
			{"my-host:90", "https", "https://my-host:90/"},
			{"my-host", "https", "https://my-host/"},
		} {
			response := host.Get(scheme+"://localhost/", apptest.Header("X-Forwarded-Host", test.host), apptest.Header("X-Forwarded-Proto", test.proto))
			assert.Equal(t, test.want, apptest.Text(t, response))
		}
	}
}
