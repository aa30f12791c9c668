package authentication_test

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
)

// TestNobody: a nil principal without an error, which is how Ktor refuses, and what
// a map returns that has nobody, lets no call in, whatever is made of the scheme.
func TestNobody(t *testing.T) {
	t.Parallel()
	pointers := authentication.New("pointers", authentication.Provider[*User]{
		Authenticate: func(c *app.Call) (*User, error) {
			if name := c.Request.Header.Get("X-User"); name != "" {
				return &User{name}, nil
			}
			return nil, nil
		},
	})
	wrapped := authentication.New("wrapped", authentication.Provider[any]{
		Authenticate: func(*app.Call) (any, error) { var none *User; return none, nil },
	})
	ok := func(c *app.Call) error { return c.RespondText("OK") }
	for name, scheme := range map[string]authentication.Authenticator{
		"a pointer":                pointers,
		"an interface":             authentication.New("any", authentication.Provider[any]{Authenticate: func(*app.Call) (any, error) { return nil, nil }}),
		"a pointer in one":         wrapped,
		"a string":                 lookup[string](),
		"a string of another type": lookup[Name](),
		"a map":                    lookup[map[string]any](),
		"a list":                   lookup[[]string](),
		"one of several":           authentication.AnyOf("any", pointers),
		"or somebody else":         authentication.OrAnonymous(pointers, func(*app.Call) (*User, error) { return &User{"guest"}, nil }),
		"somebody else is nobody":  authentication.OrAnonymous(authentication.Map(byHeader("X-Key"), nobody), func(*app.Call) (*User, error) { return nil, nil }),
		"a role":                   authentication.Map(byHeader("X-Role", always), nobody),
	} {
		for kind, layer := range map[string]app.Installable{
			"required": authentication.Require(scheme), "optional": authentication.Optional(scheme),
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				t.Parallel()
				host := apptest.Start(t, guarded(ok, layer))
				assertAnswer(t, host, 500, "Internal Server Error")
				failed := host.Log().Find("the call failed")
				require.Len(t, failed, 1)
				assert.ErrorContains(t, failed[0].Attrs["error"].(error), "a principal that is nil or empty came without an error: return one that wraps")
			})
		}
	}
	host := apptest.Start(t, guarded(ok, authentication.Require(pointers)))
	assertAnswer(t, host, 200, "OK", "X-User", "ann")
}

// Name is a principal that is only a name.
type Name string

// lookup returns a scheme that lets in what a table says, which is empty.
func lookup[P any]() *authentication.Scheme[P] {
	table := map[string]P{}
	return authentication.New("table", authentication.Provider[P]{
		Authenticate: func(c *app.Call) (P, error) { return table[c.Request.Header.Get("X-Key")], nil },
	})
}

func nobody(*app.Call, User) (*User, error) { return nil, nil }

// always makes a scheme accept every call.
func always(p *authentication.Provider[User]) {
	p.Authenticate = func(*app.Call) (User, error) { return User{"ann"}, nil }
}

// TestUntilOfMaps: what a scheme has said about its end holds, whichever of the
// schemes that are made of it accepts the call.
func TestUntilOfMaps(t *testing.T) {
	t.Parallel()
	end := time.Unix(0, 0).Add(time.Hour)
	tokens := byHeader("X-Token", func(p *authentication.Provider[User]) {
		authenticate := p.Authenticate
		p.Authenticate = func(c *app.Call) (User, error) {
			authentication.HoldsUntil(c, end)
			return authenticate(c)
		}
	})
	admins := authentication.Map(tokens, func(_ *app.Call, u User) (User, error) { return u, authentication.ErrForbidden })
	viewers := authentication.Map(tokens, func(_ *app.Call, u User) (User, error) { return u, nil })
	keys := byHeader("X-Key")
	tell := func(c *app.Call) error {
		until, limited := authentication.Until(c)
		return c.RespondText(fmt.Sprint(limited, until.Equal(end)))
	}
	for name, test := range map[string]struct {
		layers []app.Installable
		want   string
	}{
		"itself, behind a role":  {[]app.Installable{authentication.Require(admins, tokens)}, "true true"},
		"a role, behind a role":  {[]app.Installable{authentication.Require(admins, viewers)}, "true true"},
		"a role in one of them":  {[]app.Installable{authentication.Require(authentication.AnyOf("any", admins, viewers))}, "true true"},
		"another one accepts":    {[]app.Installable{authentication.Require(admins, keys)}, "false false"},
		"another layer asks":     {[]app.Installable{authentication.Require(admins, keys), authentication.Require(viewers)}, "true true"},
		"around one without end": {[]app.Installable{authentication.Require(viewers), authentication.Require(keys)}, "true true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := apptest.Start(t, guarded(tell, test.layers...))
			assertAnswer(t, host, 200, test.want, "X-Token", "ann", "X-Key", "k")
		})
	}
}

