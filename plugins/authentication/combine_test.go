package authentication_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
)

// TestSchemesOfSchemes: verdicts go through any number of schemes that are made of
// others as they go through a list, and an inner layer sees nothing else.
func TestSchemesOfSchemes(t *testing.T) {
	t.Parallel()
	page := func(p *authentication.Provider[User]) {
		p.OnUnauthorized = func(c *app.Call, _ *authentication.UnauthorizedError) error {
			c.SetStatus(401)
			return c.RespondText("page")
		}
	}
	a, b, d := byHeader("X-A"), byHeader("X-B"), byHeader("X-D")
	admins := authentication.Map(a, func(_ *app.Call, u User) (User, error) {
		if u.Name != "root" {
			return User{}, authentication.ErrForbidden
		}
		return u, nil
	})
	nested := authentication.AnyOf("outer", authentication.AnyOf("inner", a, b), d)
	roles := authentication.AnyOf("outer", authentication.AnyOf("inner", admins, b), d)
	guests := authentication.OrAnonymous(nested, anonymous)
	members := authentication.Map(guests, func(_ *app.Call, u User) (User, error) {
		if u.Name == "anonymous" {
			return User{}, authentication.ErrNoCredentials
		}
		return u, nil
	})
	paged := authentication.AnyOf("outer", authentication.AnyOf("inner", a, authentication.Map(byHeader("X-P", page), same)), d)
	all := []string{`X-A realm="test"`, `X-B realm="test"`, `X-D realm="test"`}
	for name, test := range map[string]struct {
		shown      *authentication.Scheme[User]
		layers     []app.Installable
		headers    []string
		status     int
		text       string
		challenges []string
	}{
		"nobody":                   {nested, required(nested), nil, 401, "Unauthorized", all},
		"wrong":                    {nested, required(nested), []string{"X-B", "bad"}, 401, "Unauthorized", all},
		"one of the inner":         {nested, required(nested), []string{"X-B", "ann"}, 200, "hello ann", nil},
		"wrong inside, good":       {nested, required(nested), []string{"X-A", "bad", "X-D", "ann"}, 200, "hello ann", nil},
		"known inside":             {nested, required(nested), []string{"X-A", "known"}, 403, "Forbidden", nil},
		"known inside, wrong":      {nested, required(nested), []string{"X-A", "known", "X-D", "bad"}, 403, "Forbidden", nil},
		"an outage inside":         {nested, required(nested), []string{"X-A", "down", "X-D", "bad"}, 500, "Internal Server Error", nil},
		"an outage inside, good":   {nested, required(nested), []string{"X-A", "down", "X-D", "ann"}, 200, "hello ann", nil},
		"no role":                  {roles, required(roles), []string{"X-A", "ann"}, 403, "Forbidden", nil},
		"no role, another":         {roles, required(roles), []string{"X-A", "ann", "X-D", "bob"}, 200, "hello bob", nil},
		"no role of who is in":     {roles, append(required(a), required(roles)...), []string{"X-A", "ann"}, 403, "Forbidden", nil},
		"optional, nobody":         {nested, []app.Installable{authentication.Optional(nested)}, nil, 200, "hello", nil},
		"optional, wrong":          {nested, []app.Installable{authentication.Optional(nested)}, []string{"X-D", "bad"}, 401, "Unauthorized", all},
		"optional, no role":        {roles, []app.Installable{authentication.Optional(roles)}, []string{"X-A", "ann"}, 403, "Forbidden", nil},
		"optional, then required":  {nested, append([]app.Installable{authentication.Optional(nested)}, required(d)...), []string{"X-A", "ann"}, 401, "Unauthorized", all[2:]},
		"a guest":                  {guests, required(guests), nil, 200, "hello anonymous", nil},
		"a guest, wrong":           {guests, required(guests), []string{"X-D", "bad"}, 401, "Unauthorized", all},
		"a guest opens no other":   {guests, append(required(guests), required(nested)...), nil, 401, "Unauthorized", all},
		"no guests":                {members, required(members), nil, 401, "Unauthorized", all},
		"no guests, optional":      {members, []app.Installable{authentication.Optional(members)}, nil, 200, "hello", nil},
		"no guests, known":         {members, required(members), []string{"X-A", "ann"}, 200, "hello ann", nil},
		"the page of one inside":   {paged, required(paged), nil, 401, "page", nil},
		"the page, where a wrong":  {paged, required(paged), []string{"X-D", "bad"}, 401, "page", nil},
		"the page, where a no":     {paged, required(paged), []string{"X-A", "known"}, 403, "Forbidden", nil},
		"the page, where an error": {paged, required(paged), []string{"X-A", "down"}, 500, "Internal Server Error", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := apptest.Start(t, guarded(who(test.shown), test.layers...))
			response := assertAnswer(t, host, test.status, test.text, test.headers...)
			assert.Equal(t, test.challenges, response.Header["Www-Authenticate"])
		})
	}
}

func same(_ *app.Call, u User) (User, error) { return u, nil }

func required(scheme authentication.Authenticator) []app.Installable {
	return []app.Installable{authentication.Require(scheme)}
}
