package callid_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/callid"
)

// An id that the request brings is the call's, any other call gets one; the
// answer tells it.
func Example() {
	application := app.New(func(a *app.Application) {
		a.Install(callid.Plugin.With(func(c *callid.Config) {
			c.Header("X-Request-Id")
			c.Generate(func(*app.Call) string { return "generated-1" })
		}))
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error {
				id, _ := callid.Get(c)
				return c.RespondText("this is call " + id)
			}
		})
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range []string{"13a3feb9", "", "Not Allowed"} {
		request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		request.Header.Set("X-Request-Id", id)
		answer := httptest.NewRecorder()
		application.ServeHTTP(answer, request)
		fmt.Println(answer.Header().Get("X-Request-Id"), "-", answer.Body)
	}
	// Output:
	// 13a3feb9 - this is call 13a3feb9
	// generated-1 - this is call generated-1
	// generated-1 - this is call generated-1
}
