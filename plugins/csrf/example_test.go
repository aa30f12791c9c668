package csrf_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/csrf"
	"github.com/chitor-go/chitor/routing"
)

// ask prints what a POST with headers gets.
func ask(module app.Module, path string, headers ...string) {
	application := app.New(module)
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()
	request := httptest.NewRequest(http.MethodPost, path, http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	application.ServeHTTP(recorder, request)
	fmt.Println(path, headers, recorder.Code)
}

// A form of the application's own, and one of another site.
func Example() {
	module := func(a *app.Application) {
		a.Install(csrf.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/transfer", func(c *app.Call) error { return c.RespondText("done") })
		})
	}
	ask(module, "https://bank.example/transfer", "Sec-Fetch-Site", "same-origin")
	ask(module, "https://bank.example/transfer", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")
	// Output:
	// https://bank.example/transfer [Sec-Fetch-Site same-origin] 200
	// https://bank.example/transfer [Sec-Fetch-Site cross-site Origin https://evil.example] 403
}

// A partner's pages may post, and every call has to bring a header. A route for
// another service is left out.
func ExampleConfig() {
	module := func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Install(csrf.Plugin.With(func(c *csrf.Config) {
				c.RequireOrigin = true
				c.AllowOrigin("https://partner.example")
				c.CheckHeader("X-Requested-With")
			}))
			r.Post("/order", func(c *app.Call) error { return c.RespondText("ordered") })
			r.Post("/webhook", func(c *app.Call) error { return c.RespondText("heard") }).
				Install(csrf.Plugin.With(func(c *csrf.Config) {
					c.SkipWhen = func(*app.Call) bool { return true } // its body is signed
				}))
		})
	}
	ask(module, "/order", "Origin", "https://partner.example", "X-Requested-With", "fetch")
	ask(module, "/order", "Origin", "https://partner.example")
	ask(module, "/order", "X-Requested-With", "fetch")
	ask(module, "/webhook")
	// Output:
	// /order [Origin https://partner.example X-Requested-With fetch] 200
	// /order [Origin https://partner.example] 403
	// /order [X-Requested-With fetch] 403
	// /webhook [] 200
}
