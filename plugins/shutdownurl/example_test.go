package shutdownurl_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/shutdownurl"
)

// The answer leaves before the end begins.
func Example() {
	application := app.New(func(a *app.Application) {
		a.Install(shutdownurl.Plugin.With(func(c *shutdownurl.Config) {
			c.URL = "/ktor/application/shutdown"
		}))
	})
	application.HandleStopRequests(func(error) { fmt.Println("the server stops") })
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	answer := httptest.NewRecorder()
	application.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/ktor/application/shutdown", http.NoBody))
	fmt.Println(answer.Code, answer.Body.Len())
	// Output:
	// the server stops
	// 410 0
}
