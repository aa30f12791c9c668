package sessions_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

// UserSession is what the examples keep.
type UserSession struct {
	Name   string
	Visits int
}

var visitors = sessions.New[UserSession]("user_session")

// ask prints what a client gets that keeps cookies.
func ask(module app.Module, paths ...string) {
	application := app.New(module)
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()
	var kept *http.Cookie
	for _, path := range paths {
		request := httptest.NewRequest(http.MethodGet, path, http.NoBody)
		if kept != nil {
			request.AddCookie(kept)
		}
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		fmt.Println(path, recorder.Code, recorder.Body)
		if set := recorder.Result().Cookies(); len(set) > 0 {
			kept = set[0]
		}
	}
}

// A session in memory, whose ID is in a cookie.
func Example() {
	ask(func(a *app.Application) {
		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(visitors, func(c *sessions.CookieConfig) {
				c.Storage = sessions.NewMemory()
				c.MaxAge = time.Hour
			})
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/login/{name}", func(c *app.Call) error {
				if err := visitors.RenewID(c); err != nil {
					return err
				}
				if err := visitors.Set(c, UserSession{Name: c.PathParam("name")}); err != nil {
					return err
				}
				return c.RespondText("welcome")
			})
			r.Get("/me", func(c *app.Call) error {
				user, ok, err := visitors.Get(c)
				if err != nil {
					return err
				}
				if !ok {
					return app.NewError(http.StatusUnauthorized, "who are you?")
				}
				return c.RespondText("you are " + user.Name)
			})
			r.Get("/logout", func(c *app.Call) error {
				if err := visitors.Clear(c); err != nil {
					return err
				}
				return c.RespondText("bye")
			})
		})
	}, "/me", "/login/alice", "/me", "/logout", "/me")
	// Output:
	// /me 401 who are you?
	// /login/alice 200 welcome
	// /me 200 you are alice
	// /logout 200 bye
	// /me 401 who are you?
}

// A session that the client has itself, encrypted, and that counts.
func ExampleHandle_GetOrSet() {
	key := make([]byte, 32) // of this process alone: load yours, to survive a restart
	_, _ = rand.Read(key)
	ask(func(a *app.Application) {
		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(visitors, func(c *sessions.CookieConfig) { c.Encrypt(key) })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				visitor, err := visitors.GetOrSet(c, func() (UserSession, error) { return UserSession{Name: "guest"}, nil })
				if err != nil {
					return err
				}
				visitor.Visits++
				if err := visitors.Set(c, visitor); err != nil {
					return err
				}
				return c.RespondText(fmt.Sprint(visitor.Name, " was here ", visitor.Visits, " times"))
			})
		})
	}, "/", "/", "/")
	// Output:
	// / 200 guest was here 1 times
	// / 200 guest was here 2 times
	// / 200 guest was here 3 times
}
