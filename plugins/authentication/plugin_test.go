package authentication_test

import (
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

func TestConforms(t *testing.T) {
	plugintest.Conform(t, authentication.Require(byHeader("X-User")), plugintest.Layer(),
		plugintest.Request(apptest.Header("X-User", "ann")))
}

// TestVerdicts has what one scheme says, and what is answered.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	users, keys := byHeader("X-User"), byHeader("X-Key")
	host := apptest.Start(t, guarded(who(users, keys), authentication.Require(users, keys)))
	for name, test := range map[string]struct {
		headers    []string
		status     int
		text       string
		challenges []string
	}{
		"nobody":                         {nil, 401, "Unauthorized", []string{`X-User realm="test"`, `X-Key realm="test"`}},
		"wrong":                          {[]string{"X-User", "bad"}, 401, "Unauthorized", []string{`X-User realm="test"`, `X-Key realm="test"`}},
		"the first":                      {[]string{"X-User", "ann"}, 200, "hello ann", nil},
		"the second":                     {[]string{"X-Key", "k"}, 200, "hello k", nil},
		"the first of two that are good": {[]string{"X-User", "ann", "X-Key", "k"}, 200, "hello ann", nil},
		"a wrong one and a good one":     {[]string{"X-User", "bad", "X-Key", "k"}, 200, "hello k", nil},
		"known and not let in":           {[]string{"X-User", "known"}, 403, "Forbidden", nil},
		"known, and wrong":               {[]string{"X-User", "known", "X-Key", "bad"}, 403, "Forbidden", nil},
		"known, and let in by the other": {[]string{"X-User", "known", "X-Key", "k"}, 200, "hello k", nil},
		"a failure":                      {[]string{"X-User", "down"}, 500, "Internal Server Error", nil},
		"a failure, and a wrong one":     {[]string{"X-User", "down", "X-Key", "bad"}, 500, "Internal Server Error", nil},
	} {
		t.Run(name, func(t *testing.T) {
			response := assertAnswer(t, host, test.status, test.text, test.headers...)
			assert.Equal(t, test.challenges, response.Header["Www-Authenticate"])
		})
	}
	assert.Empty(t, host.Log().Find("a scheme failed"))
	assertAnswer(t, host, 200, "hello k", "X-User", "down", "X-Key", "k")
	assert.Len(t, host.Log().Find("a scheme failed"), 1)
}

// TestOptional: calls without credentials, and no others.
func TestOptional(t *testing.T) {
	t.Parallel()
	users, keys := byHeader("X-User"), byHeader("X-Key")
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, guarded(who(users, keys), authentication.Optional(users, keys)))
		assertAnswer(t, host, 200, "hello")
		assertAnswer(t, host, 200, "hello ann", "X-User", "ann")
		assertAnswer(t, host, 401, "Unauthorized", "X-User", "bad")
		assertAnswer(t, host, 401, "Unauthorized", "X-Key", "bad")
		assertAnswer(t, host, 403, "Forbidden", "X-User", "known")
		assertAnswer(t, host, 500, "Internal Server Error", "X-User", "down")
	})
}

// TestNesting: an inner layer never opens what an outer one has closed.
func TestNesting(t *testing.T) {
	t.Parallel()
	users, keys := byHeader("X-User"), byHeader("X-Key")
	for name, inner := range map[string]app.Installable{
		"optional of the other": authentication.Optional(keys),
		"optional of the same":  authentication.Optional(users),
		"skipped": authentication.Plugin.With(func(c *authentication.Config) {
			c.Schemes = []authentication.Authenticator{users}
			c.SkipWhen = func(*app.Call) bool { return true }
		}),
		"either": authentication.Require(users, keys),
	} {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, guarded(who(users), authentication.Require(users), inner))
			assertAnswer(t, host, 401, "Unauthorized")
			assertAnswer(t, host, 401, "Unauthorized", "X-Key", "k")
			assertAnswer(t, host, 200, "hello ann", "X-User", "ann")
		})
	}
	host := apptest.Start(t, guarded(who(users, keys), authentication.Require(users), authentication.Require(keys)))
	assertAnswer(t, host, 401, "Unauthorized", "X-Key", "k")
	assertAnswer(t, host, 401, "Unauthorized", "X-User", "ann")
	assertAnswer(t, host, 200, "hello ann k", "X-User", "ann", "X-Key", "k")
}

