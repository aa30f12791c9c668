// Status-pages is Ktor's sample of that name: pages for errors, for a status,
// and from files.
package main

import (
	"embed"
	"errors"
	"fmt"
	"log"
	"net/http"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

//go:embed error401.html error402.html
var pages embed.FS

// AuthorizationError says that the client may not do what it asked for.
type AuthorizationError struct{ Message string }

func (e *AuthorizationError) Error() string { return e.Message }

// Module is the application.
func Module(a *app.Application) {
	a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
		statuspages.Exception(c, func(call *app.Call, cause error) error {
			if _, denied := errors.AsType[*AuthorizationError](cause); denied {
				call.SetStatus(http.StatusForbidden)
				return call.RespondText(fmt.Sprintf("403: %v", cause))
			}
			call.SetStatus(http.StatusInternalServerError)
			return call.RespondText(fmt.Sprintf("500: %v", cause))
		})
		c.Status(http.StatusNotFound, func(call *app.Call, status int) error {
			return call.RespondText("404: Page Not Found")
		})
		c.StatusFile(pages, "error#.html", http.StatusUnauthorized, http.StatusPaymentRequired)
	}))

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })
		r.Get("/internal-error", func(*app.Call) error { return errors.New(http.StatusText(http.StatusInternalServerError)) })
		r.Get("/authorization-error", func(*app.Call) error { return &AuthorizationError{"Forbidden Error"} })
		r.Get("/authentication-error", func(c *app.Call) error { return c.RespondStatus(http.StatusUnauthorized) })
		r.Get("/payment-error", func(c *app.Call) error { return c.RespondStatus(http.StatusPaymentRequired) })
	})
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
