package autoheadresponse_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/routing"
)

func Example() {
	application := app.New(func(a *app.Application) {
		a.Install(autoheadresponse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/home", func(c *app.Call) error { return c.RespondText("This is a response to a GET, but HEAD also works") })
		})
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	recorder := httptest.NewRecorder()
	application.ServeHTTP(recorder, httptest.NewRequest(http.MethodHead, "/home", nil))
	fmt.Println(recorder.Code, recorder.Header().Get("Content-Type"), recorder.Header().Get("Content-Length"), recorder.Body.Len())
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}

	// Output:
	// 200 text/plain; charset=UTF-8 48 0
}
