package static_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing/fstest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

func Example() {
	files := fstest.MapFS{ // or an embed.FS
		"index.html": {Data: []byte("<h1>Hello</h1>")},
		"app.css":    {Data: []byte("h1 { color: green }")},
		"app.css.br": {Data: []byte("the same in Brotli")},
	}
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			static.Resources(r, "/", files, func(c *static.Config) {
				c.PreCompressed = []static.Coding{static.Brotli, static.Gzip}
				c.CacheControl = func(static.File) string { return "no-cache" }
			})
		})
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for _, path := range []string{"/", "/app.css", "/none"} {
		request := httptest.NewRequest(http.MethodGet, path, nil)
		request.Header.Set("Accept-Encoding", "gzip, br")
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		header := recorder.Header()
		fmt.Printf("%s: %d %s %q\n", path, recorder.Code, header.Get("Content-Type"), header.Get("Content-Encoding"))
	}
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}

	// Output:
	// /: 200 text/html; charset=utf-8 ""
	// /app.css: 200 text/css; charset=utf-8 "br"
	// /none: 404  ""
}
