package timeouts_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/timeouts"
	"github.com/chitor-go/chitor/routing"
)

// order asks a shop that does not answer.
func order(c *app.Call) error {
	<-c.Context().Done()
	return fmt.Errorf("ask the shop: %w", c.Context().Err())
}

func upload(c *app.Call) error {
	n, err := io.Copy(io.Discard, c.Request.Body)
	if err != nil {
		return err
	}
	return c.RespondText(fmt.Sprint(n, " bytes"))
}

// Orders are answered within a moment, or with 503. Films may take their time.
func Example() {
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Group(func(r *routing.Route) {
				r.Install(timeouts.Plugin.With(func(c *timeouts.Config) {
					c.ResponseTimeout = 20 * time.Millisecond // 503
					c.ReadTimeout = 10 * time.Second          // 408
					c.MinReadRate = 10_000                    // bytes a second
				}))
				r.Post("/orders", order)
			})
			r.Post("/films", upload) // as the application says
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()
	for _, path := range []string{"/orders", "/films"} {
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, path, strings.NewReader("text")))
		fmt.Println(recorder.Code, recorder.Body)
	}
	// Output:
	// 503 the response did not begin in time
	// 200 4 bytes
}
