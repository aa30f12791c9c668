package docs_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/csrf"
	"github.com/chitor-go/chitor/plugins/xforwardedheaders"
	"github.com/chitor-go/chitor/routing"
)

func webhook(c *app.Call) error { return c.RespondText("heard") }

func guardedPages(a *app.Application) {
	a.Install(xforwardedheaders.Plugin.With(func(c *xforwardedheaders.Config) { c.TrustProxies("10.0.0.0/8") }))
	routing.Routes(a, func(r *routing.Route) {
		r.Install(csrf.Plugin.With(func(c *csrf.Config) {
			c.RequireOrigin = true
			c.AllowOrigin("https://partner.example")
			c.OnFailure = func(c *app.Call, refused *csrf.RefusedError) error {
				c.Application().Logger().WarnContext(c.Context(), "a forged call", "reason", refused.Reason, "route", c.Route())
				return nil // and 403
			}
		}))
		r.Post("/order", search)
		r.Post("/webhook", webhook).Install(csrf.Plugin.With(func(c *csrf.Config) {
			c.SkipWhen = func(*app.Call) bool { return true } // its body is signed
		}))
		r.Post("/api", search).Install(csrf.Plugin.With(func(c *csrf.Config) {
			c.CheckHeader("X-Requested-With")
			c.CheckHeader("X-API-Version", func(_ *app.Call, value string) bool { return value == "2" })
		}))
	})
}

func TestForgedCallsOfThePage(t *testing.T) {
	t.Parallel()
	host := apptest.Start(t, guardedPages)
	post := func(path string, options ...apptest.RequestOption) int {
		return host.Post(path, "text/plain", strings.NewReader("x"), options...).StatusCode
	}
	assert.Equal(t, http.StatusForbidden, post("/order"))
	assert.Equal(t, http.StatusOK, post("/order", apptest.Header("Origin", host.URL)))
	assert.Equal(t, http.StatusOK, post("/order", apptest.Header("Origin", "https://partner.example")))
	assert.Equal(t, http.StatusOK, post("/webhook"))
	assert.Equal(t, http.StatusForbidden, post("/api", apptest.Header("X-API-Version", "2")))
	assert.Equal(t, http.StatusOK, post("/api", apptest.Header("X-API-Version", "2"), apptest.Header("X-Requested-With", "fetch")))
	assert.Len(t, host.Log().Find("a forged call"), 1)

	host = apptest.Start(t, func(a *app.Application) {
		a.Install(csrf.Plugin)
		routing.Routes(a, func(r *routing.Route) { r.Post("/order", search) })
	})
	assert.Equal(t, http.StatusOK, post("/order"))
	assert.Equal(t, http.StatusForbidden, post("/order", apptest.Header("Sec-Fetch-Site", "cross-site")))
}
