package calllogging_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/calllogging"
)

// A line for each call, and every other line of the call can be told to be its
// own.
func Example() {
	output := slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == "duration" {
			return slog.Attr{}
		}
		return a
	}})
	application := app.New(func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Logger = slog.New(calllogging.NewHandler(output)) })
		a.Install(calllogging.Plugin.With(func(c *calllogging.Config) {
			c.Filter(func(c *app.Call) bool { return c.Request.URL.Path != "/health" })
			c.MDC("user", func(c *app.Call) (string, bool) {
				user := c.QueryParam("user")
				return user, user != ""
			})
		}))
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error {
				a.Logger().InfoContext(c.Context(), "somebody is here")
				return c.RespondText("Hello!")
			}
		})
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	application.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/?user=ann", http.NoBody))
	// Output:
	// level=INFO msg="somebody is here" user=ann
	// level=INFO msg="the call ended" status=200 method=GET path=/ route="" bytes=6 end=answered user=ann
}
