package authentication_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/routing"
)

// named accepts one user in a header of its own: the "form" and "basic" of
// Ktor's tests, each of which knows one name.
func named(header, known string) *authentication.Scheme[User] {
	return authentication.New(header, authentication.Provider[User]{
		Authenticate: func(c *app.Call) (User, error) {
			switch name := c.Request.Header.Get(header); name {
			case "":
				return User{}, authentication.ErrNoCredentials
			case known:
				return User{name}, nil
			default:
				return User{}, authentication.ErrInvalidCredentials
			}
		},
		Challenge: func(*app.Call, error) []string { return []string{header} },
	})
}

// asked is a request of a case, by the names in the two headers, and what it
// gets.
type asked struct {
	form, basic string
	status      int
	text        string
}

// The cases are Ktor's AuthBuildersTest, under its names. Those whose comment
// says "other" expect something else on purpose.
func TestKtorAuthBuildersTest(t *testing.T) {
	t.Parallel()
	form, basic := named("Form", "first"), named("Basic", "second")
	require1, require2 := authentication.Require(form), authentication.Require(basic)
	both := func(c *app.Call) error {
		text := ""
		for _, scheme := range []*authentication.Scheme[User]{form, basic} {
			name := "null "
			if user, ok := scheme.Get(c); ok {
				name = user.Name + " "
			}
			text += name
		}
		return c.RespondText(text[:len(text)-1])
	}
	for name, test := range map[string]struct {
		module app.Module
		asked  []asked
	}{
		"testPrincipalsAccess": {guarded(who(form), require1), []asked{{"first", "", 200, "hello first"}}},
		// Other: of nested schemes all are required; one of several is a list.
		"testMultipleConfigurationsNested": {guarded(both, require1, require2), []asked{
			{"nobody", "", 401, ""}, {"first", "", 401, ""}, {"", "second", 401, ""}, {"first", "second", 200, "first second"},
		}},
		"testMultipleRequiredConfigurations": {guarded(both, require1, require2), []asked{
			{"nobody", "", 401, ""}, {"first", "", 401, ""}, {"", "second", 401, ""}, {"first", "second", 200, "first second"},
		}},
		"testMultipleRequiredConfigurationsAccessByName": {guarded(func(c *app.Call) error {
			return c.RespondText(form.Principal(c).Name + " " + basic.Principal(c).Name)
		}, require1, require2), []asked{
			{"nobody", "", 401, ""}, {"first", "", 401, ""}, {"", "second", 401, ""}, {"first", "second", 200, "first second"},
		}},
		"testDefaultConfigurationOverwrittenWithRequired": {guarded(both, require1, require1, require2), []asked{
			{"nobody", "", 401, ""}, {"first", "", 401, ""}, {"", "second", 401, ""}, {"first", "second", 200, "first second"},
		}},
		// Other: the second is required as well, and both have a principal.
		"testRequiredAndDefaultConfigurations": {guarded(both, require1, require2), []asked{
			{"nobody", "", 401, ""}, {"first", "", 401, ""}, {"", "second", 401, ""}, {"first", "second", 200, "first second"},
		}},
		// Other: the optional one has a principal, too.
		"testRequiredAndOptionalConfigurations": {guarded(both, authentication.Optional(form), require2), []asked{
			{"nobody", "", 401, ""}, {"first", "", 401, ""}, {"", "second", 200, "null second"}, {"first", "second", 200, "first second"},
		}},
		// Other: the inner one is required, whatever the outer one has found.
		"testOptionalAndDefaultConfigurations": {guarded(both, authentication.Optional(form), require2), []asked{
			{"nobody", "", 401, ""}, {"first", "", 401, ""}, {"", "second", 200, "null second"}, {"first", "second", 200, "first second"},
		}},
		"testMultipleConfigurations": {guarded(both, authentication.Require(form, basic)), []asked{
			{"nobody", "", 401, ""}, {"first", "", 200, "first null"}, {"", "second", 200, "null second"}, {"first", "second", 200, "first null"},
		}},
		"testNoRouting": {func(a *app.Application) {
			a.Install(require1)
			a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
				return func(c *app.Call) error { return c.RespondText("OK") }
			})
		}, []asked{{"", "", 401, ""}, {"first", "", 200, "OK"}}},
		"testAuthenticateOptionally": {guarded(both, authentication.Optional(form)), []asked{
			{"first", "", 200, "first null"}, {"unknown", "", 401, ""}, {"", "", 200, "null null"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := apptest.Start(t, test.module)
			for _, ask := range test.asked {
				var headers []string
				if ask.form != "" {
					headers = append(headers, "Form", ask.form)
				}
				if ask.basic != "" {
					headers = append(headers, "Basic", ask.basic)
				}
				if ask.status == http.StatusUnauthorized {
					ask.text = "Unauthorized"
				}
				assertAnswer(t, host, ask.status, ask.text, headers...)
			}
		})
	}
}

