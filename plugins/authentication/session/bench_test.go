package session_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/session"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

// blank is a writer that forgets.
type blank struct{ header http.Header }

func (b blank) Header() http.Header         { return b.header }
func (b blank) Write(p []byte) (int, error) { return len(p), nil }
func (b blank) WriteHeader(int)             {}

// serving returns functions that serve one call of somebody who has logged in:
// one whose handler reads the session, and one whose route requires it.
func serving(t testing.TB) (reading, requiring func()) {
	t.Helper()
	scheme := session.New("users", sessionOf, func(c *config) {
		c.Validate = func(_ *app.Call, s UserSession) (User, error) { return User{s.Name}, nil }
	})
	application := app.New(func(a *app.Application) {
		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(sessionOf, func(c *sessions.CookieConfig) { c.Storage, c.MaxAge = sessions.NewMemory(), time.Hour })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/login", func(c *app.Call) error { return sessionOf.Set(c, UserSession{Name: "ann"}) })
			r.Get("/read", func(c *app.Call) error {
				s, _, err := sessionOf.Get(c)
				if err != nil {
					return err
				}
				return c.RespondText(s.Name)
			})
			r.Get("/required", func(c *app.Call) error { return c.RespondText(scheme.Principal(c).Email) }).
				Install(authentication.Require(scheme))
		})
	})
	require.NoError(t, application.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, application.Stop(context.Background())) })
	recorder := httptest.NewRecorder()
	application.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/login", http.NoBody))
	cookies := recorder.Result().Cookies()
	require.Len(t, cookies, 1)
	serve := func(path string) func() {
		request := httptest.NewRequestWithContext(application.Context(), http.MethodGet, path, http.NoBody)
		request.AddCookie(cookies[0])
		first := httptest.NewRecorder()
		application.ServeHTTP(first, request)
		require.Equal(t, "ann", first.Body.String())
		writer := blank{http.Header{}}
		return func() {
			clear(writer.header)
			application.ServeHTTP(writer, request)
		}
	}
	return serve("/read"), serve("/required")
}

func BenchmarkCall(b *testing.B) {
	reading, requiring := serving(b)
	for name, call := range map[string]func(){"reading": reading, "requiring": requiring} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}
