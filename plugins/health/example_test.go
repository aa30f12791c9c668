package health_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/health"
)

// A database that is away makes the process unready, and does not have it
// restarted.
func Example() {
	ping := func(context.Context) error { return errors.New("connection refused") }
	application := app.New(func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.DiscardHandler) })
		a.Install(health.Plugin.With(func(c *health.Config) {
			c.Check("database", ping)
		}))
		a.Install(calllogging.Plugin.With(func(c *calllogging.Config) {
			c.Filter(func(c *app.Call) bool { return !health.IsProbe(c) })
		}))
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		answer := httptest.NewRecorder()
		application.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, http.NoBody))
		fmt.Print(path, " ", answer.Code, " ", answer.Body)
	}
	// Output:
	// /healthz 200 {"status":"up"}
	// /readyz 503 {"status":"down","checks":{"database":"down"}}
}
