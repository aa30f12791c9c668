package serve_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/bench/recorder"
	"github.com/chitor-go/chitor/routing"
)

const text = "Hello, world!"

func bareNetHTTP() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello", func(w http.ResponseWriter, _ *http.Request) { recorder.Text(w, text) })
	mux.HandleFunc("GET /users/{id}", func(w http.ResponseWriter, r *http.Request) { recorder.Text(w, r.PathValue("id")) })
	return mux
}

func bareChi() http.Handler {
	mux := chi.NewMux()
	mux.Get("/hello", func(w http.ResponseWriter, _ *http.Request) { recorder.Text(w, text) })
	mux.Get("/users/{id}", func(w http.ResponseWriter, r *http.Request) { recorder.Text(w, chi.URLParam(r, "id")) })
	return mux
}

func chitor(tb testing.TB, modules ...app.Module) http.Handler {
	tb.Helper()
	application := app.New(append(modules, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/hello", func(c *app.Call) error { return c.RespondText(text) })
			r.Get("/users/{id}", func(c *app.Call) error { return c.RespondText(c.PathParam("id")) })
		})
	})...)
	require.NoError(tb, application.Start(context.Background()))
	tb.Cleanup(func() { require.NoError(tb, application.Stop(context.Background())) })
	return application
}

// variants are the handlers that are compared.
func variants(tb testing.TB) map[string]http.Handler {
	return map[string]http.Handler{"net-http": bareNetHTTP(), "chi": bareChi(), "chitor": chitor(tb)}
}

func request(path string) *http.Request {
	return &http.Request{Method: http.MethodGet, URL: &url.URL{Path: path}, Header: http.Header{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
}

func measure(b *testing.B, handler http.Handler, path, want string) {
	b.Helper()
	w := recorder.New()
	r := request(path)
	b.ReportAllocs()
	for b.Loop() {
		w.Reset()
		handler.ServeHTTP(w, r)
	}
	require.Equal(b, len(want), w.Bytes)
}

// BenchmarkText and BenchmarkParam run the variants in the map's order, which
// differs each time.
func BenchmarkText(b *testing.B) {
	for name, handler := range variants(b) {
		b.Run(name, func(b *testing.B) { measure(b, handler, "/hello", text) })
	}
}

func BenchmarkParam(b *testing.B) {
	for name, handler := range variants(b) {
		b.Run(name, func(b *testing.B) { measure(b, handler, "/users/42", "42") })
	}
}
