package authtest_test

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
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// header is what the requests of a client carry.
const header = "Chitor-Test-Principal"

// A Robot is the principal of another type.
type Robot struct{ Serial int }

// locked is a scheme that accepts nobody.
func locked[P any](name string) *authentication.Scheme[P] {
	return authentication.New(name, authentication.Provider[P]{
		Authenticate: func(*app.Call) (P, error) {
			var nobody P
			return nobody, authentication.ErrNoCredentials
		},
	})
}

// guarded has one route behind layers, which tells who calls.
func guarded[P any](scheme *authentication.Scheme[P], layers ...app.Installable) app.Module {
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			for _, layer := range layers {
				r.Install(layer)
			}
			r.Get("/", func(c *app.Call) error {
				if _, limited := authentication.Until(c); limited {
					return errors.New("what a test is let in by has no end")
				}
				principal, known := scheme.Get(c)
				return c.RespondText(fmt.Sprintf("%v %t", principal, known))
			})
		})
	}
}

// assertGets asks for / and compares the status and the text.
func assertGets(t *testing.T, client *apptest.Client, status int, text string, options ...apptest.RequestOption) {
	t.Helper()
	response := client.Get("/", options...)
	assert.Equal(t, status, response.StatusCode)
	assert.Equal(t, text, apptest.Text(t, response))
}

// TestAs: a client is one principal, of one scheme, in one application.
func TestAs(t *testing.T) {
	t.Parallel()
	users, robots := locked[User]("users"), locked[Robot]("robots")
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			module := guarded(users, authentication.Require(users))
			host := apptest.Start(t, module, mode)
			ann, bob := authtest.As(host, users, User{Name: "ann"}), authtest.As(host, users, User{Name: "bob"})
			assertGets(t, ann, 200, "{ann false} true")
			assertGets(t, bob, 200, "{bob false} true")
			assertGets(t, ann, 200, "{ann false} true")
			assertGets(t, host.NewClient(), 401, "Unauthorized")
			assertGets(t, authtest.As(host, robots, Robot{7}), 401, "Unauthorized")
			assertGets(t, authtest.As(host, users, User{}), 200, "{ false} true")

			another := apptest.Start(t, module, mode)
			assertGets(t, another.NewClient(), 401, "Unauthorized")
			assertGets(t, authtest.As(another, users, User{Name: "eve"}), 200, "{eve false} true")
		})
	})
}

// TestAsThroughSchemesOfSchemes: what is made of a scheme does its own part.
func TestAsThroughSchemesOfSchemes(t *testing.T) {
	t.Parallel()
	users, robots := locked[User]("users"), locked[Robot]("robots")
	admins := authentication.Map(users, func(_ *app.Call, user User) (string, error) {
		switch {
		case user.Name == "down":
			return "", errors.New("the table of roles is down")
		case !user.Admin:
			return "", authentication.ErrForbidden
		default:
			return "admin " + user.Name, nil
		}
	})
	machines := authentication.Map(robots, func(_ *app.Call, r Robot) (string, error) {
		return fmt.Sprint("robot ", r.Serial), nil
	})
	anyone := authentication.OrAnonymous(authentication.AnyOf("anyone", admins, machines), func(*app.Call) (string, error) {
		return "anonymous", nil
	})
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, guarded(anyone, authentication.Require(anyone)))
		assertGets(t, host.NewClient(), 200, "anonymous true")
		assertGets(t, authtest.As(host, users, User{Name: "ann", Admin: true}), 200, "admin ann true")
		assertGets(t, authtest.As(host, users, User{Name: "ann"}), 403, "Forbidden")
		assertGets(t, authtest.As(host, users, User{Name: "down"}), 500, "Internal Server Error")
		assertGets(t, authtest.As(host, robots, Robot{7}), 200, "robot 7 true")
		assertGets(t, authtest.As(host, admins, "whoever"), 200, "whoever true")
		assertGets(t, authtest.As(host, anyone, "somebody"), 200, "somebody true")
	})
}

