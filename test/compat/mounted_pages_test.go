package compat_test

import (
	"context"
	"expvar"
	"io"
	"net/http"
	"net/http/pprof"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

func pageRows() []mountedRow {
	// page asks for a page with gzip and finds a text in it, decoded once.
	page := func(path, text string) func(*testing.T, *apptest.Host) {
		return func(t *testing.T, host *apptest.Host) {
			response := host.Get(path, apptest.Header("Accept-Encoding", "gzip"))
			require.Equal(t, http.StatusOK, response.StatusCode)
			reader, err := decoded(response)
			require.NoError(t, err)
			body, err := io.ReadAll(reader)
			require.NoError(t, err)
			assert.Contains(t, string(body), text)
		}
	}
	return []mountedRow{
		{
			name: "promhttp.Handler", module: "github.com/prometheus/client_golang", path: "/metrics",
			shows: "metrics, encoded once",
			handler: func(*testing.T) http.Handler {
				registry := prometheus.NewRegistry()
				registry.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "compat_gauge"}))
				return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
			},
			try: page("/metrics", "compat_gauge 0"),
		},
		{
			name: "pprof.Index", module: stdlib, path: "/debug/pprof",
			shows:   "the page, and a profile",
			handler: func(*testing.T) http.Handler { return http.HandlerFunc(pprof.Index) },
			try: func(t *testing.T, host *apptest.Host) {
				page("/debug/pprof/", "goroutine")(t, host)
				page("/debug/pprof/goroutine?debug=1", "goroutine profile:")(t, host)
			},
		},
		{
			name: "expvar.Handler", module: stdlib, path: "/debug/vars",
			shows:   "the variables",
			handler: func(*testing.T) http.Handler { return expvar.Handler() },
			try:     page("/debug/vars", "memstats"),
		},
		{
			name: "chi Profiler", module: chiModule, path: "/debug", chi: true,
			shows: "its page, a profile, the variables",
			handler: func(*testing.T) http.Handler {
				return middleware.Profiler()
			},
			try: func(t *testing.T, host *apptest.Host) {
				page("/debug/pprof/", "goroutine")(t, host)
				page("/debug/pprof/heap?debug=1", "heap profile:")(t, host)
				page("/debug/vars", "memstats")(t, host)
			},
		},
		{
			name: "chi.Router", module: chiModule, path: "/api", chi: true,
			shows: "parameters, its own 404 and 405",
			handler: func(*testing.T) http.Handler {
				mux := chi.NewRouter()
				mux.Get("/users/{id}", func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.WriteString(w, "user "+chi.URLParam(r, "id"))
				})
				return mux
			},
			try: tryRouter,
		},
		{
			name: "http.ServeMux", module: stdlib, path: "/api",
			shows: "the same",
			handler: func(*testing.T) http.Handler {
				mux := http.NewServeMux()
				mux.HandleFunc("GET /api/users/{id}", func(w http.ResponseWriter, r *http.Request) {
					_, _ = io.WriteString(w, "user "+r.PathValue("id"))
				})
				return mux
			},
			try: tryRouter,
		},
		{
			name: "http.FileServer", module: stdlib, path: "/files",
			shows: "a file, a range of it, 304 for one that is known",
			handler: func(*testing.T) http.Handler {
				file := &fstest.MapFile{Data: []byte("0123456789"), ModTime: time.Unix(1e9, 0)}
				return http.StripPrefix("/files", http.FileServerFS(fstest.MapFS{"digits.txt": file}))
			},
			try: func(t *testing.T, host *apptest.Host) {
				assert.Equal(t, "0123456789", readAll(t, http.StatusOK, host.Get("/files/digits.txt")))
				part := host.Get("/files/digits.txt", apptest.Header("Range", "bytes=2-4"))
				assert.Equal(t, "bytes 2-4/10", part.Header.Get("Content-Range"))
				assert.Equal(t, "234", readAll(t, http.StatusPartialContent, part))
				known := host.Get("/files/digits.txt", apptest.Header("If-Modified-Since", time.Unix(1e9, 0).UTC().Format(http.TimeFormat)))
				assert.Empty(t, readAll(t, http.StatusNotModified, known))
			},
		},
		{
			name: "huma on humago", module: "github.com/danielgtaylor/huma/v2", path: "/api",
			shows:   "a typed operation, its validation, the OpenAPI document",
			handler: humaHandler,
			try: func(t *testing.T, host *apptest.Host) {
				assert.JSONEq(t, `{"text":"hello ann"}`, withoutSchema(readAll(t, http.StatusOK, host.Get("/api/greet/ann"))))
				problem := host.Get("/api/greet/a")
				assert.Equal(t, "application/problem+json", problem.Header.Get("Content-Type"))
				assert.Contains(t, readAll(t, http.StatusUnprocessableEntity, problem), "expected length >= 2")
				assert.Contains(t, readAll(t, http.StatusOK, host.Get("/api/openapi.json")), "/greet/{name}")
			},
		},
	}
}

func tryRouter(t *testing.T, host *apptest.Host) {
	assert.Equal(t, "user 7", readAll(t, http.StatusOK, host.Get("/api/users/7")))
	assert.Equal(t, http.StatusNotFound, host.Get("/api/nothing").StatusCode)
	response := host.Post("/api/users/7", "text/plain", strings.NewReader("x"))
	assert.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)
	assert.Contains(t, response.Header.Get("Allow"), "GET")
}

type (
	greetInput struct {
		Name string `path:"name" minLength:"2"`
	}
	greetOutput struct {
		Body struct {
			Text string `json:"text"`
		}
	}
)

func humaHandler(*testing.T) http.Handler {
	mux := http.NewServeMux()
	api := humago.NewWithPrefix(mux, "/api", huma.DefaultConfig("Greetings", "1"))
	huma.Get(api, "/greet/{name}", func(_ context.Context, in *greetInput) (*greetOutput, error) {
		out := &greetOutput{}
		out.Body.Text = "hello " + in.Name
		return out, nil
	})
	return mux
}

// withoutSchema removes what huma adds to each value: a link to its schema.
func withoutSchema(body string) string {
	begin := strings.Index(body, `"$schema"`)
	if begin < 0 {
		return body
	}
	_, rest, _ := strings.Cut(body[begin:], ",")
	return body[:begin] + rest
}
