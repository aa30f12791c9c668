package authentication_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/routing"
)

// The cases of this file are those of Ktor's typed schemes, under their names.

// byPassword is the basic scheme of Ktor's tests: its users are those that find
// returns for a name and the password "pass".
func byPassword(name string, find func(name string) (User, error), change ...func(*authentication.Provider[User])) *authentication.Scheme[User] {
	provider := authentication.Provider[User]{
		Authenticate: func(c *app.Call) (User, error) {
			name, password, given := c.Request.BasicAuth()
			switch {
			case !given:
				return User{}, authentication.ErrNoCredentials
			case password != "pass":
				return User{}, authentication.ErrInvalidCredentials
			default:
				return find(name)
			}
		},
		Challenge: func(*app.Call, error) []string { return []string{`Basic realm="test-realm"`} },
	}
	for _, c := range change {
		c(&provider)
	}
	return authentication.New(name, provider)
}

// one is a table of one user, and anybody one that has whoever asks.
func one(known string) func(string) (User, error) {
	return func(name string) (User, error) {
		if name != known {
			return User{}, authentication.ErrInvalidCredentials
		}
		return User{name}, nil
	}
}

func anybody(name string) (User, error) { return User{name}, nil }

// byToken is the bearer scheme of Ktor's tests.
func byToken(name string) *authentication.Scheme[User] {
	token := authentication.FromAuthorization("Bearer")
	return authentication.New(name, authentication.Provider[User]{
		Authenticate: func(c *app.Call) (User, error) {
			name, found := token(c)
			if !found {
				return User{}, authentication.ErrNoCredentials
			}
			return User{name}, nil
		},
		Challenge: func(*app.Call, error) []string { return []string{"Bearer"} },
	})
}

// says is an answer of one's own.
func says(text string) func(*app.Call, *authentication.UnauthorizedError) error {
	return func(c *app.Call, refused *authentication.UnauthorizedError) error {
		c.SetStatus(refused.StatusCode())
		return c.RespondText(strings.ReplaceAll(text, "CAUSE", causeOf(refused)))
	}
}

func causeOf(err error) string {
	if errors.Is(err, authentication.ErrInvalidCredentials) {
		return "InvalidCredentials"
	}
	return "NoCredentials"
}

func answered(answer func(*app.Call, *authentication.UnauthorizedError) error) func(*authentication.Provider[User]) {
	return func(p *authentication.Provider[User]) { p.OnUnauthorized = answer }
}

// route is what is declared for one path.
type route struct {
	layers  []app.Installable
	handler app.Handler
}

// serve starts an application with routes.
func serve(t *testing.T, routes map[string]route) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			for path, declared := range routes {
				nest(r, declared.layers, func(r *routing.Route) { r.Get(path, declared.handler) })
			}
		})
	})
}

// A want is a request, and what is answered: whose password or token it has
// decides by the form of as, "name:password" or "token".
type want struct {
	path, as string
	status   int
	text     string
}

// assertAll asks for each and compares. An empty text is not looked at.
func assertAll(t *testing.T, host *apptest.Host, wants ...want) {
	t.Helper()
	for _, w := range wants {
		response := host.Get(w.path, credentials(w.as))
		assert.Equal(t, w.status, response.StatusCode, w)
		if text := apptest.Text(t, response); w.text != "" {
			assert.Equal(t, w.text, text, w)
		}
	}
}

func credentials(as string) apptest.RequestOption {
	return func(r *http.Request) {
		name, password, isBasic := strings.Cut(as, ":")
		switch {
		case isBasic:
			r.SetBasicAuth(name, password)
		case as != "":
			r.Header.Set("Authorization", "Bearer "+as)
		}
	}
}

// nameOf answers with the name of who is calling.
func nameOf(scheme *authentication.Scheme[User]) app.Handler {
	return func(c *app.Call) error { return c.RespondText(scheme.Principal(c).Name) }
}

func unreached(t *testing.T) app.Handler {
	return func(*app.Call) error {
		assert.Fail(t, "the handler has run")
		return nil
	}
}

// A Label is another principal.
type Label struct{ Text string }

