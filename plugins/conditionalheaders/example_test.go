package conditionalheaders_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/conditionalheaders"
	"github.com/chitor-go/chitor/routing"
)

func Example() {
	application := app.New(func(a *app.Application) {
		a.Install(conditionalheaders.Plugin.With(func(c *conditionalheaders.Config) {
			c.Version(func(_ *app.Call, out *app.Outgoing) []conditionalheaders.Version {
				if out.Header.Get("Content-Type") != "text/css" {
					return nil
				}
				return []conditionalheaders.Version{
					conditionalheaders.EntityTagVersion{Tag: "abc123"},
					conditionalheaders.LastModifiedVersion{LastModified: time.UnixMilli(1646387527500)},
				}
			})
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/style.css", func(c *app.Call) error {
				c.Header().Set("Content-Type", "text/css")
				return c.RespondText("body { margin: 0 }")
			})
		})
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for _, known := range []string{"", `"abc123"`} {
		request := httptest.NewRequest(http.MethodGet, "/style.css", nil)
		request.Header.Set("If-None-Match", known)
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		header := recorder.Header()
		fmt.Println(recorder.Code, header.Get("ETag"), header.Get("Last-Modified"), recorder.Body)
	}
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}

	// Output:
	// 200 "abc123" Fri, 04 Mar 2022 09:52:07 GMT body { margin: 0 }
	// 304 "abc123"
}

// A handler that changes something compares before it does.
func ExampleCheck() {
	document, revision := "first", 1
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Put("/document", func(c *app.Call) error {
				current := conditionalheaders.EntityTagVersion{Tag: fmt.Sprint("r", revision)}
				if err := conditionalheaders.Check(c, current); err != nil {
					return err
				}
				document, revision = "second", revision+1
				return c.RespondStatus(http.StatusNoContent)
			})
		})
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for range 2 { // the second writer has not seen what the first has written
		request := httptest.NewRequest(http.MethodPut, "/document", nil)
		request.Header.Set("If-Match", `"r1"`)
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		fmt.Println(recorder.Code, document)
	}
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}

	// Output:
	// 204 second
	// 412 second
}
