package docs_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/authtest"
	"github.com/chitor-go/chitor/plugins/callid"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// A User is who calls.
type User struct {
	ID, Name string
	Admin    bool
}

// A Robot is who calls as well, and no user.
type Robot struct{ Serial int }

// users are known by their passports: a header says until when one holds.
var users = authentication.New("users", authentication.Provider[User]{
	Authenticate: func(c *app.Call) (User, error) {
		passport := c.Request.Header.Get("Passport")
		if passport == "" {
			return User{}, authentication.ErrNoCredentials
		}
		end, err := time.Parse(time.RFC3339, passport)
		if err != nil || time.Now().After(end) {
			return User{}, authentication.ErrInvalidCredentials
		}
		authentication.HoldsUntil(c, end)
		return User{ID: "1", Name: "Ann"}, nil
	},
	Challenge: func(*app.Call, error) []string { return []string{`Passport realm="docs"`} },
})

// robots are known by a header of their own.
var robots = authentication.New("robots", authentication.Provider[Robot]{
	Authenticate: func(c *app.Call) (Robot, error) {
		var robot Robot
		if _, err := fmt.Sscan(c.Request.Header.Get("Robot"), &robot.Serial); err != nil {
			return robot, authentication.ErrNoCredentials
		}
		return robot, nil
	},
})

var admins = authentication.Map(users, func(_ *app.Call, user User) (User, error) {
	if !user.Admin {
		return user, authentication.ErrForbidden
	}
	return user, nil
})

// A Caller is a user or a robot.
type Caller struct{ Name string }

var callers = authentication.AnyOf("callers",
	authentication.Map(users, func(_ *app.Call, user User) (Caller, error) { return Caller{user.Name}, nil }),
	authentication.Map(robots, func(_ *app.Call, robot Robot) (Caller, error) {
		return Caller{fmt.Sprintf("robot %d", robot.Serial)}, nil
	}),
)

var guests = authentication.OrAnonymous(callers, func(*app.Call) (Caller, error) { return Caller{"guest"}, nil })

func knownCallers(a *app.Application) {
	a.Install(callid.Plugin.With(func(c *callid.Config) { c.Header("X-Request-Id") }))
	a.Install(calllogging.Plugin.With(func(c *calllogging.Config) {
		c.MDC("user", func(c *app.Call) (string, bool) {
			user, known := users.Get(c)
			return user.ID, known
		})
		c.MDC("id", callid.Get)
	}))
	a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
		statuspages.Exception(c, func(c *app.Call, refused *authentication.UnauthorizedError) error {
			c.SetStatus(refused.StatusCode())
			if refused.NoCredentials() {
				return c.RespondText("Please log in.")
			}
			return c.RespondText("That was wrong.")
		})
	}))
	routing.Routes(a, func(r *routing.Route) {
		r.Group(func(r *routing.Route) {
			r.Install(authentication.Require(users))
			r.Get("/me", func(c *app.Call) error {
				return c.RespondText("Hello, " + users.Principal(c).Name + "!")
			})

			r.Group(func(r *routing.Route) {
				r.Install(authentication.Require(admins))
				r.Get("/admin", func(c *app.Call) error { return c.RespondText("Everything is here.") })
			})

			r.Group(func(r *routing.Route) {
				r.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
					c.Name, c.Limit, c.Refill = "reports", 10, time.Minute
					c.Key = func(c *app.Call) (string, error) { return users.Principal(c).ID, nil }
				}))
				r.Get("/report", func(c *app.Call) error { return c.RespondText("It is long.") })
			})
		})
		r.Group(func(r *routing.Route) {
			r.Install(authentication.Optional(users))
			r.Get("/", func(c *app.Call) error {
				if user, known := users.Get(c); known {
					return c.RespondText("Welcome back, " + user.Name + "!")
				}
				return c.RespondText("Welcome!")
			})
		})
		r.Get("/either", func(c *app.Call) error {
			return c.RespondText(callers.Principal(c).Name)
		}).Install(authentication.Require(callers))
		r.Get("/anybody", func(c *app.Call) error {
			return c.RespondText(guests.Principal(c).Name)
		}).Install(authentication.Require(guests))
		r.Group(func(r *routing.Route) {
			r.Install(authentication.Plugin.With(func(c *authentication.Config) {
				c.Schemes = []authentication.Authenticator{admins}
				c.OnUnauthorized = func(c *app.Call, _ *authentication.UnauthorizedError) error {
					return c.RespondRedirect("/")
				}
				c.OnForbidden = func(c *app.Call, refused *authentication.ForbiddenError) error {
					c.SetStatus(refused.StatusCode())
					return c.RespondText("Ask an admin, " + users.Principal(c).Name + ".")
				}
				c.SkipWhen = func(c *app.Call) bool { return c.Route() == "/admin/help" }
			}))
			r.Get("/console", func(c *app.Call) error { return c.RespondText("> ") })
		})
	})
}

var errLoggedOut = errors.New("the user has logged out")