func TestKtorMapPrincipalTest(t *testing.T) {
	t.Parallel()
	email := func(_ *app.Call, user User) (Label, error) {
		if user.Name == "blocked" {
			return Label{}, authentication.ErrInvalidCredentials
		}
		return Label{user.Name + "@test.com"}, nil
	}
	label := func(scheme *authentication.Scheme[Label]) app.Handler {
		return func(c *app.Call) error {
			principal, known := scheme.Get(c)
			if !known {
				principal.Text = "anonymous"
			}
			return c.RespondText(principal.Text)
		}
	}
	t.Run("mapped simple scheme exposes mapped principal", func(t *testing.T) {
		t.Parallel()
		mapped := authentication.Map(byPassword("mapped", anybody), email)
		assertAll(t, serve(t, map[string]route{"/me": {[]app.Installable{authentication.Require(mapped)}, label(mapped)}}),
			want{"/me", "user:pass", 200, "user@test.com"}, want{"/me", "blocked:pass", 401, "Unauthorized"},
			want{"/me", "", 401, "Unauthorized"}, want{"/me", "wrong:creds", 401, "Unauthorized"})
	})
	t.Run("original and mapped schemes sharing a provider protect different routes", func(t *testing.T) {
		t.Parallel()
		original := byPassword("shared", one("user"))
		mapped := authentication.Map(original, email)
		assertAll(t, serve(t, map[string]route{
			"/original": {[]app.Installable{authentication.Require(original)}, nameOf(original)},
			"/mapped":   {[]app.Installable{authentication.Require(mapped)}, label(mapped)},
		}), want{"/original", "user:pass", 200, "user"}, want{"/mapped", "user:pass", 200, "user@test.com"})
	})
	t.Run("mapPrincipal transform exceptions propagate", func(t *testing.T) {
		t.Parallel()
		mapped := authentication.Map(byPassword("throwing", one("user")), func(*app.Call, User) (Label, error) {
			return Label{}, errors.New("mapping failed")
		})
		panics := authentication.Map(byPassword("panicking", one("user")), func(*app.Call, User) (Label, error) {
			panic("mapping failed")
		})
		assertAll(t, serve(t, map[string]route{
			"/me":    {[]app.Installable{authentication.Require(mapped)}, unreached(t)},
			"/panic": {[]app.Installable{authentication.Require(panics)}, unreached(t)},
		}), want{"/me", "user:pass", 500, "Internal Server Error"}, want{"/panic", "user:pass", 500, "Internal Server Error"})
	})
	t.Run("optional authentication allows missing credentials but rejects null mapping", func(t *testing.T) {
		t.Parallel()
		mapped := authentication.Map(byPassword("optional", anybody), email)
		assertAll(t, serve(t, map[string]route{"/me": {[]app.Installable{authentication.Optional(mapped)}, label(mapped)}}),
			want{"/me", "", 200, "anonymous"}, want{"/me", "admin:pass", 200, "admin@test.com"}, want{"/me", "blocked:pass", 401, "Unauthorized"})
	})
	t.Run("unauthorized handlers receive invalid credentials for null mapping", func(t *testing.T) {
		t.Parallel()
		base := byPassword("unauth", one("user"), answered(says("scheme:CAUSE")))
		mapped := authentication.Map(base, func(*app.Call, User) (Label, error) { return Label{}, authentication.ErrInvalidCredentials })
		assertAll(t, serve(t, map[string]route{
			"/scheme": {[]app.Installable{authentication.Require(mapped)}, unreached(t)},
			"/route":  {[]app.Installable{answering(says("route:CAUSE"), mapped)}, unreached(t)},
		}), want{"/scheme", "user:pass", 401, "scheme:InvalidCredentials"}, want{"/route", "user:pass", 401, "route:InvalidCredentials"})
	})
}

