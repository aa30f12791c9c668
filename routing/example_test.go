package routing_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// show asks an application and prints what it answers.
func show(application *app.Application, method, target string) {
	recorder := httptest.NewRecorder()
	application.ServeHTTP(recorder, httptest.NewRequest(method, target, nil))
	said := fmt.Sprintln(method, target, recorder.Code, recorder.Header().Get("Allow"), recorder.Body)
	fmt.Println(strings.Join(strings.Fields(said), " "))
}

var legacy = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("legacy")) })

func Module(a *app.Application) {
	a.Install(sse.Plugin)
	routing.Routes(a, func(r *routing.Route) {
		r.Use(middleware.RequestID) // any net/http middleware
		r.Get("/", func(c *app.Call) error { return c.RespondText("index") })
		r.Route("/users", func(r *routing.Route) {
			r.Get("/{id}", func(c *app.Call) error {
				return c.RespondText("user " + c.PathParam("id"))
			})
			r.Mount("/legacy", legacy) // any http.Handler
		})
		r.SSE("/events", func(s *sse.Session) error { return s.SendText("hello") })
	})
}

// The module of the package's documentation, as clients see it.
func Example() {
	application := app.New(Module)
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	show(application, http.MethodGet, "/")
	show(application, http.MethodGet, "/users/7")
	show(application, http.MethodPut, "/users/legacy/import")
	show(application, http.MethodGet, "/events")
	show(application, http.MethodGet, "/users/")
	show(application, http.MethodDelete, "/users/7")
	// Output:
	// GET / 200 index
	// GET /users/7 200 user 7
	// PUT /users/legacy/import 200 legacy
	// GET /events 200 data: hello
	// GET /users/ 404
	// DELETE /users/7 405 GET
}

func ExampleRoute_Get() {
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText("index") })
			r.Route("/users", func(r *routing.Route) {
				r.Get("/{id}", func(c *app.Call) error { return c.RespondText("user " + c.PathParam("id")) })
				r.Get("/me", func(c *app.Call) error { return c.RespondText("you") })
			})
			r.Get("/files/{path...}", func(c *app.Call) error { return c.RespondText("file " + c.PathParam("path")) })
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	show(application, http.MethodGet, "/")
	show(application, http.MethodGet, "/users/7")
	show(application, http.MethodGet, "/users/me")
	show(application, http.MethodGet, "/users/a%2Fb")
	show(application, http.MethodGet, "/files/css/main.css")
	show(application, http.MethodGet, "/users/")
	show(application, http.MethodDelete, "/users/7")
	// Output:
	// GET / 200 index
	// GET /users/7 200 user 7
	// GET /users/me 200 you
	// GET /users/a%2Fb 200 user a/b
	// GET /files/css/main.css 200 file css/main.css
	// GET /users/ 404
	// DELETE /users/7 405 GET
}

// A middleware on a route runs once the route has matched, wherever in the
// block it is declared.
func ExampleRoute_Use() {
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/admin/{area}", func(r *routing.Route) {
				r.Get("", func(c *app.Call) error { return c.RespondText("welcome") })
				r.Use(func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if r.PathValue("area") == "vault" {
							http.Error(w, "not you", http.StatusForbidden)
							return
						}
						next.ServeHTTP(w, r)
					})
				})
			})
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	show(application, http.MethodGet, "/admin/garden")
	show(application, http.MethodGet, "/admin/vault")
	show(application, http.MethodGet, "/admin/vault/x")
	// Output:
	// GET /admin/garden 200 welcome
	// GET /admin/vault 403 not you
	// GET /admin/vault/x 404
}

// A chi router below a mount goes on where the mount has stopped; other
// handlers are wrapped in http.StripPrefix.
func ExampleRoute_Mount() {
	legacy := chi.NewRouter()
	legacy.Get("/orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "order %s of %s", chi.URLParam(r, "id"), chi.URLParam(r, "tenant"))
	})
	files := http.NewServeMux()
	files.HandleFunc("GET /{name}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "file ", r.PathValue("name")) })

	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Mount("/{tenant}/legacy", legacy)
			r.Mount("/files", http.StripPrefix("/files", files))
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	show(application, http.MethodGet, "/acme/legacy/orders/7")
	show(application, http.MethodGet, "/files/readme")
	// Output:
	// GET /acme/legacy/orders/7 200 order 7 of acme
	// GET /files/readme 200 file readme
}

func ExampleMux() {
	handler := func(c *app.Call) error { return c.RespondStatus(http.StatusNoContent) }
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/users", func(r *routing.Route) {
				r.Post("", handler)
				r.Get("/{id}", handler)
			})
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	mux, _ := routing.Mux(application)
	var listed []string
	_ = chi.Walk(mux, func(method, pattern string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		listed = append(listed, method+" "+pattern)
		return nil
	})
	slices.Sort(listed)
	for _, line := range listed {
		fmt.Println(line)
	}
	// Output:
	// GET /users/{id}
	// POST /users
}

// One path answers with a page or with a stream, whichever the client asks for.
func ExampleRoute_Accept() {
	page := func(c *app.Call) error { return c.RespondText("<ul></ul>") }
	prices := func(s *sse.Session) error { return s.SendText("42") }
	application := app.New(func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/prices", func(r *routing.Route) {
				r.Get("", page)
				r.Accept("text/event-stream").SSE("", prices)
			})
			r.Host("admin.example.com").Route("/users", func(r *routing.Route) {
				r.Get("", func(c *app.Call) error { return c.RespondText("all of them") })
				r.Param("name").Get("", func(c *app.Call) error { return c.RespondText(c.Query().Get("name")) })
			})
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	for _, accept := range []string{"text/html", "text/event-stream"} {
		request := httptest.NewRequest(http.MethodGet, "/prices", nil)
		request.Header.Set("Accept", accept)
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		fmt.Println(strings.TrimSpace(recorder.Body.String()))
	}
	show(application, http.MethodGet, "http://admin.example.com/users?name=ada")
	show(application, http.MethodGet, "http://www.example.com/users?name=ada")
	// Output:
	// <ul></ul>
	// data: 42
	// GET http://admin.example.com/users?name=ada 200 ada
	// GET http://www.example.com/users?name=ada 404
}
