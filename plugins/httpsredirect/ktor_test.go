package httpsredirect_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/httpsredirect"
	"github.com/chitor-go/chitor/plugins/xforwardedheaders"
	"github.com/chitor-go/chitor/routing"
)

// start starts an application that answers ok to everything. Its client follows
// no redirects.
func start(t *testing.T, configure func(*httpsredirect.Config), more ...app.Installable) *apptest.Host {
	t.Helper()
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(httpsredirect.Plugin.With(configure))
		for _, plugin := range more {
			a.Install(plugin)
		}
		routing.Routes(a, func(r *routing.Route) {
			r.Handle("/{...}", func(c *app.Call) error { return c.RespondText("ok") })
		})
	})
	apptest.NoRedirects()(host.Client())
	return host
}

func defaults(*httpsredirect.Config) {}

// trusting believes the client of the test.
func trusting() app.Installable {
	return xforwardedheaders.Plugin.With(func(c *xforwardedheaders.Config) { c.TrustAnyProxy() })
}

func TestHttpsRedirectPluginTest(t *testing.T) {
	exempted := func(c *httpsredirect.Config) { c.ExcludePrefix("/exempted") }
	suffix := func(c *httpsredirect.Config) { c.ExcludeSuffix("exempted") }
	for name, test := range map[string]struct {
		configure func(*httpsredirect.Config)
		path      string
		option    apptest.RequestOption
		location  string // empty for a call that is left alone
	}{
		"testRedirect":           {defaults, "/", nil, "https://localhost/"},
		"testRedirectHttps":      {defaults, "/", apptest.Header("X-Forwarded-Proto", "https"), ""},
		"testDirectPathAndQuery": {defaults, "/some/path?q=1", nil, "https://localhost/some/path?q=1"},
		"testDirectPathAndQueryWithCustomPort": {
			func(c *httpsredirect.Config) { c.SSLPort = 8443 }, "/some/path?q=1", nil, "https://localhost:8443/some/path?q=1",
		},
		"testRedirectHttpsPrefixExemption":             {exempted, "/nonexempted", nil, "https://localhost/nonexempted"},
		"testRedirectHttpsPrefixExemption, the prefix": {exempted, "/exempted/path", nil, ""},
		"testRedirectHttpsSuffixExemption":             {suffix, "/exemptednot", nil, "https://localhost/exemptednot"},
		"testRedirectHttpsSuffixExemption, the suffix": {suffix, "/path/exempted", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			// The plugin is installed in front of the one that it depends on.
			host := start(t, test.configure, trusting())
			var options []apptest.RequestOption
			if test.option != nil {
				options = append(options, test.option)
			}
			response := host.Get(test.path, options...)
			if test.location == "" {
				assert.Equal(t, http.StatusOK, response.StatusCode)
				return
			}
			assert.Equal(t, http.StatusMovedPermanently, response.StatusCode)
			assert.Equal(t, test.location, response.Header.Get("Location"))
		})
	}
}