func TestKtorMultipleSchemeTest(t *testing.T) {
	t.Parallel()
	t.Run("anyOf accepts matching schemes and rejects when none match", func(t *testing.T) {
		t.Parallel()
		type Email interface{ Email() string }
		basic, bearer := byPassword("multi-basic", anybody), byToken("multi-bearer")
		anyOf := authentication.AnyOf("multi",
			authentication.Map(basic, func(_ *app.Call, u User) (Email, error) { return email(u.Name + "@basic.com"), nil }),
			authentication.Map(bearer, func(_ *app.Call, u User) (Email, error) { return email(u.Name + "@bearer.com"), nil }))
		assertAll(t, serve(t, map[string]route{"/profile": {[]app.Installable{authentication.Require(anyOf)}, func(c *app.Call) error {
			return c.RespondText(anyOf.Principal(c).Email())
		}}}), want{"/profile", "alice:pass", 200, "alice@basic.com"}, want{"/profile", "tok", 200, "tok@bearer.com"}, want{"/profile", "", 401, ""})
	})
	t.Run("anyOf with custom onUnauthorized handler", func(t *testing.T) {
		t.Parallel()
		anyOf := authentication.AnyOf("any", byPassword("admin", one("superadmin")), byPassword("user", one("ordinaryuser")))
		own := func(c *app.Call, _ *authentication.UnauthorizedError) error { return c.RespondText("Unauthorized") }
		assertAll(t, serve(t, map[string]route{"/any": {[]app.Installable{answering(own, anyOf)}, nameOf(anyOf)}}),
			want{"/any", "", 200, "Unauthorized"}, want{"/any", "ordinaryuser:pass", 200, "ordinaryuser"})
	})
	t.Run("anyOf uses first scheme onUnauthorized when route handler is absent", func(t *testing.T) {
		t.Parallel()
		own := func(c *app.Call, _ *authentication.UnauthorizedError) error {
			return c.RespondText("First scheme unauthorized")
		}
		first, second := byPassword("first", anybody, answered(own)), byPassword("second", anybody)
		anyOf := authentication.AnyOf("any", first, second)
		assertAll(t, serve(t, map[string]route{
			"/any":  {[]app.Installable{authentication.Require(anyOf)}, unreached(t)},
			"/list": {[]app.Installable{authentication.Require(first, second)}, unreached(t)},
		}), want{"/any", "", 200, "First scheme unauthorized"}, want{"/list", "", 200, "First scheme unauthorized"})
	})
}

type email string

func (e email) Email() string { return string(e) }

func TestKtorNestedRoutesTest(t *testing.T) {
	t.Parallel()
	t.Run("nested and deeply nested routes inherit authentication", func(t *testing.T) {
		t.Parallel()
		basic := byPassword("nested", anybody)
		named := func(prefix string) app.Handler {
			return func(c *app.Call) error { return c.RespondText(prefix + ":" + basic.Principal(c).Name) }
		}
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Group(func(r *routing.Route) {
					r.Install(authentication.Require(basic))
					r.Route("/api", func(r *routing.Route) {
						r.Get("/users", named("users"))
						r.Get("/items", named("items"))
						r.Route("/v2", func(r *routing.Route) {
							r.Route("/admin", func(r *routing.Route) { r.Get("/deep", named("deep")) })
						})
					})
				})
			})
		})
		assertAll(t, host, want{"/api/users", "user:pass", 200, "users:user"}, want{"/api/items", "user:pass", 200, "items:user"},
			want{"/api/v2/admin/deep", "user:pass", 200, "deep:user"}, want{"/api/users", "", 401, ""}, want{"/api/v2/admin/deep", "", 401, ""})
	})
	t.Run("authenticateWith inside authenticateWith requires both layers", func(t *testing.T) {
		t.Parallel()
		outer, inner := byForm("nested-form", "outer"), byPassword("nested-basic", one("inner"))
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				nest(r, []app.Installable{authentication.Require(outer), authentication.Require(inner)}, func(r *routing.Route) {
					r.Post("/nested", func(c *app.Call) error {
						return c.RespondText(outer.Principal(c).Name + ":" + inner.Principal(c).Name)
					})
				})
			})
		})
		for _, test := range []struct {
			form, basic string
			status      int
			text        string
		}{
			{"outer", "", 401, "Unauthorized"},
			{"", "inner:pass", 401, "Unauthorized"},
			{"outer", "inner:pass", 200, "outer:inner"},
			{"", "", 401, "Unauthorized"},
		} {
			form := url.Values{"user": {test.form}, "password": {"pass"}}
			response := host.Post("/nested", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), credentials(test.basic))
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.text, apptest.Text(t, response))
		}
	})
	t.Run("authenticateWith with roles inside authenticateWith", func(t *testing.T) {
		t.Parallel()
		basic := byPassword("nested", anybody)
		admins := withRoles(basic, "Admin")
		assertAll(t, serve(t, map[string]route{"/admin": {
			[]app.Installable{authentication.Require(basic), authentication.Require(admins)},
			func(c *app.Call) error { return c.RespondText("admin:" + admins.Principal(c).Roles) },
		}}), want{"/admin", "admin:pass", 200, "admin:Admin,User"}, want{"/admin", "user:pass", 403, "Forbidden"}, want{"/admin", "", 401, ""})
	})
}

