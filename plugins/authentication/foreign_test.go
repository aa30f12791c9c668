package authentication_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/routing"
)

// TestForeignMiddlewares: who is calling is known behind one that runs the rest on
// a goroutine and a writer of its own, and in handlers of net/http; and what is
// refused there is refused with its challenges.
func TestForeignMiddlewares(t *testing.T) {
	t.Parallel()
	asked := 0
	users := byHeader("X-User", func(p *authentication.Provider[User]) {
		authenticate := p.Authenticate
		p.Authenticate = func(c *app.Call) (User, error) { asked++; return authenticate(c) }
	})
	keys := byHeader("X-Key")
	timeout := func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Minute, "too late") }
	stripped := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = r.Clone(r.Context())
			r.Header.Del("X-Key")
			next.ServeHTTP(w, r)
		})
	}
	foreign := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _ := app.CallFrom(r.Context())
		user, _ := users.Get(c)
		key, _ := keys.Get(c)
		_, _ = w.Write([]byte("hello " + user.Name + " " + key.Name))
	})
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Install(authentication.Require(users))
				for path, middleware := range map[string]func(http.Handler) http.Handler{"/fork": timeout, "/stripped": stripped} {
					r.Route(path, func(r *routing.Route) {
						r.Use(middleware)
						r.Group(func(r *routing.Route) {
							r.Install(authentication.Require(users))
							r.Install(authentication.Require(keys))
							r.Mount("/in", foreign)
						})
					})
				}
			})
		})
		for _, test := range []struct {
			path, text string
			headers    []string
			status     int
		}{
			{"/fork", "hello ann k", []string{"X-User", "ann", "X-Key", "k"}, 200},
			{"/fork", "Unauthorized", []string{"X-User", "ann"}, 401},
			{"/fork", "Unauthorized", []string{"X-Key", "k"}, 401},
			{"/fork", "Forbidden", []string{"X-User", "ann", "X-Key", "known"}, 403},
			{"/stripped", "Unauthorized", []string{"X-User", "ann", "X-Key", "k"}, 401},
		} {
			asked = 0
			response := host.Get(test.path+"/in/side", with(test.headers...))
			assert.Equal(t, test.status, response.StatusCode, test.path)
			assert.Equal(t, test.text, apptest.Text(t, response), test.path)
			assert.Equal(t, 1, asked)
			assert.Equal(t, test.status == 401, response.Header.Get("WWW-Authenticate") != "", test.path)
		}
	})
}
