package forwardedheaders_test

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/forwardedheaders"
	"github.com/chitor-go/chitor/plugins/xforwardedheaders"
)

func TestConforms(t *testing.T) {
	plugintest.Conform(t, forwardedheaders.Plugin.With(func(c *config) { c.TrustProxies("192.0.2.0/24") }),
		plugintest.Request(apptest.Header("Forwarded", "for=203.0.113.7;proto=https;host=shop.example")))
}

// TestNobodyElseIsBelieved: without a proxy that is trusted on the other side
// the header says nothing, be it what it may.
func TestNobodyElseIsBelieved(t *testing.T) {
	s := behind(t, func(c *config) { c.TrustProxies("10.0.0.0/8", "2001:db8::/64") })
	for remote, want := range map[string]string{
		"192.0.2.1:1": "192.0.2.1", "127.0.0.1:1": "127.0.0.1", "[::1]:1": "::1", "192.168.0.1:1": "192.168.0.1", "@": "@",
		"10.1.2.3:1": "203.0.113.7", "[::ffff:10.1.2.3]:1": "203.0.113.7", "[2001:db8::5%eth0]:1": "203.0.113.7", "[2001:db8:0:1::5]:1": "2001:db8:0:1::5",
	} {
		for _, header := range []string{"for=203.0.113.7;proto=https;host=shop.example", "malformed"} {
			status, origin := s.ask([]string{header}, func(r *http.Request) { r.RemoteAddr = remote })
			if believed := want == "203.0.113.7"; believed && header == "malformed" {
				assert.Equal(t, http.StatusBadRequest, status, remote)
				continue
			} else if believed {
				assert.Equal(t, "https://shop.example", origin.String(), remote)
			} else {
				assert.Equal(t, "http://localhost", origin.String(), remote)
			}
			assert.Equal(t, http.StatusNoContent, status, remote)
			assert.Equal(t, want, origin.RemoteHost(), remote)
		}
	}
}

func TestTheChainIsReadFromTheRight(t *testing.T) {
	s := behind(t, trusted)
	for name, test := range map[string]struct {
		lines  []string
		remote string
		url    string
	}{
		"no header":                       {nil, proxy, "http://localhost"},
		"an empty one":                    {[]string{"", " , "}, proxy, "http://localhost"},
		"one hop":                         {[]string{"for=203.0.113.7"}, "203.0.113.7", "http://localhost"},
		"what the client says of itself":  {[]string{"for=10.0.0.9;host=admin, for=203.0.113.7"}, "203.0.113.7", "http://localhost"},
		"in a line of its own":            {[]string{"for=10.0.0.9;host=admin", "for=203.0.113.7"}, "203.0.113.7", "http://localhost"},
		"of all proxies alone":            {[]string{"for=10.0.0.9;proto=https, for=10.0.0.8;proto=http"}, "10.0.0.9", "https://localhost"},
		"through three proxies":           {[]string{"for=203.0.113.7;proto=https;host=a", "for=10.0.0.2;host=b, for=10.0.0.3;host=c"}, "203.0.113.7", "https://a"},
		"malformed where nobody looks":    {[]string{`for="`, `x for=;;=", for=203.0.113.7`}, "203.0.113.7", "http://localhost"},
		"a quotation mark before it":      {[]string{`for="a, for="[2001:db8::7]:4711"`}, "2001:db8::7", "http://localhost"},
		"a comma in quotation marks":      {[]string{`for=203.0.113.7;x="a,\"b,\\", for="10.0.0.1"`}, "203.0.113.7", "http://localhost"},
		"names in any case":               {[]string{`For=203.0.113.7;HOST=Shop.Example;Proto=HTTPS`}, "203.0.113.7", "https://shop.example"},
		"white space":                     {[]string{"for=203.0.113.7; proto=https ;host=a ; "}, "203.0.113.7", "https://a"},
		"extensions":                      {[]string{`by=_me;secret="x;y";for=203.0.113.7`}, "203.0.113.7", "http://localhost"},
		"a port":                          {[]string{`for="203.0.113.7:4711"`}, "203.0.113.7", "http://localhost"},
		"an obfuscated port":              {[]string{`for="[2001:db8::7]:_p"`}, "2001:db8::7", "http://localhost"},
		"IPv4 in IPv6":                    {[]string{`for="[::ffff:203.0.113.7]"`}, "203.0.113.7", "http://localhost"},
		"a proxy as IPv4 in IPv6":         {[]string{`for=203.0.113.7, for="[::ffff:10.0.0.1]"`}, "203.0.113.7", "http://localhost"},
		"unknown":                         {[]string{"for=10.0.0.9, for=unknown"}, "unknown", "http://localhost"},
		"obfuscated":                      {[]string{"for=10.0.0.9, for=_hidden"}, "_hidden", "http://localhost"},
		"no for":                          {[]string{"for=203.0.113.7, proto=https"}, proxy, "https://localhost"},
		"the host of IPv6":                {[]string{`for=203.0.113.7;host="[2001:db8::1]:8443";proto=https`}, "203.0.113.7", "https://[2001:db8::1]:8443"},
		"a WebSocket":                     {[]string{"for=203.0.113.7;proto=wss"}, "203.0.113.7", "https://localhost"},
		"a Unix socket of nginx":          {[]string{"for=10.0.0.9, for=unix:"}, "unix:", "http://localhost"},
		"an element without a host in it": {[]string{"for=203.0.113.7, for=10.0.0.1;host=internal"}, "203.0.113.7", "http://localhost"},
	} {
		t.Run(name, func(t *testing.T) {
			status, origin := s.ask(test.lines)
			assert.Equal(t, http.StatusNoContent, status)
			assert.Equal(t, test.remote, origin.RemoteHost())
			assert.Equal(t, test.url, origin.String())
		})
	}
}