// TestAsBehindSeveralLayers: a client is one principal and no other.
func TestAsBehindSeveralLayers(t *testing.T) {
	t.Parallel()
	users, robots := locked[User]("users"), locked[Robot]("robots")
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, guarded(users, authentication.Require(users), authentication.Require(robots)))
		assertGets(t, authtest.As(host, users, User{Name: "ann"}), 401, "Unauthorized")
		host = apptest.Start(t, guarded(users, authentication.Require(robots, users), authentication.Optional(robots)))
		assertGets(t, authtest.As(host, users, User{Name: "ann"}), 200, "{ann false} true")
		assertGets(t, authtest.As(host, robots, Robot{7}), 200, "{ false} false")
	})
}

// TestAsKeepsCookies of its own, and none of others.
func TestAsKeepsCookies(t *testing.T) {
	t.Parallel()
	users := locked[User]("users")
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Install(authentication.Require(users))
				r.Get("/", func(c *app.Call) error {
					before, _ := c.Cookie("last")
					c.SetCookie(&http.Cookie{Name: "last", Value: users.Principal(c).Name})
					return c.RespondText("last: " + before)
				})
				r.Get("/away", func(c *app.Call) error { return c.RespondRedirect("/") })
			})
		})
		jar := make([]apptest.ClientOption, 1, 2) // room for one more, which is nobody's
		jar[0] = apptest.Cookies()
		ann, bob := authtest.As(host, users, User{Name: "ann"}, jar...), authtest.As(host, users, User{Name: "bob"}, jar...)
		for _, want := range []string{"last: ", "last: ann"} {
			assertGets(t, ann, 200, want)
		}
		assertGets(t, bob, 200, "last: ")
		assertGets(t, ann, 200, "last: ann")
		assert.Equal(t, "last: ann", apptest.Text(t, ann.Get("/away")), "a redirect stays with its user")
		assert.Nil(t, jar[:2][1])
	})
}

// TestAsOpensStreams, which others do not, and which can be found.
func TestAsOpensStreams(t *testing.T) {
	t.Parallel()
	users := locked[User]("users")
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				a.Install(sse.Plugin)
				routing.Routes(a, func(r *routing.Route) {
					r.Install(authentication.Require(users))
					r.SSE("/events", func(s *sse.Session) error {
						if err := s.SendText(users.Principal(s.Call()).Name); err != nil {
							return err
						}
						return s.Delay(time.Hour)
					})
				})
			}, mode)
			assert.Equal(t, http.StatusUnauthorized, host.Get("/events").StatusCode)
			response := authtest.As(host, users, User{Name: "ann"}).Get("/events")
			synctest.Wait()
			streams, _ := sse.SessionsOf(host.Application())
			for s := range streams.All() {
				user, known := users.Get(s.Call())
				assert.True(t, known)
				assert.Equal(t, "ann", user.Name)
				s.Close()
			}
			assert.Equal(t, "data: ann\r\n\r\n", apptest.Text(t, response))
		})
	})
}

// TestForeignHeader: the header says nothing where no test has said who it is,
// and elsewhere nobody guesses it.
func TestForeignHeader(t *testing.T) {
	t.Parallel()
	users, robots := locked[User]("users"), locked[Robot]("robots")
	synctest.Test(t, func(t *testing.T) {
		module := guarded(users, authentication.Require(users))
		var tokens []string
		listening := apptest.Start(t, func(a *app.Application) {
			a.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					tokens = append(tokens, c.Request.Header.Get(header))
					return next(c)
				}
			})
			module(a)
		})
		assertGets(t, authtest.As(listening, users, User{Name: "ann"}), 200, "{ann false} true")
		authtest.As(listening, robots, Robot{7}).Get("/")
		require.Len(t, tokens, 2)
		ann, robot := tokens[0], tokens[1]
		assert.NotEqual(t, ann, robot)
		assert.GreaterOrEqual(t, len(ann), 26, "130 bits")

		production := apptest.Start(t, module)
		for _, token := range []string{"", "ann", ann, robot} {
			assertGets(t, production.NewClient(), 401, "Unauthorized", apptest.Header(header, token))
		}
		for _, token := range []string{"", "ann", robot, ann + ann, ann[1:]} {
			assertGets(t, listening.NewClient(), 401, "Unauthorized", apptest.Header(header, token))
		}
		assertGets(t, listening.NewClient(), 401, "Unauthorized", apptest.Header(header, ann), func(r *http.Request) {
			r.Header.Add(header, ann)
		})
		assertGets(t, listening.NewClient(), 200, "{ann false} true", apptest.Header(header, ann))
	})
}
