package app_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// originOf serves one request and returns the origin that its handler sees, and
// what the connection says.
func originOf(t *testing.T, r *http.Request, modules ...app.Module) (origin, local app.Origin, seen *http.Request) {
	t.Helper()
	a := start(t, func(a *app.Application) {
		for _, module := range modules {
			module(a)
		}
		answering(func(c *app.Call) error {
			origin, local, seen = c.Origin(), c.Local(), c.Request
			return c.RespondStatus(http.StatusNoContent)
		})(a)
	})
	a.ServeHTTP(httptest.NewRecorder(), r)
	require.NotNil(t, seen, "the handler has not run")
	return origin, local, seen
}

// moves is a plugin that says where calls come from.
func moves(change func(*app.Origin)) app.Module {
	return func(a *app.Application) {
		a.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				origin := c.Origin()
				change(&origin)
				c.SetOrigin(origin)
				return next(c)
			}
		})
	}
}

func TestOriginIsWhatTheConnectionSays(t *testing.T) {
	client := netip.MustParseAddrPort("192.0.2.1:1234") // of httptest
	for name, test := range map[string]struct {
		change func(*http.Request)
		want   app.Origin
		text   string
	}{
		"plain": {func(*http.Request) {}, app.Origin{Scheme: "http", Host: "example.com", Port: 80, Remote: client}, "http://example.com"},
		"TLS": {
			func(r *http.Request) { r.TLS = &tls.ConnectionState{} },
			app.Origin{Scheme: "https", Host: "example.com", Port: 443, Remote: client}, "https://example.com",
		},
		"port": {
			func(r *http.Request) { r.Host = "Example.COM:8080" },
			app.Origin{Scheme: "http", Host: "example.com", Port: 8080, Remote: client}, "http://example.com:8080",
		},
		"IPv6": {
			func(r *http.Request) { r.Host, r.RemoteAddr = "[::1]", "[::ffff:192.0.2.7]:5" },
			app.Origin{Scheme: "http", Host: "::1", Port: 80, Remote: netip.MustParseAddrPort("192.0.2.7:5")}, "http://[::1]",
		},
		"IPv6 with a port": {
			func(r *http.Request) { r.Host = "[::1]:443" },
			app.Origin{Scheme: "http", Host: "::1", Port: 443, Remote: client}, "http://[::1]:443",
		},
		"no host": {func(r *http.Request) { r.Host = "" }, app.Origin{Scheme: "http", Port: 80, Remote: client}, ""},
		"a host that can be none": {
			func(r *http.Request) { r.Host = "example.com/path" }, app.Origin{Scheme: "http", Port: 80, Remote: client}, "",
		},
		"a scheme of a middleware": {
			func(r *http.Request) { r.URL.Scheme = "https" },
			app.Origin{Scheme: "https", Host: "example.com", Port: 443, Remote: client}, "https://example.com",
		},
		"a scheme of the client": {
			func(r *http.Request) { r.URL.Scheme, r.RequestURI = "https", "https://example.com/" },
			app.Origin{Scheme: "http", Host: "example.com", Port: 80, Remote: client}, "http://example.com",
		},
		"a Unix socket": {
			func(r *http.Request) { r.RemoteAddr = "@" },
			app.Origin{Scheme: "http", Host: "example.com", Port: 80, RemoteName: "@"}, "http://example.com",
		},
		"an address alone": {
			func(r *http.Request) { r.RemoteAddr = "2001:db8::1" },
			app.Origin{Scheme: "http", Host: "example.com", Port: 80, Remote: netip.AddrPortFrom(netip.MustParseAddr("2001:db8::1"), 0)},
			"http://example.com",
		},
		"headers of a proxy": {func(r *http.Request) {
			for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "True-Client-Ip"} {
				r.Header.Set(name, "203.0.113.9")
			}
			r.Header.Set("X-Forwarded-Proto", "https")
			r.Header.Set("Forwarded", "for=203.0.113.9;proto=https;host=other")
		}, app.Origin{Scheme: "http", Host: "example.com", Port: 80, Remote: client}, "http://example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			test.change(r)
			origin, local, _ := originOf(t, r)
			assert.Equal(t, test.want, origin)
			assert.Equal(t, test.want, local)
			assert.Equal(t, test.text, origin.String())
		})
	}
}

