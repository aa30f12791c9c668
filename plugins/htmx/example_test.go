package htmx_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/htmx"
	"github.com/chitor-go/chitor/routing"
)

// One path is a page for everybody, and a part of one for htmx.
func Example() {
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/data", func(c *app.Call) error { return c.RespondText("the page") })

			hx := htmx.Hx(r)
			hx.Get("/data", func(c *app.Call) error { return c.RespondText("a part of it") })
			hx.Target("result").Get("/data", func(c *app.Call) error {
				if err := htmx.Response(c).Trigger("loaded", map[string]int{"rows": 3}); err != nil {
					return err
				}
				return c.RespondText("three rows")
			})
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()
	for _, headers := range []map[string]string{
		{},
		{"HX-Request": "true"},
		{"HX-Request": "true", "HX-Target": "result"},
	} {
		request := httptest.NewRequest(http.MethodGet, "/data", http.NoBody)
		for name, value := range headers {
			request.Header.Set(name, value)
		}
		response := httptest.NewRecorder()
		application.ServeHTTP(response, request)
		fmt.Printf("%s%s\n", response.Body, response.Header().Get("HX-Trigger"))
	}
	// Output:
	// the page
	// a part of it
	// three rows{"loaded":{"rows":3}}
}
