package datastar_test

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/datastar"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// show prints the response of a module to a request.
func show(module app.Module, request *http.Request) {
	application := app.New(module)
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()
	response := httptest.NewRecorder()
	application.ServeHTTP(response, request)
	fmt.Print(strings.ReplaceAll(response.Body.String(), "\r\n", "\n"))
}

// An action posts its signals and is answered with a stream.
func Example() {
	greeting := template.Must(template.New("greeting").Parse(`<p id="greeting">Hello, {{.}}!</p>`))
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/greet", func(c *app.Call) error { // data-on:click="@post('/greet')"
				signals, err := datastar.ReadSignals[struct{ Name string }](c)
				if err != nil {
					return err
				}
				return sse.Respond(c, func(s *sse.Session) error {
					if err := datastar.PatchTemplate(s, greeting, signals.Name); err != nil {
						return err
					}
					return datastar.PatchSignals(s, map[string]any{"name": ""})
				})
			})
		})
	}
	show(module, httptest.NewRequest(http.MethodPost, "/greet", strings.NewReader(`{"name":"<Ann>"}`)))
	// Output:
	// event: datastar-patch-elements
	// data: elements <p id="greeting">Hello, &lt;Ann&gt;!</p>
	//
	// event: datastar-patch-signals
	// data: signals {"name":""}
}

// A new line of a feed, at its end, and an old one that goes.
func ExamplePatchElements() {
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/feed", func(s *sse.Session) error {
				html := "<li id=\"2\">\n  two\n</li>"
				if err := datastar.PatchElements(s, html, datastar.Selector("#feed"), datastar.Append); err != nil {
					return err
				}
				return datastar.RemoveElements(s, "#feed > :first-child", datastar.ViewTransition())
			})
		})
	}
	show(module, httptest.NewRequest(http.MethodGet, "/feed", nil))
	// Output:
	// event: datastar-patch-elements
	// data: selector #feed
	// data: mode append
	// data: elements <li id="2">
	// data: elements   two
	// data: elements </li>
	//
	// event: datastar-patch-elements
	// data: selector #feed > :first-child
	// data: mode remove
	// data: useViewTransition true
}