func TestRemoteHost(t *testing.T) {
	assert.Equal(t, "2001:db8::1", app.Origin{Remote: netip.MustParseAddrPort("[2001:db8::1]:1")}.RemoteHost())
	assert.Equal(t, "_hidden", app.Origin{RemoteName: "_hidden"}.RemoteHost())
	assert.Empty(t, app.Origin{}.RemoteHost())
}

func TestRemoteNetwork(t *testing.T) {
	t.Parallel()
	for remote, want := range map[string]string{
		"192.0.2.1:1": "192.0.2.1", "[2001:db8:1:2:3::4]:5": "2001:db8:1:2::/64", "[fe80::1%eth0]:1": "fe80::/64", "[::1]:1": "::/64",
	} {
		assert.Equal(t, want, app.Origin{Remote: netip.MustParseAddrPort(remote), RemoteName: "x"}.RemoteNetwork(), remote)
	}
	assert.Equal(t, "_hidden", app.Origin{RemoteName: "_hidden"}.RemoteNetwork())
	assert.Empty(t, app.Origin{}.RemoteNetwork())
}

// TestWhatAnOriginIsSetToCounts for handlers and for net/http code, and what the
// connection says can still be had.
func TestWhatAnOriginIsSetToCounts(t *testing.T) {
	for name, test := range map[string]struct {
		change           func(*app.Origin)
		remoteAddr, host string
	}{
		"all": {func(o *app.Origin) {
			*o = app.Origin{Scheme: "https", Host: "shop.example", Port: 443, Remote: netip.MustParseAddrPort("203.0.113.9:4711")}
		}, "203.0.113.9:4711", "shop.example"},
		"another port": {func(o *app.Origin) { o.Scheme, o.Port = "https", 8443 }, "192.0.2.1:1234", "example.com:8443"},
		"IPv6": {func(o *app.Origin) {
			o.Host, o.Remote = "2001:db8::1", netip.AddrPortFrom(netip.MustParseAddr("2001:db8::2"), 0)
		}, "[2001:db8::2]:0", "[2001:db8::1]"},
		"a name":  {func(o *app.Origin) { o.Remote, o.RemoteName = netip.AddrPort{}, "_hidden" }, "_hidden", "example.com"},
		"nothing": {func(o *app.Origin) { *o = app.Origin{Scheme: "http", Port: 80} }, "unknown", "example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			want := app.Origin{Scheme: "http", Host: "example.com", Port: 80, Remote: netip.MustParseAddrPort("192.0.2.1:1234")}
			changed := want
			test.change(&changed)
			origin, local, seen := originOf(t, r, moves(test.change))
			assert.Equal(t, changed, origin)
			assert.Equal(t, want, local)
			assert.Equal(t, test.remoteAddr, seen.RemoteAddr)
			assert.Equal(t, test.host, seen.Host)
			assert.Equal(t, "192.0.2.1:1234", r.RemoteAddr, "the server's request is not changed")
			assert.Equal(t, "example.com", r.Host)
		})
	}
}

// TestOriginFollowsMiddlewares: what a middleware makes of the request counts
// too, unless a plugin has set the origin.
func TestOriginFollowsMiddlewares(t *testing.T) {
	request := func() *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("X-Real-Ip", "203.0.113.7")
		return r
	}
	realIP := using(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.RemoteAddr = r.Header.Get("X-Real-Ip")
			next.ServeHTTP(w, r)
		})
	})
	origin, local, _ := originOf(t, request(), realIP)
	assert.Equal(t, "203.0.113.7", origin.RemoteHost())
	assert.Equal(t, "192.0.2.1", local.RemoteHost())
	origin, _, _ = originOf(t, request(), realIP, moves(func(o *app.Origin) { o.Remote = netip.MustParseAddrPort("203.0.113.9:1") }))
	assert.Equal(t, "203.0.113.9", origin.RemoteHost())
}

// TestOriginInAFork: behind a middleware that runs the rest in a call of its own
// both are what they are outside.
func TestOriginInAFork(t *testing.T) {
	origin, local, _ := originOf(t, httptest.NewRequest(http.MethodGet, "/", nil),
		moves(func(o *app.Origin) { o.Remote = netip.MustParseAddrPort("203.0.113.9:1") }),
		using(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Hour, "") }))
	assert.Equal(t, "203.0.113.9", origin.RemoteHost())
	assert.Equal(t, "192.0.2.1", local.RemoteHost())
}
