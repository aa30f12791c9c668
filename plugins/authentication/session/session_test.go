package session_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/session"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestWhoIsCalling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t)
		assertText(t, browser(host).Get("/me"), http.StatusUnauthorized, "Unauthorized")
		assertText(t, loggedIn(host, "ann").Get("/me"), http.StatusOK, "ann@test.com")
		assertText(t, loggedIn(host, "gone").Get("/me"), http.StatusUnauthorized, "Unauthorized")
		assertText(t, loggedIn(host, "guest").Get("/me"), http.StatusForbidden, "Forbidden")
		assertText(t, loggedIn(host, "broken").Get("/me"), http.StatusInternalServerError, "Internal Server Error")
		assertText(t, browser(host).Get("/maybe"), http.StatusOK, "false")
		assertText(t, loggedIn(host, "ann").Get("/maybe"), http.StatusOK, "ann@test.com true")
		assertText(t, loggedIn(host, "gone").Get("/maybe"), http.StatusUnauthorized, "Unauthorized")
	})
}

// A session that was there before the login has another ID after it.
func TestLoginRenewsTheID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t)
		cookie := func(response *http.Response) string {
			require.Len(t, response.Cookies(), 1)
			return "user_session=" + response.Cookies()[0].Value
		}
		planted := cookie(host.Get("/login?name=mallory"))
		after := cookie(host.Get("/login?name=ann", apptest.Header("Cookie", planted)))
		assertText(t, host.Get("/me", apptest.Header("Cookie", after)), http.StatusOK, "ann@test.com")
		assert.Equal(t, http.StatusUnauthorized, host.Get("/me", apptest.Header("Cookie", planted)).StatusCode)
	})
}

func TestLoginPath(t *testing.T) {
	page := func(c *config) { c.LoginPath = "/login?style=plain" }
	for name, test := range map[string]struct {
		method, path string
		options      []apptest.RequestOption
		status       int
		location     string
	}{
		"GET":               {"GET", "/me?a=1&b=2", nil, 302, "/login?style=plain&return_to=%2Fme%3Fa%3D1%26b%3D2"},
		"a long path":       {"GET", "/me?" + strings.Repeat("x", 1024), nil, 302, "/login?style=plain"},
		"POST":              {"POST", "/me", nil, 302, "/login?style=plain"},
		"navigation":        {"GET", "/me", []apptest.RequestOption{apptest.Header("Sec-Fetch-Mode", "navigate")}, 302, "/login?style=plain&return_to=%2Fme"},
		"a script":          {"GET", "/me", []apptest.RequestOption{apptest.Header("Sec-Fetch-Mode", "cors")}, 401, ""},
		"an event stream":   {"GET", "/me", []apptest.RequestOption{apptest.Header("Accept", "text/event-stream")}, 401, ""},
		"a public page":     {"GET", "/public", nil, 200, ""},
		"an optional login": {"GET", "/maybe", nil, 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := start(t, page)
				response := browser(host).Do(test.method, test.path, nil, test.options...)
				assert.Equal(t, test.status, response.StatusCode)
				assert.Equal(t, test.location, response.Header.Get("Location"))
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		assert.Equal(t, "/login?style=plain&return_to=%2Fme", loggedIn(start(t, page), "gone").Get("/me").Header.Get("Location"))
		assert.Equal(t, http.StatusForbidden, loggedIn(start(t, page), "guest").Get("/me").StatusCode)
	})
}

// The path that is returned to is that of the request, whatever a middleware has
// made of it.
func TestReturnsToWhatWasAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scheme := users(func(c *config) { c.LoginPath = "/login" })
		host := apptest.Start(t, func(a *app.Application) {
			a.Use(func(next http.Handler) http.Handler { return http.StripPrefix("/app", next) })
			site(scheme, sessions.NewMemory())(a)
		})
		assert.Equal(t, "/login?return_to=%2Fapp%2Fme", browser(host).Get("/app/me").Header.Get("Location"))
	})
}

// A page that is guarded by itself is not sent to itself.
func TestLoginPathThatIsGuarded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t, func(c *config) { c.LoginPath = "/me" })
		assert.Equal(t, http.StatusUnauthorized, host.Get("/me").StatusCode)
	})
}

// What is not public asks for no session, and a storage that is down is nobody's
// wrong password.
func TestStorageThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		storage := &failing{Storage: sessions.NewMemory()}
		host := apptest.Start(t, site(users(func(c *config) { c.LoginPath = "/login" }), storage))
		ann := loggedIn(host, "ann")
		storage.down = true
		assertText(t, ann.Get("/public"), http.StatusOK, "public")
		assert.Equal(t, http.StatusInternalServerError, ann.Get("/me").StatusCode)
		assert.Equal(t, http.StatusFound, browser(host).Get("/me").StatusCode, "who has no cookie is not asked for")
		storage.down = false
		assertText(t, ann.Get("/me"), http.StatusOK, "ann@test.com")
	})
}

