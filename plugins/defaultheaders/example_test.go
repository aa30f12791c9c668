package defaultheaders_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/routing"
)

func Example() {
	application := app.New(func(a *app.Application) {
		a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) {
			c.Header("X-Content-Type-Options", "nosniff")
			c.Header("Cache-Control", "no-cache")
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				c.Header().Set("Cache-Control", "max-age=60")
				return c.RespondText("Hello")
			})
		})
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range []string{"/", "/missing"} {
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		header := recorder.Header()
		fmt.Println(recorder.Code, header.Get("Server"), header.Get("X-Content-Type-Options"), header.Get("Cache-Control"))
	}
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}

	// Output:
	// 200 Chitor nosniff max-age=60
	// 404 Chitor nosniff no-cache
}