func streamsOfUsers(a *app.Application) {
	a.Install(sse.Plugin.With(func(c *sse.Config) {
		c.Until = authentication.Until
		c.LastEvent = func(_ *sse.Session, cause error) sse.Event {
			switch {
			case errors.Is(cause, sse.ErrExpired):
				return sse.Event{Event: "expired"}
			case errors.Is(cause, errLoggedOut):
				return sse.Event{Event: "logged-out"}
			default:
				return sse.Event{} // nothing
			}
		}
		c.MaxSessionsPerKey = 6
		c.Key = func(c *app.Call) string {
			if user, known := users.Get(c); known {
				return "user " + user.ID
			}
			return c.Origin().RemoteNetwork()
		}
	}))
	routing.Routes(a, func(r *routing.Route) {
		r.Install(authentication.Require(users))
		r.SSE("/events", func(s *sse.Session) error {
			if err := s.SendText("hello"); err != nil {
				return err
			}
			return s.Delay(24 * time.Hour)
		})
		r.Post("/logout", func(c *app.Call) error {
			streams, _ := sse.SessionsOf(c.Scope())
			for s := range streams.All() {
				if other, known := users.Get(s.Call()); known && other.ID == users.Principal(c).ID {
					s.End(errLoggedOut)
				}
			}
			return c.RespondStatus(http.StatusNoContent)
		})
	})
}

// passport is what a user shows.
func passport(lasts time.Duration) apptest.RequestOption {
	return apptest.Header("Passport", time.Now().Add(lasts).Format(time.RFC3339))
}

func TestKnownCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, knownCallers)
		nobody, robot := host.NewClient(apptest.NoRedirects()), apptest.Header("Robot", "7")
		admin := authtest.As(host, users, User{ID: "2", Name: "Bob", Admin: true})
		for _, test := range []struct {
			client *apptest.Client
			path   string
			option apptest.RequestOption
			status int
			text   string
		}{
			{nobody, "/me", apptest.Header("X", ""), 401, "Please log in."},
			{nobody, "/me", passport(-time.Hour), 401, "That was wrong."},
			{nobody, "/me", passport(time.Hour), 200, "Hello, Ann!"},
			{nobody, "/admin", passport(time.Hour), 403, "Forbidden"},
			{admin, "/admin", robot, 200, "Everything is here."},
			{nobody, "/report", passport(time.Hour), 200, "It is long."},
			{nobody, "/", robot, 200, "Welcome!"},
			{nobody, "/", passport(time.Hour), 200, "Welcome back, Ann!"},
			{nobody, "/", passport(-time.Hour), 401, "That was wrong."},
			{nobody, "/either", robot, 200, "robot 7"},
			{nobody, "/either", passport(time.Hour), 200, "Ann"},
			{nobody, "/either", apptest.Header("X", ""), 401, "Please log in."},
			{nobody, "/anybody", apptest.Header("X", ""), 200, "guest"},
			{nobody, "/console", passport(time.Hour), 403, "Ask an admin, Ann."},
			{admin, "/console", robot, 200, "> "},
		} {
			response := test.client.Get(test.path, test.option)
			assert.Equal(t, test.status, response.StatusCode, test)
			assert.Equal(t, test.text, apptest.Text(t, response), test)
		}
		assert.Equal(t, http.StatusFound, nobody.Get("/console").StatusCode)
		synctest.Wait()
		lines := host.Log().Find("the call ended")
		assert.Equal(t, "1", lines[2].Attrs["user"])
	})
}

// TestStreamsOfUsers: they end with the credentials, and at the logout, also
// those of other tabs and devices, and nobody else's.
func TestStreamsOfUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, streamsOfUsers)
		assert.Equal(t, http.StatusUnauthorized, host.Get("/events").StatusCode)

		began := time.Now()
		assert.Equal(t, "data: hello|event: expired\ndata: |", blocks(apptest.Text(t, host.Get("/events", passport(time.Hour)))))
		assert.Equal(t, time.Hour, time.Since(began))

		tab, phone, bob := authtest.As(host, users, User{ID: "1"}), authtest.As(host, users, User{ID: "1"}), authtest.As(host, users, User{ID: "2"})
		ofTab, ofPhone, ofBob := tab.Get("/events"), phone.Get("/events"), bob.Get("/events")
		ssetest.Take(t, ofBob.Body, 1)
		require.Equal(t, http.StatusNoContent, tab.Post("/logout", "text/plain", http.NoBody).StatusCode)
		for _, response := range []*http.Response{ofTab, ofPhone} {
			assert.Equal(t, "data: hello|event: logged-out\ndata: |", blocks(apptest.Text(t, response)))
		}
		synctest.Wait()
		streams, _ := sse.SessionsOf(host.Application())
		assert.Equal(t, 1, streams.Stats().Open)
	})
}

func TestAnn(t *testing.T) {
	host := apptest.Start(t, knownCallers)
	ann := authtest.As(host, users, User{ID: "1", Name: "Ann"})
	require.Equal(t, "Hello, Ann!", apptest.Text(t, ann.Get("/me")))
	require.Equal(t, http.StatusForbidden, ann.Get("/admin").StatusCode)
}