// TestAskedOnce: however many layers and schemes ask for it, a scheme is asked
// once for a call that it accepts.
func TestAskedOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	users := byHeader("X-User", func(p *authentication.Provider[User]) {
		authenticate := p.Authenticate
		p.Authenticate = func(c *app.Call) (User, error) { asked++; return authenticate(c) }
	})
	loud := authentication.Map(users, func(_ *app.Call, u User) (User, error) { return User{u.Name + "!"}, nil })
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, guarded(who(users, loud), authentication.Require(users), authentication.Optional(users), authentication.Require(loud)))
		assertAnswer(t, host, 200, "hello ann ann!", "X-User", "ann")
	})
	assert.Equal(t, 1, asked)
}

// TestAnsweredCalls: a preflight, which has no credentials, is CORS's.
func TestAnsweredCalls(t *testing.T) {
	t.Parallel()
	users := byHeader("X-User")
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(cors.Plugin.With(func(c *cors.Config) { c.AnyHost(); c.AllowHeader("X-User"); c.ExposeHeader("WWW-Authenticate") }))
			a.Install(authentication.Require(users))
			routing.Routes(a, func(r *routing.Route) { r.Get("/", who(users)) })
		})
		preflight := host.Do(http.MethodOptions, "/", nil, with("Origin", "https://a.example",
			"Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "X-User"))
		assert.Equal(t, http.StatusOK, preflight.StatusCode)
		refused := assertAnswer(t, host, 401, "Unauthorized", "Origin", "https://a.example")
		assert.Equal(t, "*", refused.Header.Get("Access-Control-Allow-Origin"), "a page may read that it is refused, and why")
		assert.Equal(t, "WWW-Authenticate", refused.Header.Get("Access-Control-Expose-Headers"))
		assert.Equal(t, `X-User realm="test"`, refused.Header.Get("WWW-Authenticate"))
		assertAnswer(t, host, 200, "hello ann", "Origin", "https://a.example", "X-User", "ann")
		assert.Equal(t, http.StatusUnauthorized, host.Get("/nobody").StatusCode, "on the application it sees every call")
	})
}

// TestRefusalsGoNoFurther: plugins further in hear nothing of a refused call, also
// where it is answered with a page.
func TestRefusalsGoNoFurther(t *testing.T) {
	t.Parallel()
	users := byHeader("X-User", func(p *authentication.Provider[User]) {
		p.OnUnauthorized = func(c *app.Call, _ *authentication.UnauthorizedError) error { return c.RespondRedirect("/login") }
	})
	var heard []string
	inner := app.NewLayer("Inner", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		b.OnCall(func(c *app.Call) error { heard = append(heard, users.Principal(c).Name); return nil })
		return nil
	})
	guard := authentication.Plugin.With(func(c *authentication.Config) {
		c.Schemes = []authentication.Authenticator{users}
		c.OnForbidden = func(c *app.Call, _ *authentication.ForbiddenError) error { return c.RespondText("not you") }
	})
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, guarded(who(users), guard, inner))
		client := host.NewClient(apptest.NoRedirects())
		for user, want := range map[string]int{"": 302, "bad": 302, "known": 200, "down": 500, "ann": 200} {
			assert.Equal(t, want, client.Get("/", with("X-User", user)).StatusCode, user)
		}
		assert.Equal(t, []string{"ann"}, heard)
		assert.Len(t, host.Log().AtLeast(slog.LevelWarn), 1, "the outage")
	})
}

