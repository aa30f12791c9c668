package forwardedheaders_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestOriginConnectionPointTest: in place of the names of the client and the
// proxies there are addresses, and the proxies are trusted.
func TestOriginConnectionPointTest(t *testing.T) {
	const client = "203.0.113.7"
	for name, test := range map[string]struct {
		configure func(*config)
		header    string
		remote    string
		url       string
	}{
		"testProxyForwardedPerRFCWithHost":         {trusted, "for=" + client + ";host=host", client, "http://host"},
		"testProxyForwardedPerRFCWithHostAndPort":  {trusted, "for=" + client + ";host=host:90", client, "http://host:90"},
		"testProxyForwardedPerRFCWithHostAndProto": {trusted, "for=" + client + ";proto=https;host=host", client, "https://host"},
		"testProxyForwardedPerRFCNoHost":           {trusted, "for=" + client, client, "http://localhost"},
		"testProxyForwardedPerRFCWithHostMultiple": {
			trusted, "for=" + client + ";host=host,for=10.0.0.1;host=internal-host", client, "http://host",
		},
		"testProxyForwardedTakeFirstValue": { // that there is no useFirstValue changes nothing
			trusted, "for=" + client + ";host=host,for=10.0.0.1;host=internal-host", client, "http://host",
		},
		"testProxyForwardedTakeLastValue": {
			func(c *config) { trusted(c); c.UseLastValue() },
			"for=10.0.0.1;host=internal-host,for=" + client + ";host=host", client, "http://host",
		},
		"testProxyForwardedSkipLastProxies": {
			func(c *config) { c.TrustProxies(proxy); c.SkipLastProxies(2) },
			"for=" + client + ";host=host,for=10.0.0.1;host=internal-host,for=10.0.0.2;host=internal-host-1", client, "http://host",
		},
		"testProxyForwardedSkipLastProxiesTakesLastIfNotEnoughValues": {
			func(c *config) { c.TrustProxies(proxy); c.SkipLastProxies(4) },
			"for=" + client + ";host=host,for=10.0.0.1;host=internal-host,for=10.0.0.2;host=internal-host-1", "10.0.0.2", "http://internal-host-1",
		},
		"testProxyForwardedSkipKnownProxiesAllValues": {
			func(c *config) { c.TrustProxies(proxy, "10.0.0.1", "10.0.0.2") },
			"for=" + client + ";host=host,for=10.0.0.1;host=internal-host,for=10.0.0.2;host=internal-host-1", client, "http://host",
		},
		"testProxyForwardedSkipKnownProxiesMissingValues": {
			func(c *config) { c.TrustProxies(proxy, "10.9.9.9", "10.0.0.2") },
			"for=" + client + ";host=host,for=10.0.0.2;host=internal-host", client, "http://host",
		},
		"testForwardedHeadersSetRemoteAddress":       {trusted, "for=192.168.0.1", "192.168.0.1", "http://localhost"},
		"testForwardedHeadersSetRemoteAddress, IPv6": {trusted, "for=2001:db8::1", "2001:db8::1", "http://localhost"},
	} {
		t.Run(name, func(t *testing.T) {
			status, origin := behind(t, test.configure).ask([]string{test.header})
			assert.Equal(t, http.StatusNoContent, status)
			assert.Equal(t, test.remote, origin.RemoteHost())
			assert.Equal(t, test.url, origin.String())
		})
	}
}
