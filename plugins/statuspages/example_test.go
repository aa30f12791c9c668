package statuspages_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"testing/fstest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// show starts a module, sends it requests and prints the responses.
func show(module app.Module, paths ...string) {
	application := app.New(module)
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range paths {
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
		fmt.Printf("%s: %d %q\n", path, recorder.Code, recorder.Body)
	}
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}
}

// AuthorizationError is an error that has a page of its own.
type AuthorizationError struct{ User string }

func (e *AuthorizationError) Error() string { return e.User + " may not do that" }

func Example() {
	errClosed := errors.New("closed for today")
	files := fstest.MapFS{"error402.html": {Data: []byte("<h1>402: Payment Required</h1>")}}
	show(func(a *app.Application) {
		a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
			statuspages.Exception(c, func(call *app.Call, cause *AuthorizationError) error {
				call.SetStatus(http.StatusForbidden)
				return call.RespondText("403: " + cause.Error())
			})
			c.ExceptionFunc(func(cause error) bool { return errors.Is(cause, errClosed) },
				func(call *app.Call, _ error) error { return call.RespondStatus(http.StatusServiceUnavailable) })
			c.Status(http.StatusNotFound, func(call *app.Call, status int) error {
				return call.RespondText("404: Page Not Found")
			})
			c.StatusFile(files, "error#.html", http.StatusPaymentRequired)
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/admin", func(*app.Call) error { return fmt.Errorf("admin: %w", &AuthorizationError{"Jet"}) })
			r.Get("/shop", func(*app.Call) error { return errClosed })
			r.Get("/paid", func(c *app.Call) error { return c.RespondStatus(http.StatusPaymentRequired) })
		})
	}, "/admin", "/shop", "/paid", "/nowhere")

	// Output:
	// /admin: 403 "403: Jet may not do that"
	// /shop: 503 ""
	// /paid: 402 "<h1>402: Payment Required</h1>"
	// /nowhere: 404 "404: Page Not Found"
}

// The most specific type counts; error stands for all of them.
func ExampleException() {
	show(func(a *app.Application) {
		a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
			statuspages.Exception(c, func(call *app.Call, cause error) error {
				call.SetStatus(http.StatusInternalServerError)
				return call.RespondText("something went wrong")
			})
			statuspages.Exception(c, func(call *app.Call, cause *fs.PathError) error {
				call.SetStatus(http.StatusNotFound)
				return call.RespondText("there is no " + cause.Path)
			})
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/file", func(*app.Call) error {
				return fmt.Errorf("load: %w", &fs.PathError{Op: "open", Path: "report.pdf", Err: fs.ErrNotExist})
			})
			r.Get("/other", func(*app.Call) error { return errors.New("a secret") })
		})
	}, "/file", "/other")

	// Output:
	// /file: 404 "there is no report.pdf"
	// /other: 500 "something went wrong"
}

// A page for those responses only that have no body of their own.
func ExampleConfig_StatusContent() {
	show(func(a *app.Application) {
		a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
			c.StatusContent(http.StatusNotFound, func(call *app.Call, content *app.Outgoing) error {
				if content.Length() != 0 {
					return nil
				}
				return call.RespondText("nothing here")
			})
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/users/{id}", func(c *app.Call) error {
				return app.NewError(http.StatusNotFound, "there is no user "+c.PathParam("id"))
			})
		})
	}, "/users/7", "/nowhere")

	// Output:
	// /users/7: 404 "there is no user 7"
	// /nowhere: 404 "nothing here"
}