// TestStreams: a stream is refused before its head, and never by a redirect.
func TestStreams(t *testing.T) {
	t.Parallel()
	users := byHeader("X-User", func(p *authentication.Provider[User]) {
		p.OnUnauthorized = func(c *app.Call, _ *authentication.UnauthorizedError) error { return c.RespondRedirect("/login") }
	})
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.New(t, mode)
		host.Start(func(a *app.Application) {
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.Install(authentication.Require(users))
				r.SSE("/events", func(s *sse.Session) error { return s.SendText(users.Principal(s.Call()).Name) })
				r.Post("/answer", func(c *app.Call) error {
					return sse.Respond(c, func(s *sse.Session) error { return s.SendText("answer") })
				})
				r.Get("/page", who(users))
			})
		})
		client := host.NewClient(apptest.NoRedirects())
		for name, test := range map[string]struct {
			method, path, accept string
			want                 int
		}{
			"a route":              {http.MethodGet, "/events", "*/*", 401},
			"a route, by HEAD":     {http.MethodHead, "/events", "*/*", 401},
			"an EventSource":       {http.MethodGet, "/events", "text/event-stream", 401},
			"a stream by Respond":  {http.MethodPost, "/answer", "text/html, Text/Event-Stream;q=0.5", 401},
			"the same, for others": {http.MethodPost, "/answer", "text/html", 302},
			"a page":               {http.MethodGet, "/page", "text/html", 302},
		} {
			response := client.Do(test.method, test.path, nil, apptest.Header("Accept", test.accept))
			assert.Equal(t, test.want, response.StatusCode, name)
			assert.NotContains(t, response.Header.Get("Content-Type"), "event-stream", name)
		}
		assert.Equal(t, http.StatusMethodNotAllowed, client.Do(http.MethodPut, "/page", nil).StatusCode)
		assert.Equal(t, http.StatusNotFound, client.Get("/nobody").StatusCode)
		assert.Equal(t, "data: ann\r\n\r\n", apptest.Text(t, client.Get("/events", with("X-User", "ann"))))
	})
}

// TestOwnAnswers has what a layer answers in place of its schemes.
func TestOwnAnswers(t *testing.T) {
	t.Parallel()
	page := func(p *authentication.Provider[User]) {
		p.OnUnauthorized = func(c *app.Call, _ *authentication.UnauthorizedError) error {
			c.SetStatus(401)
			return c.RespondText("page")
		}
	}
	users, keys := byHeader("X-User", page), byHeader("X-Key")
	for name, test := range map[string]struct {
		layer   app.Installable
		headers []string
		status  int
		text    string
	}{
		"of a scheme":            {authentication.Require(users), nil, 401, "page"},
		"of the one that has it": {authentication.Require(keys, users), nil, 401, "page"},
		"of the layer": {answering(func(c *app.Call, refused *authentication.UnauthorizedError) error {
			c.SetStatus(http.StatusTeapot)
			return c.RespondText(refused.Error())
		}, users), []string{"X-User", "bad"}, 418, "unauthorized: X-User: X-User is unknown: invalid credentials"},
		"that leaves it": {answering(func(*app.Call, *authentication.UnauthorizedError) error { return nil }, users), nil, 401, "Unauthorized"},
		"that fails":     {answering(func(*app.Call, *authentication.UnauthorizedError) error { return errors.New("broken") }, users), nil, 500, "Internal Server Error"},
		"with the challenges": {answering(func(c *app.Call, refused *authentication.UnauthorizedError) error {
			return c.RespondText(refused.Challenges[0])
		}, users), nil, 200, `X-User realm="test"`},
		"to 403": {authentication.Plugin.With(func(c *authentication.Config) {
			c.Schemes = []authentication.Authenticator{users}
			c.OnForbidden = func(c *app.Call, refused *authentication.ForbiddenError) error {
				c.SetStatus(refused.StatusCode())
				return c.RespondText("not you: " + refused.Error())
			}
		}), []string{"X-User", "known"}, 403, "not you: forbidden: X-User: forbidden"},
	} {
		t.Run(name, func(t *testing.T) {
			assertAnswer(t, apptest.Start(t, guarded(who(users), test.layer)), test.status, test.text, test.headers...)
		})
	}
}

// answering is Require with an answer of its own.
func answering(
	answer func(*app.Call, *authentication.UnauthorizedError) error, schemes ...authentication.Authenticator,
) app.Installable {
	return authentication.Plugin.With(func(c *authentication.Config) { c.Schemes, c.OnUnauthorized = schemes, answer })
}

