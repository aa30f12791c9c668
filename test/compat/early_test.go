package compat_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	chicors "github.com/go-chi/cors"
	"github.com/go-chi/httprate"
	"github.com/go-chi/jwtauth/v5"
	"github.com/rs/cors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/unrolled/secure"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// earlyMiddlewares are those that the page says it of that they return early, by
// the names that they have there.
func earlyMiddlewares() map[string]func(http.Handler) http.Handler {
	tokens := jwtauth.New("HS256", []byte("secret"), nil)
	_, token, _ := tokens.Encode(map[string]any{"sub": "ann"})
	return map[string]func(http.Handler) http.Handler{
		"AllowContentEncoding": middleware.AllowContentEncoding("gzip"),
		"AllowContentType":     middleware.AllowContentType("text/plain"),
		"BasicAuth":            middleware.BasicAuth("staff", map[string]string{"ann": "secret"}),
		"CleanPath":            middleware.CleanPath,
		"ContentCharset":       middleware.ContentCharset("", "utf-8"),
		"Heartbeat":            middleware.Heartbeat("/ping"),
		"NoCache":              middleware.NoCache,
		"PageRoute":            middleware.PageRoute("/page", http.NotFoundHandler()),
		"PathRewrite":          middleware.PathRewrite("/old", "/new"),
		"RealIP":               realIP,
		"Recoverer":            middleware.Recoverer,
		"RedirectSlashes":      middleware.RedirectSlashes,
		"RequestID":            middleware.RequestID,
		"RequestSize":          middleware.RequestSize(10),
		"SetHeader":            middleware.SetHeader("X-A", "1"),
		"StripSlashes":         middleware.StripSlashes,
		"Sunset":               middleware.Sunset(time.Date(2000, 1, 2, 0, 0, 0, 0, time.UTC)),
		"URLFormat":            middleware.URLFormat,
		"WithValue":            middleware.WithValue("key", "value"),
		"go-chi/cors":          chicors.Handler(chicors.Options{}),
		"rs/cors":              cors.AllowAll().Handler,
		"httprate":             httprate.LimitBy(10, time.Minute, httprate.Key("*")),
		"jwtauth": func(next http.Handler) http.Handler {
			verified := jwtauth.Verifier(tokens)(jwtauth.Authenticator(tokens)(next))
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				r.Header.Set("Authorization", "Bearer "+token)
				verified.ServeHTTP(w, r)
			})
		},
		"unrolled/secure":            secure.New().Handler,
		"http.CrossOriginProtection": http.NewCrossOriginProtection().Handler,
	}
}

// A lateWriter notes what happens to it once the handler has returned.
type lateWriter struct {
	*httptest.ResponseRecorder

	returned bool
	late     []string
}

func (w *lateWriter) note(what string) {
	if w.returned {
		w.late = append(w.late, what)
	}
}

func (w *lateWriter) Header() http.Header { w.note("Header"); return w.ResponseRecorder.Header() }

func (w *lateWriter) WriteHeader(status int) {
	w.note("WriteHeader")
	w.ResponseRecorder.WriteHeader(status)
}

func (w *lateWriter) Flush() { w.note("Flush"); w.ResponseRecorder.Flush() }

func (w *lateWriter) Write(b []byte) (int, error) {
	w.note("Write")
	return w.ResponseRecorder.Write(b)
}

// afterNext returns what a middleware does with the response and with the context
// that it has passed on when the handler has returned.
func afterNext(t *testing.T, wrap func(http.Handler) http.Handler) []string {
	t.Helper()
	w := &lateWriter{ResponseRecorder: httptest.NewRecorder()}
	var passed *http.Request
	router := chi.NewRouter()
	router.Use(wrap)
	router.Get("/", func(inner http.ResponseWriter, r *http.Request) {
		inner.WriteHeader(http.StatusOK)
		passed, w.returned = r, true
	})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.SetBasicAuth("ann", "secret")
	router.ServeHTTP(w, r)
	require.NotNil(t, passed, "the handler has run")
	if passed.Context().Err() != nil {
		w.late = append(w.late, "the context has ended")
	}
	return w.late
}

// TestMiddlewaresThatReturnEarly: that they measure or give back nothing cannot be
// seen from outside, and is by their sources.
func TestMiddlewaresThatReturnEarly(t *testing.T) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	_, section, found := strings.Cut(string(text), "### A stream without a goroutine\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "It is not true of ")
	for name, wrap := range earlyMiddlewares() {
		assert.Empty(t, afterNext(t, wrap), name)
		assert.Contains(t, section, name)
	}
	assert.Equal(t, []string{"the context has ended"}, afterNext(t, middleware.Timeout(time.Minute)))
}

func TestAStreamBehindMiddlewaresThatReturnEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			hub := sse.NewHub(a)
			routing.Routes(a, func(r *routing.Route) {
				r.Use(app.ReturnsEarly(middleware.RequestID), app.ReturnsEarly(http.NewCrossOriginProtection().Handler))
				r.SSE("/", func(s *sse.Session) error {
					if err := s.SendText(middleware.GetReqID(s.Context())); err != nil {
						return err
					}
					return hub.Join(s, "news")
				})
				r.Post("/", func(c *app.Call) error { return hub.Publish(c.Context(), "news", sse.Event{Data: "late"}) })
			})
		})
		response := host.Get("/", apptest.Header("X-Request-Id", "r1"))
		var got []string
		for event := range ssetest.Events(t, response.Body) {
			if got = append(got, event.Data); len(got) == 2 {
				break
			}
			synctest.Wait()
			sessions, _ := sse.SessionsOf(host.Application())
			assert.Equal(t, 1, sessions.Stats().Parked)
			assert.Zero(t, sessions.Stats().Held)
			host.Post("/", "text/plain", nil)
		}
		assert.Equal(t, []string{"r1", "late"}, got)
	})
}
