package doublereceive_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/doublereceive"
	"github.com/chitor-go/chitor/routing"
)

// An interceptor prints each body, and the handler receives it all the same.
func Example() {
	application := app.New(func(a *app.Application) {
		a.Install(doublereceive.Plugin)
		a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				text, err := c.ReceiveText()
				if err != nil {
					return err
				}
				fmt.Println("Body:", text)
				return next(c)
			}
		})
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				text, err := c.ReceiveText()
				if err != nil {
					return err
				}
				return c.RespondText("Text '" + text + "' is received")
			})
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	recorder := httptest.NewRecorder()
	application.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Hello, world!")))
	fmt.Println(recorder.Body)
	// Output:
	// Body: Hello, world!
	// Text 'Hello, world!' is received
}
