package partialcontent_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/partialcontent"
	"github.com/chitor-go/chitor/routing"
)

func Example() {
	application := app.New(func(a *app.Application) {
		a.Install(partialcontent.Plugin.With(func(c *partialcontent.Config) { c.MaxRangeCount = 5 }))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText("0123456789") })
		})
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for _, ranges := range []string{"bytes=2-4", "bytes=-2", "bytes=10-", ""} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header.Set("Range", ranges)
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		fmt.Printf("%d %q %q\n", recorder.Code, recorder.Header().Get("Content-Range"), recorder.Body)
	}
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}

	// Output:
	// 206 "bytes 2-4/10" "234"
	// 206 "bytes 8-9/10" "89"
	// 416 "bytes */10" ""
	// 200 "" "0123456789"
}
