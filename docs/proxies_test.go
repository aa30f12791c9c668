package docs_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/hsts"
	"github.com/chitor-go/chitor/plugins/httprequestlifecycle"
	"github.com/chitor-go/chitor/plugins/httpsredirect"
	"github.com/chitor-go/chitor/plugins/methodoverride"
	"github.com/chitor-go/chitor/plugins/xforwardedheaders"
	"github.com/chitor-go/chitor/routing"
)

func behindNginx(a *app.Application) {
	a.Install(xforwardedheaders.Plugin.With(func(c *xforwardedheaders.Config) {
		c.TrustProxies("127.0.0.1", "::1")
		c.HostHeaders, c.PortHeaders, c.HTTPSFlagHeaders = nil, nil, nil // nginx sets none of them
	}))
	a.Install(httpsredirect.Plugin.With(func(c *httpsredirect.Config) {
		c.ExcludePrefix("/healthz") // asked for inside of the network
		c.ExcludePrefix("/readyz")
	}))
	a.Install(hsts.Plugin.With(func(c *hsts.Config) { c.MaxAge = 30 * 24 * time.Hour }))
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			return c.RespondText(c.Origin().RemoteHost() + " sees " + c.Origin().String())
		})
		r.Get("/healthz", func(c *app.Call) error { return c.RespondText("well") })
		r.Get("/readyz", func(c *app.Call) error { return c.RespondText("ready") })
	})
}

func behindCloudflare(a *app.Application) {
	a.Install(xforwardedheaders.Plugin.With(func(c *xforwardedheaders.Config) {
		// And the rest of Cloudflare's list.
		c.TrustProxies("173.245.48.0/20", "103.21.244.0/22", "2400:cb00::/32")
		c.ForHeaders = []string{"CF-Connecting-IP"}
		c.HostHeaders, c.PortHeaders, c.HTTPSFlagHeaders = nil, nil, nil
	}))
}

func onCloudRun(a *app.Application) {
	a.Install(xforwardedheaders.Plugin.With(func(c *xforwardedheaders.Config) {
		c.TrustAnyProxy() // nobody else can connect
		c.HostHeaders, c.PortHeaders, c.HTTPSFlagHeaders = nil, nil, nil
	}))
}

func whatIsBegun(a *app.Application) {
	a.Install(methodoverride.Plugin)
	routing.Routes(a, func(r *routing.Route) {
		r.Route("/orders", func(r *routing.Route) {
			r.Install(httprequestlifecycle.Plugin.With(func(c *httprequestlifecycle.Config) {
				c.CancelCallOnClose = false
			}))
			r.Put("/{id}", func(c *app.Call) error { return c.RespondText("booked") })
		})
	})
}

// proxied sends a request that a proxy has opened the connection for.
func proxied(t *testing.T, module app.Module, proxy string, header http.Header, path string) *httptest.ResponseRecorder {
	t.Helper()
	a := app.New(module)
	require.NoError(t, a.Start(t.Context()))
	defer func() { assert.NoError(t, a.Stop(t.Context())) }()
	request := httptest.NewRequest(http.MethodGet, path, nil)
	request.RemoteAddr, request.Header = proxy, header
	recorder := httptest.NewRecorder()
	a.ServeHTTP(recorder, request)
	return recorder
}

func TestBehindProxies(t *testing.T) {
	header := func(scheme string) http.Header {
		return http.Header{"X-Forwarded-For": {"10.9.9.9, 203.0.113.7"}, "X-Forwarded-Proto": {scheme}}
	}
	answer := proxied(t, behindNginx, "127.0.0.1:4711", header("https"), "/")
	assert.Equal(t, "203.0.113.7 sees https://example.com", answer.Body.String())
	assert.Equal(t, "max-age=2592000; includeSubDomains", answer.Header().Get("Strict-Transport-Security"))
	answer = proxied(t, behindNginx, "127.0.0.1:4711", header("http"), "/")
	assert.Equal(t, "https://example.com/", answer.Header().Get("Location"))
	assert.Equal(t, "well", proxied(t, behindNginx, "127.0.0.1:4711", header("http"), "/healthz").Body.String())
	assert.Equal(t, "ready", proxied(t, behindNginx, "127.0.0.1:4711", header("http"), "/readyz").Body.String())
	assert.Equal(t, http.StatusMovedPermanently, proxied(t, behindNginx, "198.51.100.1:4711", header("https"), "/").Code)
}

func TestBehindPlatforms(t *testing.T) {
	shows := func(platform app.Module) app.Module {
		return func(a *app.Application) {
			platform(a)
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error { return c.RespondText(c.Origin().RemoteHost()) })
			})
		}
	}
	cloudflare := http.Header{"X-Forwarded-For": {"10.9.9.9"}, "Cf-Connecting-Ip": {"203.0.113.7"}}
	assert.Equal(t, "203.0.113.7", proxied(t, shows(behindCloudflare), "173.245.48.1:4711", cloudflare, "/").Body.String())
	run := http.Header{"X-Forwarded-For": {"10.9.9.9, 203.0.113.7"}}
	assert.Equal(t, "203.0.113.7", proxied(t, shows(onCloudRun), "169.254.1.1:4711", run, "/").Body.String())
}

func TestWhatIsBegun(t *testing.T) {
	host := apptest.Start(t, whatIsBegun)
	response := host.Post("/orders/7", "", nil, apptest.Header("X-Http-Method-Override", "PUT"))
	assert.Equal(t, "booked", apptest.Text(t, response))
}
