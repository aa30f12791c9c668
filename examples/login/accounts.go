package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/form"
	"github.com/chitor-go/chitor/plugins/authentication/passwords"
	"github.com/chitor-go/chitor/plugins/authentication/session"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/plugins/sse"
)

// hashes are those of the passwords of all users.
var hashes = map[string]string{
	"ada": "$argon2id$v=19$m=4096,t=3,p=4$c29tZXNhbHQ$poE/0h2cjbv+UlPDgRVOHqwlmCAYo5LF5leMrvQqVrI",
	"bob": "$argon2id$v=19$m=4096,t=3,p=4$c29tZXNhbHQ$poE/0h2cjbv+UlPDgRVOHqwlmCAYo5LF5leMrvQqVrI",
}

// A Login is what a session keeps.
type Login struct{ User string }

// A User is who is calling.
type User struct{ Name string }

var current = sessions.New("login", func(o *sessions.Options[Login]) {
	o.Owner = func(l Login) string { return l.User }
})

// errLoggedOut ends the streams of a user who has logged out.
var errLoggedOut = errors.New("the user has logged out")

// accounts are what users do.
type accounts struct {
	byForm *authentication.Scheme[User] // who logs in
	users  *authentication.Scheme[User] // who has logged in
	hub    *sse.Hub
}

func newAccounts(a *app.Application) *accounts {
	table, err := passwords.NewTable(hashes)
	if err != nil {
		a.Fail(err)
	}
	byForm := form.New("login", func(c *form.Config[User]) {
		c.Validate = func(c *app.Call, given form.Credential) (User, error) {
			if err := table.Authenticate(c.Context(), given.Name, given.Password); err != nil {
				return User{}, err
			}
			return User{given.Name}, nil
		}
		c.LoginPath = "/login?why=wrong"
	})
	users := session.New("users", current, func(c *session.Config[Login, User]) {
		c.Validate = func(_ *app.Call, l Login) (User, error) {
			if _, known := hashes[l.User]; !known {
				return User{}, authentication.ErrInvalidCredentials
			}
			return User{l.User}, nil
		}
		c.LoginPath = "/login"
	})
	return &accounts{byForm, users, sse.NewHub(a)}
}

// streams ends streams with their sessions, and tells clients why.
func (x *accounts) streams(c *sse.Config) {
	c.Until = func(c *app.Call) (time.Time, bool) {
		if isOver(c) { // logged out in this moment
			return time.Time{}, true
		}
		return authentication.Until(c)
	}
	c.LastEvent = func(s *sse.Session, cause error) sse.Event {
		switch {
		case errors.Is(cause, errLoggedOut):
			return sse.Event{Event: "logged-out"}
		case errors.Is(cause, sse.ErrExpired) && isOver(s.Call()):
			return sse.Event{Event: "expired"}
		default: // the session was renewed by other calls, or the server stops
			return sse.Event{} // the client comes back
		}
	}
	c.StopRetry = 500 * time.Millisecond
	c.MaxSessionsPerKey = 20
	c.Key = func(c *app.Call) string {
		user, _ := x.users.Get(c)
		return user.Name // "" is not limited, and has no streams
	}
}

// isOver reports whether the session of a call is not there any more.
func isOver(c *app.Call) bool {
	alive, err := current.Alive(c)
	return !alive && err == nil
}

// logIn begins a session, and tells what streams the user has already.
func (x *accounts) logIn(c *app.Call) error {
	user := x.byForm.Principal(c)
	if err := errors.Join(current.RenewID(c), current.Set(c, Login{user.Name})); err != nil {
		return err
	}
	news := sse.Event{Event: "login", Data: fmt.Sprintf("%s logged in from %s.", user.Name, c.Origin().Remote.Addr())}
	if err := x.hub.Publish(c.Context(), user.Name, news); err != nil {
		return err
	}
	return c.RespondRedirect(form.ReturnPath(c, "/"))
}

// watch says what happens to the account of who is calling.
func (x *accounts) watch(s *sse.Session) error {
	user := x.users.Principal(s.Call())
	if err := s.Send(sse.Event{Event: "hello", Data: user.Name}); err != nil {
		return err
	}
	return x.hub.Join(s, user.Name)
}

// logOut ends all sessions and streams of who is calling.
func (x *accounts) logOut(c *app.Call) error {
	user := x.users.Principal(c)
	if err := current.ClearOwner(c, user.Name); err != nil {
		return err
	}
	open, _ := sse.SessionsOf(c.Scope())
	for s := range open.All() {
		if other, known := x.users.Get(s.Call()); known && other == user {
			s.End(errLoggedOut)
		}
	}
	return c.RespondRedirect("/login?why=logged-out")
}