// byForm is the form scheme of Ktor's tests.
func byForm(name, known string) *authentication.Scheme[User] {
	return authentication.New(name, authentication.Provider[User]{
		Authenticate: func(c *app.Call) (User, error) {
			form, err := c.ReceiveForm()
			switch {
			case err != nil || form.Get("user") == "":
				return User{}, authentication.ErrNoCredentials
			case form.Get("user") != known || form.Get("password") != "pass":
				return User{}, authentication.ErrInvalidCredentials
			default:
				return User{known}, nil
			}
		},
	})
}

func TestKtorOptionalAndAnonymousAuthTest(t *testing.T) {
	t.Parallel()
	t.Run("optional auth returns principal or null", func(t *testing.T) {
		t.Parallel()
		basic := byPassword("optional", one("user"))
		host := serve(t, map[string]route{"/me": {[]app.Installable{authentication.Optional(basic)}, func(c *app.Call) error {
			user, known := basic.Get(c)
			if !known {
				user.Name = "anonymous"
			}
			return c.RespondText(user.Name)
		}}})
		assertAll(t, host, want{"/me", "user:pass", 200, "user"}, want{"/me", "", 200, "anonymous"}, want{"/me", "wrong:creds", 401, "Unauthorized"})
		assert.Equal(t, `Basic realm="test-realm"`, host.Get("/me", credentials("wrong:creds")).Header.Get("WWW-Authenticate"))
	})
	t.Run("anonymous fallback provides guest or authenticated principal", func(t *testing.T) {
		t.Parallel()
		identity := authentication.Map(byPassword("anon", one("user")), func(_ *app.Call, u User) (any, error) { return u, nil })
		guests := authentication.OrAnonymous(identity, func(*app.Call) (any, error) { return Label{"guest"}, nil })
		host := serve(t, map[string]route{"/test": {[]app.Installable{authentication.Require(guests)}, func(c *app.Call) error {
			switch principal := guests.Principal(c).(type) {
			case User:
				return c.RespondText("auth:" + principal.Name)
			case Label:
				return c.RespondText("guest:" + principal.Text)
			default:
				return c.RespondText("unknown")
			}
		}}})
		assertAll(t, host, want{"/test", "", 200, "guest:guest"}, want{"/test", "user:pass", 200, "auth:user"}, want{"/test", "wrong:creds", 401, "Unauthorized"})
		assert.Equal(t, `Basic realm="test-realm"`, host.Get("/test", credentials("wrong:creds")).Header.Get("WWW-Authenticate"))
	})
}

func TestKtorUnauthorizedAndChallengesTest(t *testing.T) {
	t.Parallel()
	plain := byPassword("plain", one("user"))
	own := byPassword("own", one("user"), answered(says("Scheme default")))
	basic, bearer := byPassword("anyof-basic", one("user")), byToken("anyof-bearer")
	perScheme := func(c *app.Call, refused *authentication.UnauthorizedError) error {
		var parts []string
		for _, refusal := range refused.Refusals {
			parts = append(parts, refusal.Scheme+"="+causeOf(refusal.Err))
		}
		c.SetStatus(refused.StatusCode())
		return c.RespondText(strings.Join(parts, ";"))
	}
	for name, test := range map[string]struct {
		layer     app.Installable
		as        string
		text      string
		challenge string
	}{
		"default challenge sends WWW-Authenticate header":                           {authentication.Require(plain), "", "Unauthorized", `Basic realm="test-realm"`},
		"scheme-level onUnauthorized overrides default challenge":                   {authentication.Require(own), "", "Scheme default", ""},
		"route-level onUnauthorized overrides scheme-level":                         {answering(says("Route override"), own), "", "Route override", ""},
		"onUnauthorized receives correct failure cause":                             {answering(says("CAUSE"), plain), "", "NoCredentials", ""},
		"onUnauthorized receives correct failure cause, wrong":                      {answering(says("CAUSE"), plain), "wrong:creds", "InvalidCredentials", ""},
		"authenticateWithAnyOf calls multi onUnauthorized with per-scheme failures": {answering(perScheme, basic, bearer), "", "anyof-basic=NoCredentials;anyof-bearer=NoCredentials", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := serve(t, map[string]route{"/profile": {[]app.Installable{test.layer}, unreached(t)}})
			assertAll(t, host, want{"/profile", test.as, 401, test.text})
			assert.Equal(t, test.challenge, host.Get("/profile", credentials(test.as)).Header.Get("WWW-Authenticate"))
		})
	}
}
