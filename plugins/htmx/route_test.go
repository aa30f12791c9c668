package htmx_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/htmx"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func text(text string) app.Handler {
	return func(c *app.Call) error { return c.RespondText(text) }
}

// headers are options that add headers, by name and value in turn.
func headers(pairs ...string) (options []apptest.RequestOption) {
	for i := 0; i < len(pairs); i += 2 {
		options = append(options, apptest.Header(pairs[i], pairs[i+1]))
	}
	return options
}

// What htmx 1 and 2 send, what htmx 4 sends, and what a cache is told.
func TestRoutes(t *testing.T) {
	t.Parallel()
	const vary = "Hx-Request, Hx-Source, Hx-Target, Hx-Trigger"
	for name, test := range map[string]struct {
		headers []string
		want    string
	}{
		"no htmx":                    {nil, "page"},
		"no htmx, by name":           {[]string{"HX-Request", "false"}, "page"},
		"a target alone":             {[]string{"HX-Target", "result"}, "page"},
		"htmx":                       {[]string{"HX-Request", "true"}, "part"},
		"htmx 2, a target":           {[]string{"HX-Request", "true", "HX-Target", "result"}, "target"},
		"htmx 2, another":            {[]string{"HX-Request", "true", "HX-Target", "results"}, "part"},
		"htmx 2, an id has a case":   {[]string{"HX-Request", "true", "HX-Target", "Result"}, "part"},
		"htmx 2, a trigger":          {[]string{"HX-Request", "true", "HX-Trigger", "load-button"}, "trigger"},
		"htmx 2, both":               {[]string{"HX-Request", "true", "HX-Target", "result", "HX-Trigger", "load-button"}, "target"},
		"htmx 2, characters":         {[]string{"HX-Request", "true", "HX-Trigger", "%C5%82", "HX-Trigger-URI-AutoEncoded", "true"}, "character"},
		"htmx 4, a target":           {[]string{"HX-Request", "true", "HX-Source", "a", "HX-Target", "div#result"}, "target"},
		"htmx 4, a target of no id":  {[]string{"HX-Request", "true", "HX-Source", "a", "HX-Target", "result"}, "part"},
		"htmx 4, a trigger":          {[]string{"HX-Request", "true", "HX-Source", "button#load-button", "HX-Target", "body"}, "trigger"},
		"htmx 4, both":               {[]string{"HX-Request", "true", "HX-Source", "button#load-button", "HX-Target", "div#result"}, "target"},
		"htmx 4, characters":         {[]string{"HX-Request", "true", "HX-Source", "i#%C5%82"}, "character"},
		"htmx 4, what is no id":      {[]string{"HX-Request", "true", "HX-Source", "i#%C5%8"}, "part"},
		"htmx 4 does not trust them": {[]string{"HX-Request", "true", "HX-Source", "a", "HX-Trigger", "load-button"}, "part"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				host := apptest.Start(t, func(a *app.Application) {
					routing.Routes(a, func(r *routing.Route) {
						r.Get("/data", text("page"))
						hx := htmx.Hx(r)
						hx.Get("/data", text("part"))
						hx.Target("result").Get("/data", text("target"))
						hx.Trigger("load-button").Get("/data", text("trigger"))
						hx.Trigger("ł").Get("/data", text("character"))
					})
				}, mode)
				response := host.Get("/data", headers(test.headers...)...)
				assert.Equal(t, test.want, apptest.Text(t, response))
				if test.headers == nil || test.headers[0] != "HX-Request" || test.headers[1] != "true" {
					assert.Contains(t, vary, response.Header.Get("Vary"), "there was nothing more to look at")
					assert.Contains(t, response.Header.Get("Vary"), "Hx-Request")
					return
				}
				assert.Equal(t, vary, response.Header.Get("Vary"))
			})
		})
	}
}

// Where htmx alone is answered another one is told that it lacks something, and is
// no way around what stands in front.
func TestForHTMXAlone(t *testing.T) {
	t.Parallel()
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			hx := htmx.Hx(r)
			hx.Post("/data", text("part"))
			hx.SSE("/events", func(s *sse.Session) error { return s.Send(sse.Event{Event: "news", Data: "<li>"}) })
			hx.Route.Route("/more", func(r *routing.Route) { r.Get("/data", text("more")) })
		})
	})
	refused := host.Post("/data", "text/plain", nil)
	assert.Equal(t, http.StatusBadRequest, refused.StatusCode)
	assert.Equal(t, "Hx-Request", refused.Header.Get("Vary"))
	assert.Equal(t, "part", apptest.Text(t, host.Post("/data", "text/plain", nil, headers("HX-Request", "true")...)))
	assert.Equal(t, "event: news\r\ndata: <li>\r\n\r\n", apptest.Text(t, host.Get("/events", headers("HX-Request", "true")...)))
	assert.Equal(t, "more", apptest.Text(t, host.Get("/more/data", headers("HX-Request", "true")...)))
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	err := apptest.StartError(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			hx := htmx.Hx(r)
			hx.Target("").Get("/a", text("a"))
			hx.Trigger("#").Get("/b", text("b"))
			hx.Get("/{", text("c"))
		})
	})
	require.ErrorContains(t, err, "htmx/route_test.go:107: route htmx target: the id is empty")
	require.ErrorContains(t, err, "htmx/route_test.go:108: route htmx trigger: the id is empty")
	require.ErrorContains(t, err, "htmx/route_test.go:109: ")
}