// TestStatusPages sees refusals by their type and by their status.
func TestStatusPages(t *testing.T) {
	t.Parallel()
	users := byHeader("X-User")
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, guarded(who(users), authentication.Require(users)))
		assertAnswer(t, host, 401, "Unauthorized")
		host = apptest.Start(t, func(a *app.Application) {
			a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
				statuspages.Exception(c, func(c *app.Call, err *authentication.UnauthorizedError) error {
					c.SetStatus(err.StatusCode())
					return c.RespondText("who are you?")
				})
			}))
			guarded(who(users), authentication.Require(users))(a)
		})
		response := assertAnswer(t, host, 401, "who are you?")
		assert.Equal(t, []string{`X-User realm="test"`}, response.Header["Www-Authenticate"])
		host = apptest.Start(t, func(a *app.Application) {
			a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
				c.Status(http.StatusUnauthorized, func(c *app.Call, _ int) error { return c.RespondText("log in") })
			}))
			guarded(who(users), authentication.Require(users))(a)
		})
		response = assertAnswer(t, host, 401, "log in")
		assert.Equal(t, []string{`X-User realm="test"`}, response.Header["Www-Authenticate"])
	})
}

// TestMistakes has what Start says of wrong configurations.
func TestMistakes(t *testing.T) {
	t.Parallel()
	users := byHeader("X-User")
	var none *authentication.Scheme[User]
	for text, layer := range map[string]app.Installable{
		"install Authentication: there is no scheme to authenticate by: call authentication.Require(users)": authentication.Require(),
		"install Authentication: a scheme is nil":                                                           authentication.Require(none),
		"a scheme is nil": authentication.Require(nil),
		`scheme "X": the function Authenticate is nil`:                    authentication.Require(authentication.New("X", authentication.Provider[User]{})),
		"Authentication: a scheme is empty: New of its package makes one": authentication.Require(&authentication.Scheme[User]{}),
		`scheme "any": a scheme is empty`:                                 authentication.Require(authentication.AnyOf("any", &authentication.Scheme[User]{})),
		`scheme "unknown": a scheme is empty`:                             authentication.Require(authentication.OrAnonymous(&authentication.Scheme[User]{}, anonymous)),
		`Authentication: scheme "": the function Authenticate is nil`:     authentication.Require(authentication.New("", authentication.Provider[User]{})),
		`scheme "": a scheme has no name`:                                 authentication.Require(byHeader("")),
		`scheme "any": a scheme is nil`:                                   authentication.Require(authentication.AnyOf("any", users, none)),
		`scheme "any": there is no scheme to choose from`:                 authentication.Require(authentication.AnyOf[User]("any")),
		`scheme "X-User": the function of Map is nil`:                     authentication.Require(authentication.Map[User, int](users, nil)),
		`scheme "X-User": the function of OrAnonymous is nil`:             authentication.Require(authentication.OrAnonymous(users, nil)),
		`scheme "unknown": a scheme is nil`:                               authentication.Require(authentication.Map(none, func(*app.Call, User) (int, error) { return 0, nil })),
		`Authentication: scheme "X-User": the table is missing`:           authentication.Require(authentication.OrAnonymous(byHeader("X-User", mistaken), anonymous)),
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			assertMistake(t, guarded(who(), layer), text)
		})
	}
}

func mistaken(p *authentication.Provider[User]) { p.Mistake = errors.New("the table is missing") }

func anonymous(*app.Call) (User, error) { return User{"anonymous"}, nil }

// TestPrincipal: a route that does not require it must not go on with nobody.
func TestPrincipal(t *testing.T) {
	t.Parallel()
	users := byHeader("X-User")
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, guarded(func(c *app.Call) error { return c.RespondText(users.Principal(c).Name) }, authentication.Optional(users)))
		assertAnswer(t, host, 200, "ann", "X-User", "ann")
		assertAnswer(t, host, 500, "Internal Server Error")
		failed := host.Log().Find("the call failed")
		require.Len(t, failed, 1)
		assert.ErrorContains(t, failed[0].Attrs["error"].(error), "no principal of X-User: the route / does not require it")
	})
}

// TestUntil: the earliest end of what has accepted the call.
func TestUntil(t *testing.T) {
	t.Parallel()
	until := func(hours int) func(*authentication.Provider[User]) {
		return func(p *authentication.Provider[User]) {
			authenticate := p.Authenticate
			p.Authenticate = func(c *app.Call) (User, error) {
				authentication.HoldsUntil(c, time.Unix(0, 0).Add(time.Duration(hours)*time.Hour))
				return authenticate(c)
			}
		}
	}
	early, late := byHeader("X-Early", until(1)), byHeader("X-Late", until(2))
	none := byHeader("X-None")
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, guarded(func(c *app.Call) error {
			end, limited := authentication.Until(c)
			if !limited {
				return c.RespondText("for ever")
			}
			return c.RespondText(end.Sub(time.Unix(0, 0)).String())
		}, authentication.Require(early, late, none), authentication.Optional(late)))
		assertAnswer(t, host, 200, "1h0m0s", "X-Early", "ann")
		assertAnswer(t, host, 200, "1h0m0s", "X-Early", "ann", "X-Late", "ann")
		assertAnswer(t, host, 200, "2h0m0s", "X-Late", "ann")
		assertAnswer(t, host, 200, "2h0m0s", "X-Late", "ann", "X-Early", "bad")
		assertAnswer(t, host, 200, "for ever", "X-None", "ann")
	})
}

