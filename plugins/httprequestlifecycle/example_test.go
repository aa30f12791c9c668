package httprequestlifecycle_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/httprequestlifecycle"
	"github.com/chitor-go/chitor/routing"
)

// The client has gone before the handler runs.
func Example() {
	order := func(c *app.Call) error {
		fmt.Println(c.Request.URL.Path, c.Context().Err())
		return c.RespondText("booked")
	}
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/orders", func(r *routing.Route) {
				r.Install(httprequestlifecycle.Plugin.With(func(c *httprequestlifecycle.Config) {
					c.CancelCallOnClose = false
				}))
				r.Post("", order) // what has begun is completed
			})
			r.Post("/others", order)
		})
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range []string{"/orders", "/others"} {
		ctx, leave := context.WithCancel(context.Background())
		leave()
		application.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodPost, path, nil))
	}
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}

	// Output:
	// /orders <nil>
	// /others context canceled
}