// The cases are those of AuthBuildersTest that have several routes.
func TestKtorAuthBuildersTest_routes(t *testing.T) {
	t.Parallel()
	first, second := named("First", "first"), named("Second", "second")
	t.Run("testMultipleConfigurationsInstallLevel", func(t *testing.T) {
		t.Parallel()
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Post("/first", func(c *app.Call) error { return c.RespondText("From: " + first.Principal(c).Name) }).Install(authentication.Require(first))
				r.Route("/second", func(r *routing.Route) {
					r.Install(authentication.Require(second))
					r.Post("", func(c *app.Call) error { return c.RespondText("From: " + second.Principal(c).Name) })
				})
			})
		})
		for _, test := range []struct {
			path, header, name string
			status             int
			text               string
		}{
			{"/first", "First", "first", 200, "From: first"},
			{"/second", "Second", "second", 200, "From: second"},
			{"/first", "Second", "second", 401, "Unauthorized"},
			{"/second", "Second", "first", 401, "Unauthorized"},
		} {
			response := host.Post(test.path, "text/plain", http.NoBody, apptest.Header(test.header, test.name))
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.text, apptest.Text(t, response))
		}
	})
	t.Run("testAuthDoesntChangeRoutePriority", func(t *testing.T) {
		t.Parallel()
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/bar:{baz}", func(c *app.Call) error { return c.RespondText("bar") })
				r.Group(func(r *routing.Route) {
					r.Install(authentication.Require(first))
					r.Get("/{baz}", func(c *app.Call) error { return c.RespondText("baz") })
				})
				r.Get("/foo:{baz}", func(c *app.Call) error { return c.RespondText("foo") })
			})
		})
		for path, text := range map[string]string{"/foo:asd": "foo", "/bar:asd": "bar", "/baz": "baz"} {
			assert.Equal(t, text, apptest.Text(t, host.Get(path, with("First", "first"))))
		}
	})
	t.Run("testAuthInterceptorKeepCallParameters", func(t *testing.T) {
		t.Parallel()
		byID := authentication.New("by id", authentication.Provider[User]{
			Authenticate: func(c *app.Call) (User, error) {
				if c.PathParam("id") != "id1" {
					return User{}, errors.New("the parameter is not there")
				}
				return User{"aaa"}, nil
			},
		})
		host := apptest.Start(t, func(a *app.Application) {
			a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					if _, known := byID.Get(c); known {
						return errors.New("nobody was asked yet")
					}
					return next(c)
				}
			})
			routing.Routes(a, func(r *routing.Route) {
				r.Group(func(r *routing.Route) {
					r.Install(authentication.Require(byID))
					r.Get("/{id}", func(c *app.Call) error { return c.RespondText("Id: " + c.PathParam("id")) })
				})
			})
		})
		assert.Equal(t, "Id: id1", apptest.Text(t, host.Get("/id1")))
	})
}

// The cases are those of AuthBuildersTest in which a provider fails. Other: a
// scheme that cannot tell has failed, which is 500 and lets nobody in, where it
// is optional neither; one that has no credentials and an answer of its own is
// what Ktor's challenge is.
func TestKtorAuthBuildersTest_failures(t *testing.T) {
	t.Parallel()
	failing := func(err error, answer func(*app.Call, *authentication.UnauthorizedError) error) *authentication.Scheme[User] {
		return authentication.New("custom", authentication.Provider[User]{
			Authenticate:   func(*app.Call) (User, error) { return User{}, err },
			OnUnauthorized: answer,
		})
	}
	challenge := func(c *app.Call, _ *authentication.UnauthorizedError) error { return c.RespondText("Challenge") }
	for name, test := range map[string]struct {
		scheme                 *authentication.Scheme[User]
		required, optional     int
		requiredAs, optionalAs string
	}{
		"testAuthProviderFailureNoChallenge":                {failing(errors.New("test"), nil), 500, 500, "Internal Server Error", "Internal Server Error"},
		"testAuthProviderFailureNoChallenge, inherited":     {failing(fmt.Errorf("custom: %w", errors.New("test")), nil), 500, 500, "Internal Server Error", "Internal Server Error"},
		"testAuthProviderFailureWithChallenge":              {failing(errors.New("test"), challenge), 500, 500, "Internal Server Error", "Internal Server Error"},
		"testAuthProviderFailureWithChallenge, credentials": {failing(authentication.ErrNoCredentials, challenge), 200, 200, "Challenge", "OK"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			OK := func(c *app.Call) error { return c.RespondText("OK") }
			assertAnswer(t, apptest.Start(t, guarded(OK, authentication.Require(test.scheme))), test.required, test.requiredAs)
			assertAnswer(t, apptest.Start(t, guarded(OK, authentication.Optional(test.scheme))), test.optional, test.optionalAs)
		})
	}
}

