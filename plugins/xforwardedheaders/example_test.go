package xforwardedheaders_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/xforwardedheaders"
	"github.com/chitor-go/chitor/routing"
)

// The proxy's address is the last one. What the client has sent before it says
// nothing.
func Example() {
	application := app.New(func(a *app.Application) {
		a.Install(xforwardedheaders.Plugin.With(func(c *xforwardedheaders.Config) {
			c.TrustProxies("192.0.2.0/24")
			c.HostHeaders, c.PortHeaders = nil, nil // this proxy sets none of them
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				return c.RespondText(c.Origin().RemoteHost() + " has asked for " + c.Origin().String())
			})
		})
	})
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for _, proxy := range []string{"192.0.2.1:4711", "198.51.100.1:4711"} {
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.RemoteAddr = proxy
		request.Header.Set("X-Forwarded-For", "127.0.0.1, 203.0.113.7")
		request.Header.Set("X-Forwarded-Proto", "https")
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		fmt.Println(recorder.Body)
	}
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}

	// Output:
	// 203.0.113.7 has asked for https://example.com
	// 198.51.100.1 has asked for http://example.com
}
