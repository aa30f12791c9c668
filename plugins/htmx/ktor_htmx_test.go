package htmx_test

import (
	"html/template"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/htmx"
	"github.com/chitor-go/chitor/routing"
)

// TestHxRouting is HxRoutingTest.routing, with its headers: a "#" in front of each
// id, which no htmx sends.
func TestHxRouting(t *testing.T) {
	t.Parallel()
	page := template.Must(template.New("").Parse("<!DOCTYPE html>\n<html>\n  <body>\n    <h1>{{.}}</h1>\n  </body>\n</html>\n"))
	respondWith := func(text string) app.Handler {
		return func(c *app.Call) error { return c.RespondHTML(page, text) }
	}
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Route("/htmx", func(r *routing.Route) {
					r.Get("", func(c *app.Call) error { return c.RespondText("Not HTMX") })
					htmx.Hx(r).Get("", respondWith("No target or trigger"))
					hx := htmx.Hx(r)
					hx.Target("#test").Get("", respondWith("With target"))
					hx.Trigger("#button").Get("", respondWith("With trigger"))
				})
			})
		}, mode)
		ask := func(headers ...string) string {
			var options []apptest.RequestOption
			for i := 0; i < len(headers); i += 2 {
				options = append(options, apptest.Header(headers[i], headers[i+1]))
			}
			response := host.Get("/htmx", options...)
			assert.Equal(t, http.StatusOK, response.StatusCode)
			return strings.TrimSpace(apptest.Text(t, response))
		}
		const request, target, trigger = "HX-Request", "HX-Target", "HX-Trigger"
		responseTemplate := func(text string) string {
			return "<!DOCTYPE html>\n<html>\n  <body>\n    <h1>" + text + "</h1>\n  </body>\n</html>"
		}
		assert.Equal(t, "Not HTMX", ask())
		assert.Equal(t, responseTemplate("No target or trigger"), ask(request, "true"))
		assert.Equal(t, responseTemplate("With target"), ask(request, "true", target, "#test"))
		assert.Equal(t, responseTemplate("With trigger"), ask(request, "true", trigger, "#button"))
	})
}
