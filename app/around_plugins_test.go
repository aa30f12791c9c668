package app_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/bearer"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/plugins/cachingheaders"
	"github.com/chitor-go/chitor/plugins/callid"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/plugins/csrf"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/plugins/doublereceive"
	"github.com/chitor-go/chitor/plugins/forwardedheaders"
	"github.com/chitor-go/chitor/plugins/health"
	"github.com/chitor-go/chitor/plugins/hsts"
	"github.com/chitor-go/chitor/plugins/httprequestlifecycle"
	"github.com/chitor-go/chitor/plugins/httpsredirect"
	"github.com/chitor-go/chitor/plugins/methodoverride"
	"github.com/chitor-go/chitor/plugins/partialcontent"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	"github.com/chitor-go/chitor/plugins/requestbodylimit"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/plugins/shutdownurl"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/plugins/timeouts"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/plugins/xforwardedheaders"
	"github.com/chitor-go/chitor/routing"
)

// TestOurPluginsStandAroundNoStream: they are configured so that they do all that
// they can. Those of other modules have the test of internal/archtest alone.
func TestOurPluginsStandAroundNoStream(t *testing.T) {
	t.Parallel()
	const adopts = "the interceptor of plugin SSEAdopt at "
	for _, test := range []struct {
		plugin app.Installable
		around string // what is around on purpose
	}{
		{authentication.Optional(bearer.New("b", func(c *bearer.Config[string]) {
			c.Validate = func(*app.Call, bearer.Credential) (string, error) { return "", nil }
		})), ""},
		{autoheadresponse.Plugin, ""},
		{cachingheaders.Plugin, ""},
		{callid.Plugin.With(func(c *callid.Config) { c.Generate(func(*app.Call) string { return "1" }) }), ""},
		{calllogging.Plugin.With(func(c *calllogging.Config) { c.MDC("id", func(*app.Call) (string, bool) { return "1", true }) }), ""},
		{compression.Plugin, ""},
		{conditionalheaders.Plugin, ""},
		{contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() }), ""},
		{cors.Plugin.With(func(c *cors.Config) { c.AnyHost() }), ""},
		{csrf.Plugin, ""},
		{defaultheaders.Plugin, ""},
		{doublereceive.Plugin.With(func(c *doublereceive.Config) { c.CacheRawRequest = true }), ""},
		{forwardedheaders.Plugin.With(func(c *forwardedheaders.Config) { c.TrustAnyProxy() }), ""},
		{health.Plugin, ""},
		{hsts.Plugin, ""},
		{httprequestlifecycle.Plugin.With(func(c *httprequestlifecycle.Config) { c.CancelCallOnClose = false }), ""},
		{httpsredirect.Plugin.With(func(c *httpsredirect.Config) { c.ExcludePrefix("/") }), ""},
		{methodoverride.Plugin, ""},
		{partialcontent.Plugin, ""},
		{ratelimit.Plugin.With(func(c *ratelimit.Config) { c.Limit, c.Refill = 10, time.Second }), ""},
		{requestbodylimit.Plugin.With(func(c *requestbodylimit.Config) { c.BodyLimit(func(*app.Call) int64 { return 1 }) }), ""},
		{sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(sessions.New[string]("s"), func(c *sessions.CookieConfig) { c.Unsigned() })
		}), ""},
		{shutdownurl.Plugin, ""},
		{shutdownurl.EnginePlugin, ""},
		{sse.Adopt, adopts},
		{statuspages.Plugin.With(func(c *statuspages.Config) { c.Unhandled(nothing) }), ""},
		{timeouts.Plugin.With(func(c *timeouts.Config) { c.ResponseTimeout = time.Minute }), ""},
		{websockets.Plugin, ""},
		{xforwardedheaders.Plugin.With(func(c *xforwardedheaders.Config) { c.TrustAnyProxy() }), ""},
	} {
		t.Run(test.plugin.Name(), func(t *testing.T) {
			t.Parallel()
			found := "not asked"
			var site string
			a := start(t, func(a *app.Application) {
				a.Install(sse.Plugin)
				site = below()
				a.Install(test.plugin)
				routing.Routes(a, func(r *routing.Route) {
					r.SSE("/", func(s *sse.Session) error { found = app.CodeAround(s.Call()); return nil })
				})
			})
			assert.Equal(t, http.StatusOK, get(t, a, "/").StatusCode)
			if test.around != "" {
				test.around += site
			}
			assert.Equal(t, test.around, found)
		})
	}
}