// TestOnChecked: in a call that has passed all layers, and in no other.
func TestOnChecked(t *testing.T) {
	t.Parallel()
	users := byHeader("X-User")
	checked := app.NewScopedPlugin("Checked", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		authentication.OnChecked(b, func(c *app.Call) error {
			user, known := users.Get(c)
			if !known {
				return errors.New("it has come too early")
			}
			if user.Name == "eve" {
				return app.NewError(http.StatusForbidden, "not eve")
			}
			return nil
		})
		return nil
	})
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, guarded(who(users), checked, authentication.Require(users)))
		assertAnswer(t, host, 200, "hello ann", "X-User", "ann")
		assertAnswer(t, host, 403, "not eve", "X-User", "eve")
		assertAnswer(t, host, 401, "Unauthorized")

		nothing := app.NewScopedPlugin("Nothing", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
			authentication.OnChecked(b, nil)
			return nil
		})
		assertMistake(t, guarded(who(users), nothing), "the hook is nil")

		// On the application it runs before routes are found.
		for layer, want := range map[string]int{"of the application": 200, "of a route": 500} {
			host := apptest.Start(t, func(a *app.Application) {
				a.Install(checked)
				if layer == "of the application" {
					a.Install(authentication.Require(users))
				}
				guarded(who(users), authentication.Require(users))(a)
			})
			assert.Equal(t, want, host.Get("/", with("X-User", "ann")).StatusCode, layer)
		}
	})
}

// TestErrors: callers can tell why.
func TestErrors(t *testing.T) {
	t.Parallel()
	users := byHeader("X-User")
	synctest.Test(t, func(t *testing.T) {
		var failed error
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(app.NewPlugin("Watch", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
				b.OnCallFailed(func(_ *app.Call, cause error) error { failed = cause; return nil })
				return nil
			}))
			guarded(who(users), authentication.Require(users))(a)
		})
		host.Get("/")
		require.ErrorIs(t, failed, authentication.ErrNoCredentials)
		unauthorized, ok := errors.AsType[*authentication.UnauthorizedError](failed)
		require.True(t, ok)
		assert.True(t, unauthorized.NoCredentials())
		host.Get("/", with("X-User", "bad"))
		require.ErrorIs(t, failed, authentication.ErrInvalidCredentials)
		require.ErrorAs(t, failed, &unauthorized)
		assert.False(t, unauthorized.NoCredentials())
		host.Get("/", with("X-User", "known"))
		require.ErrorIs(t, failed, authentication.ErrForbidden)
	})
}

// What a scheme needs where it is required is looked at when all modules have run.
func TestCheck(t *testing.T) {
	t.Parallel()
	scheme := authentication.New("lacking", authentication.Provider[int]{
		Authenticate: func(*app.Call) (int, error) { return 1, nil },
		Check: func(scope app.Scope) error {
			if _, ok := authentication.Plugin.In(scope); !ok {
				return errors.New("it is not required there")
			}
			return errors.New("something is missing")
		},
	})
	for name, one := range map[string]*authentication.Scheme[int]{
		"itself":      scheme,
		"AnyOf":       authentication.AnyOf("any", scheme),
		"Map":         authentication.Map(scheme, func(_ *app.Call, n int) (int, error) { return n, nil }),
		"OrAnonymous": authentication.OrAnonymous(scheme, func(*app.Call) (int, error) { return 0, nil }),
	} {
		err := apptest.StartError(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Group(func(r *routing.Route) { r.Install(authentication.Require(one)) })
			})
		})
		assert.ErrorContains(t, err, `scheme "lacking": something is missing`, name)
	}
}
