package routing_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// TestThePatternIsSetOnTheArrivedRequest, where whoever is around the
// application looks for it, as around an http.ServeMux.
func TestThePatternIsSetOnTheArrivedRequest(t *testing.T) {
	copying := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r.Clone(r.Context())) })
	}
	for name, around := range map[string]func(http.Handler) http.Handler{
		"nothing between":      func(next http.Handler) http.Handler { return next },
		"a copy of it":         copying,
		"an opaque middleware": func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Minute, "") },
	} {
		a := serve(t, func(r *routing.Route) {
			r.Use(around)
			r.Get("/users/{id}", text("user"))
			r.Get("/broken/{id}", func(*app.Call) error { return app.NewError(http.StatusConflict, "no") })
			r.Mount("/mounted", http.NotFoundHandler())
		})
		for path, want := range map[string]string{
			"/users/7": "/users/{id}", "/broken/7": "/broken/{id}", "/mounted/x": "/mounted", "/none": "of another mux",
		} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			r.Pattern = "of another mux"
			a.ServeHTTP(httptest.NewRecorder(), r)
			assert.Equal(t, want, r.Pattern, name+" "+path)
		}
	}
}