// TestStrictest: of an error that wraps several verdicts the strictest counts, and
// none of them is a failure, whatever status is in it.
func TestStrictest(t *testing.T) {
	t.Parallel()
	var verdict error
	users := byHeader("X-User", func(p *authentication.Provider[User]) {
		p.Authenticate = func(*app.Call) (User, error) { return User{}, verdict }
	})
	guests := authentication.OrAnonymous(users, anonymous)
	for name, test := range map[string]struct {
		verdict                     error
		required, optional, orGuest int
	}{
		"without":            {authentication.ErrNoCredentials, 401, 200, 200},
		"without, and wrong": {errors.Join(authentication.ErrNoCredentials, authentication.ErrInvalidCredentials), 401, 401, 401},
		"without, and known": {errors.Join(authentication.ErrNoCredentials, authentication.ErrForbidden), 403, 403, 403},
		"wrong, and 503": {
			fmt.Errorf("%w: %w", authentication.ErrInvalidCredentials, app.NewError(http.StatusServiceUnavailable, "busy")), 401, 401, 401,
		},
		"503 alone": {app.NewError(http.StatusServiceUnavailable, "busy"), 503, 503, 503},
		"401 alone": {app.NewError(http.StatusUnauthorized, "no"), 401, 401, 401},
	} {
		verdict = test.verdict
		for _, asked := range []struct {
			layer app.Installable
			want  int
		}{
			{authentication.Require(users), test.required},
			{authentication.Optional(users), test.optional},
			{authentication.Require(guests), test.orGuest},
		} {
			host := apptest.Start(t, guarded(who(users), asked.layer))
			assert.Equal(t, asked.want, host.Get("/").StatusCode, name)
		}
	}
}

// TestFailuresOfClients: what a client has sent wrong fills no log where another
// scheme accepts the call, and hides no outage where none does.
func TestFailuresOfClients(t *testing.T) {
	t.Parallel()
	failing := func(name string, err error) *authentication.Scheme[User] {
		return byHeader(name, func(p *authentication.Provider[User]) {
			p.Authenticate = func(*app.Call) (User, error) { return User{}, err }
		})
	}
	malformed := failing("malformed", app.NewError(http.StatusBadRequest, "malformed"))
	large := failing("large", &http.MaxBytesError{Limit: 1})
	down := failing("down", errors.New("the table is down"))
	users := byHeader("X-User")
	for name, test := range map[string]struct {
		schemes        []authentication.Authenticator
		nobody, logged int
	}{
		"a header":                {[]authentication.Authenticator{malformed, users}, 400, 0},
		"a body":                  {[]authentication.Authenticator{large, users}, 413, 0},
		"both":                    {[]authentication.Authenticator{malformed, large, users}, 400, 0},
		"an outage":               {[]authentication.Authenticator{down, users}, 500, 1},
		"a header, and an outage": {[]authentication.Authenticator{malformed, down, users}, 500, 1},
		"an outage, and a header": {[]authentication.Authenticator{down, malformed, users}, 500, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := apptest.Start(t, guarded(who(users), authentication.Require(test.schemes...)))
			assert.Equal(t, test.nobody, host.Get("/").StatusCode)
			assertAnswer(t, host, 200, "hello ann", "X-User", "ann")
			assert.Len(t, host.Log().Find("a scheme failed"), test.logged)
		})
	}
}

// TestChallengesOnce: two roles of one scheme have one challenge.
func TestChallengesOnce(t *testing.T) {
	t.Parallel()
	users := byHeader("X-User")
	role := func(_ *app.Call, u User) (User, error) { return u, nil }
	one, other := authentication.Map(users, role), authentication.Map(users, role)
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, guarded(who(users), authentication.Require(one, authentication.AnyOf("any", users, other))))
		response := assertAnswer(t, host, 401, "Unauthorized")
		assert.Equal(t, []string{`X-User realm="test"`}, response.Header["Www-Authenticate"])
	})
}
