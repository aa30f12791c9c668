package static_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// guard refuses calls without a key.
var guard = app.NewLayer("Guard", func() string { return "" }, func(b *app.PluginBuilder[string]) error {
	b.OnCall(func(c *app.Call) error {
		if c.Request.Header.Get("X-Key") == "" {
			return app.NewError(http.StatusUnauthorized, "no key")
		}
		return nil
	})
	return nil
})

// TestALayerGuardsAContent in a group, however it is asked: no status, header or
// handler behind the content tells what is there.
func TestALayerGuardsAContent(t *testing.T) {
	overEach(t, encoded, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			r.Group(func(r *routing.Route) {
				r.Install(guard)
				serve(r, "/private", func(c *static.Config) {
					c.PreCompressed, c.RedirectFolders = []static.Coding{static.Brotli}, true
					c.Exclude = func(name string) bool { return name == "only.css" }
				})
				r.Get("/private/{...}", func(c *app.Call) error { return c.RespondText("behind") })
				serve(r, "/app", func(c *static.Config) { c.Default = "app.css" })
			})
			serve(r, "/open")
		}, func(a *app.Application) {
			a.Install(autoheadresponse.Plugin)
			a.Install(conditionalheaders.Plugin)
			a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
				c.Status(http.StatusNotFound, func(c *app.Call, _ int) error { return c.RespondText("nothing") })
			}))
		})
		tag := h.Get("/private/app.css", apptest.Header("X-Key", "1")).Header.Get("ETag")
		for _, path := range []string{
			"/private", "/private/", "/private/app.css", "/private/app.css.br", "/private/none", "/private/only.css", "/private/odd.css.br", "/private/.env",
			"/private/a%2Fb", "//private//app.css", "/app", "/app/none",
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				for _, option := range []apptest.RequestOption{
					accepting("br"), apptest.Header("Range", "bytes=0-1"), apptest.Header("If-None-Match", tag), apptest.Header("If-None-Match", "*"),
					apptest.Header("If-Match", `"x"`), apptest.Header("Range", "bytes=9999999-"),
				} {
					response := h.Do(method, path, nil, option)
					assert.Equal(t, http.StatusUnauthorized, response.StatusCode, method+" "+path)
					for _, name := range []string{"ETag", "Last-Modified", "Content-Encoding", "Content-Range", "Location"} {
						assert.Empty(t, response.Header.Values(name), name)
					}
				}
			}
			for _, method := range []string{http.MethodPost, http.MethodOptions, "PROPFIND"} {
				response := h.Do(method, path, nil)
				assert.Equal(t, http.StatusNotFound, response.StatusCode, method+" "+path)
				assert.Equal(t, "nothing", apptest.Text(t, response))
			}
		}
		assertBody(t, h, "/private/none", "behind", apptest.Header("X-Key", "1"))
		assertBody(t, h, "/open/plain.css", long)
	})
}
