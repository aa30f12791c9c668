package httpsredirect_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/plugins/httpsredirect"
	"github.com/chitor-go/chitor/plugins/methodoverride"
)

// TestConforms: to calls that it leaves alone it does nothing.
func TestConforms(t *testing.T) {
	plugintest.Conform(t, httpsredirect.Plugin.With(func(c *httpsredirect.Config) { c.ExcludePrefix("/probe") }))
}

// TestMethodsStay: a client that gets 301 or 302 for a POST sends a GET.
func TestMethodsStay(t *testing.T) {
	for permanent, statuses := range map[bool]map[string]int{
		true:  {"GET": 301, "HEAD": 301, "POST": 308, "PUT": 308, "DELETE": 308},
		false: {"GET": 302, "HEAD": 302, "POST": 307, "PUT": 307, "DELETE": 307},
	} {
		host := start(t, func(c *httpsredirect.Config) { c.PermanentRedirect = permanent })
		for method, want := range statuses {
			response := host.Do(method, "/path", nil)
			assert.Equal(t, want, response.StatusCode, method)
			assert.Equal(t, "https://localhost/path", response.Header.Get("Location"), method)
		}
	}
}

// TestTheMethodIsThatOfTheClient: what a POST means does not make it a GET.
func TestTheMethodIsThatOfTheClient(t *testing.T) {
	host := start(t, defaults, methodoverride.Plugin)
	response := host.Do(http.MethodPost, "/path", nil, apptest.Header("X-Http-Method-Override", "GET"))
	assert.Equal(t, http.StatusPermanentRedirect, response.StatusCode)
}

func TestOverHTTPSNothingHappens(t *testing.T) {
	host := start(t, defaults)
	assert.Equal(t, "ok", apptest.Text(t, host.Get("https://localhost/path")))
}

// TestBehindCORS: a preflight that CORS has answered is not redirected.
func TestBehindCORS(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(cors.Plugin.With(func(c *cors.Config) { c.AnyHost() }))
		a.Install(httpsredirect.Plugin)
	})
	response := host.Do(http.MethodOptions, "/", nil, apptest.Header("Origin", "http://other.example"),
		apptest.Header("Access-Control-Request-Method", "GET"))
	assert.Equal(t, http.StatusOK, response.StatusCode)
}

// serve sends a request to an application with the plugin, inside of a router if
// around is not nil.
func serve(t *testing.T, r *http.Request, configure func(*httpsredirect.Config), around func(http.Handler) http.Handler) *httptest.ResponseRecorder {
	t.Helper()
	a := app.New(func(a *app.Application) { a.Install(httpsredirect.Plugin.With(configure)) })
	require.NoError(t, a.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, a.Stop(context.WithoutCancel(t.Context()))) })
	handler := http.Handler(a)
	if around != nil {
		handler = around(a)
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, r)
	return recorder
}

// TestLocationIsOurs: it begins with https and a host, whatever was sent.
func TestLocationIsOurs(t *testing.T) {
	for name, test := range map[string]struct {
		host, target string
		location     string // empty for 400
	}{
		"two slashes":           {"shop.example", "//evil.example/x", "https://shop.example//evil.example/x"},
		"a backslash":           {"shop.example", `/\evil.example`, "https://shop.example/%5Cevil.example"},
		"escaped":               {"shop.example", "/a%2Fb%0d%0aX:%20y?c=%0a", "https://shop.example/a%2Fb%0d%0aX:%20y?c=%0a"},
		"the target of proxies": {"shop.example", "http://evil.example/x?y", "https://shop.example/x?y"},
		"a port":                {"shop.example:8080", "/", "https://shop.example/"},
		"letters in any case":   {"SHOP.example", "/", "https://shop.example/"},
		"IPv6":                  {"[::1]:8080", "/", "https://[::1]/"},
		"a path as host":        {"evil.example/shop.example", "/", ""},
		"a user":                {"shop.example@evil.example", "/", ""},
		"a query":               {"evil.example?", "/", ""},
		"a fragment":            {"evil.example#", "/", ""},
		"lines":                 {"evil.example\r\nSet-Cookie: a=b", "/", ""},
		"a space":               {"evil .example", "/", ""},
		"no host":               {"", "/", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Host = test.host
			r.RequestURI = test.target
			recorder := serve(t, r, defaults, nil)
			if test.location == "" {
				assert.Equal(t, http.StatusBadRequest, recorder.Code)
				assert.Empty(t, recorder.Header()["Location"])
				return
			}
			assert.Equal(t, http.StatusMovedPermanently, recorder.Code)
			assert.Equal(t, test.location, recorder.Header().Get("Location"))
		})
	}
}

func TestOneHost(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/path", nil)
	r.Host = "evil.example"
	recorder := serve(t, r, func(c *httpsredirect.Config) { c.Host, c.SSLPort = "shop.example", 8443 }, nil)
	assert.Equal(t, "https://shop.example:8443/path", recorder.Header().Get("Location"))
}

// TestInsideARouter: the client is sent to what it has asked for, not to what is
// left of it.
func TestInsideARouter(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/shop/users?id=7", nil)
	recorder := serve(t, r, defaults, func(next http.Handler) http.Handler { return http.StripPrefix("/shop", next) })
	assert.Equal(t, "https://example.com/shop/users?id=7", recorder.Header().Get("Location"))
}

func TestAQueryExcludesNothing(t *testing.T) {
	recorder := serve(t, httptest.NewRequest(http.MethodGet, "/path?/health", nil),
		func(c *httpsredirect.Config) { c.ExcludeSuffix("/health") }, nil)
	assert.Equal(t, http.StatusMovedPermanently, recorder.Code)
}

func TestRequestsWithoutAPath(t *testing.T) {
	r := httptest.NewRequest(http.MethodOptions, "/", nil)
	r.RequestURI, r.URL.Path = "*", "*"
	assert.Equal(t, http.StatusNotFound, serve(t, r, defaults, nil).Code)
}

func TestMistakes(t *testing.T) {
	for says, configure := range map[string]func(*httpsredirect.Config){
		"SSLPort is 0, which is no port":         func(c *httpsredirect.Config) { c.SSLPort = 0 },
		"SSLPort is 65536, which is no port":     func(c *httpsredirect.Config) { c.SSLPort = 65536 },
		`host "a:1": it is a name or an address`: func(c *httpsredirect.Config) { c.Host = "a:1" },
		"exclude: the predicate is nil":          func(c *httpsredirect.Config) { c.Exclude(nil) },
		"exclude: the prefix is empty":           func(c *httpsredirect.Config) { c.ExcludePrefix("") },
		"exclude: the suffix is empty":           func(c *httpsredirect.Config) { c.ExcludeSuffix("") },
	} {
		err := apptest.StartError(t, func(a *app.Application) { a.Install(httpsredirect.Plugin.With(configure)) })
		require.ErrorContains(t, err, says)
		assert.Contains(t, err.Error(), "plugin_test.go:")
	}
}
