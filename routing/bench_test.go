package routing_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// sink is a response writer that is used again for each request.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }
func (s *sink) WriteHeader(int)             {}

// api is 159 routes: what a service of some size has.
func api(r *routing.Route) {
	answer := func(c *app.Call) error { return c.RespondStatus(http.StatusNoContent) }
	r.Get("/health", answer)
	r.Get("/files/{path...}", answer)
	r.Mount("/legacy", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for i := range 26 {
		r.Route(fmt.Sprintf("/api/v1/resource%d", i), func(r *routing.Route) {
			r.Get("", answer)
			r.Post("", answer)
			r.Get("/{id}", answer)
			r.Put("/{id}", answer)
			r.Delete("/{id}", answer)
			r.Get("/{id}/parts/{part}/items/{item}", answer)
		})
	}
}

// BenchmarkCall measures whole calls whose answers are empty: the way to the
// route is what differs between them.
func BenchmarkCall(b *testing.B) {
	a := serve(b, api)
	starred := serve(b, func(r *routing.Route) {
		api(r)
		r.Get("/api/v1/*/{id}/stars", text(""))
	})
	conditional := serve(b, func(r *routing.Route) {
		api(r)
		r.Header("X-Version", "2").Get("/api/v1/resource13/{id}", text(""))
	})
	versions := serve(b, func(r *routing.Route) {
		for i := range 1000 {
			r.Header("X-Version", strconv.Itoa(i)).Get("/versions", text(""))
		}
	})
	many := serve(b, func(r *routing.Route) {
		r.Header("X-Version", "2").Get("/{...}", text(""))
		for i := range 10_000 {
			r.Get("/many/resource"+strconv.Itoa(i), text(""))
		}
	})
	for _, c := range []struct {
		name, method, path string
		handler            http.Handler
	}{
		{"constant", http.MethodGet, "/health", a},
		{"parameter", http.MethodGet, "/api/v1/resource13/42", a},
		{"three parameters", http.MethodGet, "/api/v1/resource25/42/parts/7/items/9", a},
		{"tail", http.MethodGet, "/files/css/themes/dark/main.css", a},
		{"mount", http.MethodGet, "/legacy/x/y", a},
		{"encoded", http.MethodGet, "/api/v1/resource13/a%2Fb", a},
		{"beside a star", http.MethodGet, "/api/v1/resource13/42", starred},
		{"beside a condition", http.MethodGet, "/api/v1/resource13/42", conditional},
		{"one of 1,000 conditions", http.MethodGet, "/versions", versions},
		{"one of 10,000 beside a condition", http.MethodGet, "/many/resource7777", many},
		{"not found", http.MethodGet, "/wp-admin/index.php", a},
		{"method not allowed", http.MethodPatch, "/api/v1/resource13/42", a},
	} {
		b.Run(c.name, func(b *testing.B) {
			target, err := url.ParseRequestURI(c.path)
			if err != nil {
				b.Fatal(err)
			}
			request := (&http.Request{Method: c.method, URL: target, Header: http.Header{}, ProtoMajor: 1, ProtoMinor: 1}).WithContext(b.Context())
			w := &sink{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				c.handler.ServeHTTP(w, request)
			}
		})
	}
}

// BenchmarkFreeze measures Start with 159 routes.
func BenchmarkFreeze(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		a := app.New(func(a *app.Application) { routing.Routes(a, api) })
		if err := errors.Join(a.Start(b.Context()), a.Stop(b.Context())); err != nil {
			b.Fatal(err)
		}
	}
}
