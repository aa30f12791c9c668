package requestbodylimit_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/requestbodylimit"
	"github.com/chitor-go/chitor/routing"
)

// Uploads may have any length, everything else at most 16 bytes, a mounted
// handler included.
func Example() {
	application := app.New(func(a *app.Application) {
		a.Install(requestbodylimit.Plugin.With(func(c *requestbodylimit.Config) {
			c.BodyLimit(func(c *app.Call) int64 {
				if strings.HasPrefix(c.Request.URL.Path, "/upload") {
					return requestbodylimit.Unlimited
				}
				return 16
			})
		}))
		count := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			n, err := io.Copy(io.Discard, r.Body)
			_, _ = fmt.Fprintf(w, "%d bytes, error: %v", n, err)
		})
		routing.Routes(a, func(r *routing.Route) {
			r.Mount("/upload", count)
			r.Mount("/mounted", count)
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	post := func(path string, body io.Reader) {
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, path, body))
		fmt.Println(recorder.Code, recorder.Body)
	}
	text := strings.Repeat("x", 20)
	post("/upload", strings.NewReader(text))
	post("/mounted", strings.NewReader(text))                 // its length is declared
	post("/mounted", io.MultiReader(strings.NewReader(text))) // and now it is not
	// Output:
	// 200 20 bytes, error: <nil>
	// 413 Request Entity Too Large
	// 200 16 bytes, error: http: request body too large
}
