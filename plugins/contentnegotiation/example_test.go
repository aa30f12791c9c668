package contentnegotiation_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/routing"
)

// A customer is received in one format and sent in another.
func Example() {
	type Customer struct {
		ID   int    `json:"id" xml:"id,attr"`
		Name string `json:"name" xml:"name,attr"`
	}
	application := app.New(func(a *app.Application) {
		a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) {
			c.JSON(func(j *contentnegotiation.JSONConfig) { j.Indent = "    " })
			c.Register("application/xml", contentnegotiation.Codec(xml.Marshal, xml.Unmarshal))
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/customer", func(c *app.Call) error {
				customer, err := app.Receive[Customer](c)
				if err != nil {
					return err
				}
				customer.ID = 3
				return c.Respond(customer)
			})
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	for _, accept := range []string{"application/xml", "text/html, */*;q=0.5", "image/png"} {
		request := httptest.NewRequest(http.MethodPost, "/customer", strings.NewReader(`{"name": "Jet"}`))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Accept", accept)
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		fmt.Println(recorder.Code, recorder.Body)
	}
	// Output:
	// 200 <Customer id="3" name="Jet"></Customer>
	// 200 {
	//     "id": 3,
	//     "name": "Jet"
	// }
	// 406 Not Acceptable
}