// TestMalformedIsBelievedInNothing: what a trusted proxy cannot have meant.
func TestMalformedIsBelievedInNothing(t *testing.T) {
	s := behind(t, trusted)
	for _, header := range []string{
		"client", "for", "for=", "=x", "for=client", "for=203.0.113", "for=203.0.113.7:", "for=203.0.113.7:99999", "for=203.0.113.7:4711:1",
		"for=_", "for=_a/b", "for=fe80::1%eth0", `for="[fe80::1%eth0]"`, "for=[203.0.113.7]", `for="[::1"`, `for="203.0.113.7`, `for=203.0.113.7"`,
		`for="a"b`, "for=203.0.113.7;for=203.0.113.8", "for=203.0.113.7;host=a;Host=b", "for=203.0.113.7;host=a/b", `for=203.0.113.7;host="a/b"`,
		`for=203.0.113.7;host="user@a"`, "for=203.0.113.7;host=\"a\r\nX: y\"", "for=203.0.113.7;host=a:0", "for=203.0.113.7;host=a:b",
		"for=203.0.113.7;proto=gopher", `for=203.0.113.7;proto="https, http"`, "for=203.0.113.7 proto=https", "for=203.0.113.7\x00", "for=\"203.0.113.7\x01\"",
		"for=203.0.113.7, for=10.0.0.1;host=a;broken, for=10.0.0.2", "for=203.0.113.7, for=bad, for=10.0.0.2",
		"for=203.0.113.7" + strings.Repeat(", for=10.0.0.1", 32),
	} {
		status, _ := s.ask([]string{header})
		assert.Equal(t, http.StatusBadRequest, status, "%q", header)
	}
	status, origin := s.ask([]string{"for=203.0.113.7" + strings.Repeat(", for=10.0.0.1", 31)})
	assert.Equal(t, http.StatusNoContent, status)
	assert.Equal(t, "203.0.113.7", origin.RemoteHost())
}

// TestManyPairsCostLittle: a proxy that does not know the header passes on what
// a client has made up.
func TestManyPairsCostLittle(t *testing.T) {
	s := behind(t, trusted)
	var header strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&header, "x%d=1;", i)
	}
	lines := []string{header.String() + "for=203.0.113.7"}
	assert.Less(t, testing.AllocsPerRun(10, func() { s.ask(lines) }), 1000.0)
	_, origin := s.ask(lines)
	assert.Equal(t, "203.0.113.7", origin.RemoteHost())
}

func TestAnyProxyAndUnixSockets(t *testing.T) {
	anyProxy := behind(t, func(c *config) { c.TrustAnyProxy() })
	_, origin := anyProxy.ask([]string{"for=10.0.0.9, for=203.0.113.7"})
	assert.Equal(t, "203.0.113.7", origin.RemoteHost(), "the last element alone is believed")

	unix := behind(t, func(c *config) { c.TrustUnixSockets() })
	over := func(network string) func(*http.Request) {
		return func(r *http.Request) {
			local := net.Addr(&net.UnixAddr{Name: "/run/app.sock", Net: network})
			*r = *r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
			r.RemoteAddr = "@"
		}
	}
	_, origin = unix.ask([]string{"for=203.0.113.7"}, over("unix"))
	assert.Equal(t, "203.0.113.7", origin.RemoteHost())
	_, origin = unix.ask([]string{"for=203.0.113.7, for=unix:"}, over("unix"))
	assert.Equal(t, "203.0.113.7", origin.RemoteHost(), "nginx behind nginx")
	_, origin = unix.ask([]string{"for=203.0.113.7"})
	assert.Equal(t, proxy, origin.RemoteHost(), "that was TCP")
}

