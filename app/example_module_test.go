package app_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/routing"
)

// Module is an application: it installs plugins and declares routes.
func Module(a *app.Application) {
	a.Install(defaultheaders.Plugin)
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/hello", func(c *app.Call) error {
			return c.RespondText("Hello, " + c.QueryParam("name") + "!")
		})
	})
}

// Mount starts the application and puts it into any server.
func Mount(ctx context.Context, mux *http.ServeMux) (*app.Application, error) {
	application := app.New(Module)
	if err := application.Start(ctx); err != nil { // all mistakes, each with its line
		return nil, err
	}
	mux.Handle("/", application)
	return application, nil // to be stopped by the caller: application.Stop(ctx)
}

func Example() {
	ctx := context.Background()
	mux := http.NewServeMux()
	application, err := Mount(ctx, mux)
	if err != nil {
		log.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/hello?name=Jet", nil))
	fmt.Println(recorder.Code, recorder.Header().Get("Server"), recorder.Body)
	if err := application.Stop(ctx); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 200 Chitor Hello, Jet!
}
