package basic_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/plugins/authentication/bearer"
	"github.com/chitor-go/chitor/plugins/authentication/form"
	"github.com/chitor-go/chitor/routing"
)

// TestUser is the principal of Ktor's tests.
type TestUser struct{ Name, Email string }

func testUser(given authentication.PasswordCredential) (TestUser, error) {
	if given.Name != "user" || given.Password != "pass" {
		return TestUser{}, authentication.ErrInvalidCredentials
	}
	return TestUser{given.Name, given.Name + "@test.com"}, nil
}

// anyone accepts every name.
func anyone(c *basic.Config[TestUser]) {
	c.Validate = func(_ *app.Call, given basic.Credential) (TestUser, error) {
		return TestUser{given.Name, given.Name + "@test.com"}, nil
	}
}

// tokens returns a scheme with one valid token.
func tokens(name string) *authentication.Scheme[TestUser] {
	return bearer.New(name, func(c *bearer.Config[TestUser]) {
		c.Validate = func(_ *app.Call, given bearer.Credential) (TestUser, error) {
			if given.Token != "valid" {
				return TestUser{}, authentication.ErrInvalidCredentials
			}
			return TestUser{"bearer-user", "bearer@test.com"}, nil
		}
	})
}

// show answers with who is calling.
func show(users *authentication.Scheme[TestUser]) app.Handler {
	return func(c *app.Call) error {
		user := users.Principal(c)
		return c.RespondText(user.Name + ":" + user.Email)
	}
}

// routes is a module.
func routes(declare func(*routing.Route)) app.Module {
	return func(a *app.Application) { routing.Routes(a, declare) }
}

// TestKtorBasicSchemesTest has the tests of the branch typed-auth-dsl.
func TestKtorBasicSchemesTest(t *testing.T) {
	t.Parallel()
	t.Run("basic scheme authenticates and rejects", func(t *testing.T) {
		t.Parallel()
		users := basic.New("test-basic", func(c *basic.Config[TestUser]) {
			c.Validate = func(_ *app.Call, given basic.Credential) (TestUser, error) { return testUser(given) }
		})
		host := apptest.Start(t, routes(func(r *routing.Route) { r.Get("/profile", show(users)).Install(authentication.Require(users)) }))
		assert.Equal(t, "user:user@test.com", apptest.Text(t, host.Get("/profile", as("user", "pass"))))
		assert.Equal(t, http.StatusUnauthorized, host.Get("/profile").StatusCode)
		assert.Equal(t, http.StatusUnauthorized, host.Get("/profile", as("wrong", "creds")).StatusCode)
	})

	t.Run("bearer scheme authenticates and rejects", func(t *testing.T) {
		t.Parallel()
		users := tokens("test-bearer")
		host := apptest.Start(t, routes(func(r *routing.Route) { r.Get("/api", show(users)).Install(authentication.Require(users)) }))
		assert.Equal(t, "bearer-user:bearer@test.com", apptest.Text(t, host.Get("/api", authorization("Bearer valid"))))
		assert.Equal(t, http.StatusUnauthorized, host.Get("/api", authorization("Bearer invalid")).StatusCode)
	})

	// No scheme is looked up by its name, so two may have one.
	t.Run("different typed schemes with same name fail fast", func(t *testing.T) {
		t.Parallel()
		first, second := tokens("duplicate-bearer"), tokens("duplicate-bearer")
		host := apptest.Start(t, routes(func(r *routing.Route) {
			r.Get("/first", show(first)).Install(authentication.Require(first))
			r.Get("/second", show(second)).Install(authentication.Require(second))
		}))
		for _, path := range []string{"/first", "/second"} {
			assert.Equal(t, http.StatusOK, host.Get(path, authorization("Bearer valid")).StatusCode)
		}
	})

	t.Run("multiple schemes can protect multiple route blocks", func(t *testing.T) {
		t.Parallel()
		type Admin struct{ level int }
		users := basic.New("user-scheme", anyone)
		admins := bearer.New("admin-scheme", func(c *bearer.Config[Admin]) {
			c.Validate = func(*app.Call, bearer.Credential) (Admin, error) { return Admin{42}, nil }
		})
		host := apptest.Start(t, routes(func(r *routing.Route) {
			r.Get("/user", func(c *app.Call) error { return c.RespondText(users.Principal(c).Email) }).Install(authentication.Require(users))
			r.Get("/admin", func(c *app.Call) error { return c.RespondText(fmt.Sprintf("level=%d", admins.Principal(c).level)) }).
				Install(authentication.Require(admins))
		}))
		assert.Equal(t, "Alice@test.com", apptest.Text(t, host.Get("/user", as("Alice", ""))))
		assert.Equal(t, "level=42", apptest.Text(t, host.Get("/admin", authorization("Bearer token"))))
	})

	t.Run("form scheme authenticates and rejects", func(t *testing.T) {
		t.Parallel()
		users := form.New("test-form", func(c *form.Config[TestUser]) {
			c.Validate = func(_ *app.Call, given form.Credential) (TestUser, error) { return testUser(given) }
		})
		host := apptest.Start(t, routes(func(r *routing.Route) { r.Post("/login", show(users)).Install(authentication.Require(users)) }))
		post := func(fields string) *http.Response {
			return host.Post("/login", "application/x-www-form-urlencoded", strings.NewReader(fields))
		}
		assert.Equal(t, "user:user@test.com", apptest.Text(t, post("user=user&password=pass")))
		assert.Equal(t, http.StatusUnauthorized, post("user=wrong&password=creds").StatusCode)
	})

	t.Run("custom auth context is available in authenticated route", func(t *testing.T) {
		t.Parallel()
		users := basic.New("custom-context", anyone)
		host := apptest.Start(t, routes(func(r *routing.Route) { r.Get("/custom", show(users)).Install(authentication.Require(users)) }))
		assert.Equal(t, "Alice:Alice@test.com", apptest.Text(t, host.Get("/custom", as("Alice", ""))))
	})
}
