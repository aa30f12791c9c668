package methodoverride_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/methodoverride"
	"github.com/chitor-go/chitor/routing"
)

func Example() {
	application := app.New(func(a *app.Application) {
		a.Install(methodoverride.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Delete("/customer/{id}", func(c *app.Call) error {
				return c.RespondText("customer " + c.PathParam("id") + " is removed")
			})
		})
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	request := httptest.NewRequest(http.MethodPost, "/customer/3", nil)
	request.Header.Set("X-Http-Method-Override", "DELETE")
	recorder := httptest.NewRecorder()
	application.ServeHTTP(recorder, request)
	fmt.Println(recorder.Code, recorder.Body)
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}

	// Output:
	// 200 customer 3 is removed
}