// TestTwoHeadersHaveToAgree: a proxy sets one of them, and passes on the other.
func TestTwoHeadersHaveToAgree(t *testing.T) {
	s := behind(t, trusted, xforwardedheaders.Plugin.With(func(c *xforwardedheaders.Config) { c.TrustProxies(proxy) }))
	for name, test := range map[string]struct {
		forwarded string
		header    http.Header
		status    int
		remote    string
		url       string
	}{
		"one":       {"for=203.0.113.7;proto=https", nil, 204, "203.0.113.7", "https://localhost"},
		"the other": {"", http.Header{"X-Forwarded-For": {"203.0.113.7"}, "X-Forwarded-Proto": {"https"}}, 204, "203.0.113.7", "https://localhost"},
		"both": {
			`for="203.0.113.7:4711";proto=https`, http.Header{"X-Forwarded-For": {"203.0.113.7"}, "X-Forwarded-Host": {"shop.example"}},
			204, "203.0.113.7", "https://shop.example",
		},
		"two clients": {"for=10.0.0.9", http.Header{"X-Forwarded-For": {"203.0.113.7"}}, 400, "", ""},
		"a name":      {"for=unknown", http.Header{"X-Forwarded-For": {"203.0.113.7"}}, 400, "", ""},
		"two schemes": {"proto=https", http.Header{"X-Forwarded-Proto": {"http"}}, 400, "", ""},
		"two hosts":   {"host=a", http.Header{"X-Forwarded-Host": {"b"}}, 400, "", ""},
		"two ports":   {"host=a:1", http.Header{"X-Forwarded-Port": {"2"}}, 400, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var lines []string
			if test.forwarded != "" {
				lines = []string{test.forwarded}
			}
			status, origin := s.ask(lines, func(r *http.Request) { maps.Copy(r.Header, test.header) })
			assert.Equal(t, test.status, status)
			assert.Equal(t, test.remote, origin.RemoteHost())
			assert.Equal(t, test.url, origin.String())
		})
	}
}

func TestMistakes(t *testing.T) {
	for name, test := range map[string]struct {
		plugin app.Installable
		says   string
	}{
		"nobody is trusted": {forwardedheaders.Plugin, `name yours, as in c.TrustProxies("10.0.0.0/8"), or write c.TrustAnyProxy()`},
		"no network":        {with(func(c *config) { c.TrustProxies("proxy.example") }), `trust "proxy.example": it is neither a network`},
		"a bad network":     {with(func(c *config) { c.TrustProxies("10.0.0.0/33") }), `trust "10.0.0.0/33"`},
		"everybody":         {with(func(c *config) { c.TrustProxies("0.0.0.0/0") }), "0.0.0.0/0 is everybody"},
		"everybody of IPv6": {with(func(c *config) { c.TrustProxies("::/0") }), "::/0 is everybody"},
		"an empty network":  {with(func(c *config) { c.TrustedProxies = make([]netip.Prefix, 1) }), "a trusted proxy is no network"},
		"IPv4 in IPv6":      {with(func(c *config) { c.TrustProxies("::ffff:10.0.0.0/104") }), "write the network as one of IPv4"},
		"a negative number": {with(func(c *config) { trusted(c); c.SkipLastProxies(-1) }), "SkipLastProxies(-1): the number is negative"},
	} {
		t.Run(name, func(t *testing.T) {
			err := apptest.StartError(t, func(a *app.Application) { a.Install(test.plugin) })
			require.ErrorContains(t, err, test.says)
			assert.ErrorContains(t, err, "plugin_test.go:")
		})
	}
}

func with(configure func(*config)) app.Installable { return forwardedheaders.Plugin.With(configure) }

// TestFromProperties: a file can say whom to trust.
func TestFromProperties(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(forwardedheaders.Plugin.FromProperties("proxies"))
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error { return c.RespondText(c.Origin().RemoteHost()) }
		})
	}, apptest.Properties(map[string]any{"proxies": map[string]any{"trustedProxies": []any{"10.0.0.0/8", "192.0.2.0/24"}}}))
	assert.Equal(t, "203.0.113.7", apptest.Text(t, host.Get("/", apptest.Header("Forwarded", "for=203.0.113.7"))))
}
