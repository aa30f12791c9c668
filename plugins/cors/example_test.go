package cors_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/routing"
)

// show starts a module, sends it a request from an origin and prints what the
// browser learns.
func show(module app.Module, method, path, origin string, headers ...string) {
	application := app.New(module)
	if err := application.Start(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	request := httptest.NewRequest(method, path, nil)
	request.Header.Set("Origin", origin)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	application.ServeHTTP(recorder, request)
	header := recorder.Header()
	fmt.Printf("%s: %d, origin %q, methods %q, headers %q\n", method, recorder.Code, header.Get("Access-Control-Allow-Origin"),
		header.Get("Access-Control-Allow-Methods"), header.Get("Access-Control-Allow-Headers"))
	if err := application.Stop(context.Background()); err != nil {
		fmt.Println(err)
	}
}

func customer(c *app.Call) error { return c.RespondText("Jet") }

func Example() {
	module := func(a *app.Application) {
		a.Install(cors.Plugin.With(func(c *cors.Config) {
			c.AllowHost("client-host:8081")
			c.AllowHeader("Content-Type")
			c.AllowMethod(http.MethodPut)
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/customer", customer)
			r.Put("/customer", customer)
		})
	}
	show(module, http.MethodGet, "/customer", "http://client-host:8081")
	show(module, http.MethodOptions, "/customer", "http://client-host:8081",
		"Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "content-type")
	show(module, http.MethodGet, "/customer", "http://other-host")

	// Output:
	// GET: 200, origin "http://client-host:8081", methods "", headers ""
	// OPTIONS: 200, origin "http://client-host:8081", methods "GET, HEAD, POST, PUT", headers "Content-Type"
	// GET: 403, origin "", methods "", headers ""
}

func ExampleConfig_AllowHost() {
	module := func(a *app.Application) {
		a.Install(cors.Plugin.With(func(c *cors.Config) {
			c.AllowHost("client-host", func(h *cors.Host) {
				h.Schemes = []string{"https"}
				h.SubDomains = []string{"en", "*.de"}
			})
		}))
		routing.Routes(a, func(r *routing.Route) { r.Get("/customer", customer) })
	}
	show(module, http.MethodGet, "/customer", "https://www.de.client-host")
	show(module, http.MethodGet, "/customer", "https://fr.client-host")
	show(module, http.MethodGet, "/customer", "http://client-host")

	// Output:
	// GET: 200, origin "https://www.de.client-host", methods "", headers ""
	// GET: 403, origin "", methods "", headers ""
	// GET: 403, origin "", methods "", headers ""
}

// Installed on a route, the plugin responds to preflights there without a route
// for OPTIONS.
func ExamplePlugin() {
	module := func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/api", func(r *routing.Route) {
				r.Install(cors.Plugin.With(func(c *cors.Config) { c.AnyHost() }))
				r.Get("/customer", customer)
			})
			r.Get("/internal", customer)
		})
	}
	show(module, http.MethodOptions, "/api/customer", "http://anywhere", "Access-Control-Request-Method", "GET")
	show(module, http.MethodOptions, "/internal", "http://anywhere", "Access-Control-Request-Method", "GET")

	// Output:
	// OPTIONS: 200, origin "*", methods "GET, HEAD, POST", headers ""
	// OPTIONS: 405, origin "", methods "", headers ""
}