// The cases are Ktor's AuthorizeHeaderParserTest, under its names.
func TestKtorAuthorizeHeaderParserTest(t *testing.T) {
	t.Parallel()
	params := func(pairs ...string) authentication.Params {
		var all authentication.Params
		for i := 0; i < len(pairs); i += 2 {
			all = append(all, authentication.Param{Name: pairs[i], Value: pairs[i+1]})
		}
		return all
	}
	basic := func(pairs ...string) []authentication.Challenge {
		return []authentication.Challenge{{Scheme: "Basic", Params: params(pairs...)}}
	}
	for name, test := range map[string]struct {
		values []string
		want   []authentication.Challenge
	}{
		"empty":                   {[]string{"Basic"}, basic()},
		"emptyWithTrailingSpaces": {[]string{"Basic "}, basic()},
		"singleSimple":            {[]string{"Basic abc=="}, []authentication.Challenge{{Scheme: "Basic", Token: "abc=="}}},
		"testParameterizedSimple": {[]string{"Basic a=1", "Basic a =1", "Basic a = 1", "Basic a= 1", "Basic  a=1", "Basic a=1 "}, basic("a", "1")},
		"testParameterizedSimpleTwoParams": {
			[]string{"Basic a=1, b=2", "Basic a=1,b=2", "Basic a=1 ,b=2", "Basic a=1 , b=2", "Basic a=1 , b=2 "}, basic("a", "1", "b", "2"),
		},
		"testParameterizedQuoted":                   {[]string{`Basic a="1 2"`}, basic("a", "1 2")},
		"testParameterizedQuotedEscaped":            {[]string{`Basic a="1 \" 2"`}, basic("a", `1 " 2`)},
		"testParameterizedQuotedEscaped, a letter":  {[]string{`Basic a="1 \A 2"`}, basic("a", "1 A 2")},
		"testParameterizedQuotedEscapedInTheMiddle": {[]string{`Basic a="1 \" 2", b= 2`}, basic("a", `1 " 2`, "b", "2")},
		"testMultipleChallengesParameters": {[]string{"Digest, Bearer 1 = 2, 3=4, Basic "}, []authentication.Challenge{
			{Scheme: "Digest"}, {Scheme: "Bearer", Params: params("1", "2", "3", "4")}, {Scheme: "Basic"},
		}},
		"testMultipleChallengesSingle": {[]string{"Bearer abc==, Bearer abc=def, Basic def===, Digest"}, []authentication.Challenge{
			{Scheme: "Bearer", Token: "abc=="}, {Scheme: "Bearer", Params: params("abc", "def")}, {Scheme: "Basic", Token: "def==="}, {Scheme: "Digest"},
		}},
		"testMultipleChallengesAllHeaders": {[]string{"Basic, Bearer abc=def,Digest abc=="}, []authentication.Challenge{
			{Scheme: "Basic"}, {Scheme: "Bearer", Params: params("abc", "def")}, {Scheme: "Digest", Token: "abc=="},
		}},
	} {
		for _, value := range test.values {
			read, err := authentication.ParseChallenges(value)
			require.NoError(t, err, name)
			assert.Equal(t, test.want, read, name)
			if len(test.want) > 1 {
				continue
			}
			credentials, err := authentication.ParseAuthorization(value)
			require.NoError(t, err, name)
			assert.Equal(t, authentication.Credentials(test.want[0]), credentials, name)
		}
	}
}

// The case is AuthHeadersTest's.
func TestKtorAuthHeadersTest_testInvalidTokenIsNotInException(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"Bearer invalid@token", "Bearer invalid token", `Bearer invalid"token`, "Bearer invâlid-token"} {
		_, err := authentication.ParseAuthorization(value)
		require.Error(t, err)
		assert.NotContains(t, err.Error(), "token")
	}
}