type failing struct {
	sessions.Storage

	down bool
}

func (s *failing) Load(ctx context.Context, key string) (sessions.Record, error) {
	if s.down {
		return sessions.Record{}, errors.New("the storage is down")
	}
	return s.Storage.Load(ctx, key)
}

// A stream knows when the session ends.
func TestUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scheme := users()
		var until time.Time
		var limited bool
		host := apptest.Start(t, func(a *app.Application) {
			site(scheme, sessions.NewMemory())(a)
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/until", func(c *app.Call) error {
					until, limited = authentication.Until(c)
					return c.RespondText("")
				}).Install(authentication.Require(scheme))
			})
		})
		assert.Equal(t, http.StatusOK, loggedIn(host, "ann").Get("/until").StatusCode)
		assert.True(t, limited)
		assert.WithinDuration(t, time.Now().Add(time.Hour), until, time.Minute)
	})
}

// A stream is refused before it begins, and never redirected.
func TestStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		scheme := users(func(c *config) { c.LoginPath = "/login" })
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(sse.Plugin)
			site(scheme, sessions.NewMemory())(a)
			routing.Routes(a, func(r *routing.Route) {
				r.Group(func(r *routing.Route) {
					r.Install(authentication.Require(scheme))
					r.SSE("/events", func(s *sse.Session) error { return s.SendText(scheme.Principal(s.Call()).Email) })
				})
			})
		})
		assert.Equal(t, http.StatusUnauthorized, browser(host).Get("/events").StatusCode)
		assert.Contains(t, apptest.Text(t, loggedIn(host, "ann").Get("/events")), "data: ann@test.com")
	})
}

// Validate may end a session.
func TestValidateClears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t, func(c *config) {
			c.Validate = func(c *app.Call, _ UserSession) (User, error) { return User{"x"}, sessionOf.Clear(c) }
		})
		assert.Equal(t, http.StatusUnauthorized, loggedIn(host, "ann").Get("/me").StatusCode)
	})
}

// A session that is not good any more can be ended with the refusal.
func TestValidateClearsAndRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t, func(c *config) {
			c.Validate = func(c *app.Call, _ UserSession) (User, error) {
				return User{}, errors.Join(sessionOf.Clear(c), authentication.ErrInvalidCredentials)
			}
		})
		ann := loggedIn(host, "ann")
		assert.Equal(t, http.StatusUnauthorized, ann.Get("/maybe").StatusCode)
		assertText(t, ann.Get("/maybe"), http.StatusOK, "false")
	})
}

func TestMistakes(t *testing.T) {
	answer := func(*app.Call, *authentication.UnauthorizedError) error { return nil }
	for want, scheme := range map[string]*authentication.Scheme[User]{
		"the configuration function is nil": session.New[UserSession, User]("users", sessionOf, nil),
		"the function Validate is nil":      users(func(c *config) { c.Validate = nil }),
		"LoginPath and OnUnauthorized are both set": users(func(c *config) {
			c.LoginPath, c.OnUnauthorized = "/login", answer
		}),
		`LoginPath "https://id.example" is no path of the application`: users(func(c *config) { c.LoginPath = "https://id.example" }),
		"the handle is nil": session.New("users", nil, func(c *config) {
			c.Validate = func(*app.Call, UserSession) (User, error) { return User{}, nil }
		}),
	} {
		err := apptest.StartError(t, site(scheme, sessions.NewMemory()))
		assert.ErrorContains(t, err, want)
	}
}

// Where the installation of the sessions has failed, that is what is said, and not
// that there is none.
func TestSessionsThatAreMistaken(t *testing.T) {
	err := apptest.StartError(t, site(users(), nil))
	require.ErrorContains(t, err, "install Sessions: ")
	assert.NotContains(t, err.Error(), "not installed")
}

// The value of the cookie and what is in the session are in no log.
func TestLogHidesTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t)
		response := host.Get("/login?name=gone")
		value := response.Cookies()[0].Value
		host.Get("/me", apptest.Header("Cookie", "user_session="+value))
		host.Get("/me", apptest.Header("Cookie", "user_session="+value+"x"))
		var log bytes.Buffer
		for _, record := range host.Log() {
			log.WriteString(record.String())
		}
		assert.Contains(t, log.String(), "unauthorized: users: ")
		assert.NotContains(t, log.String(), value)
	})
}
