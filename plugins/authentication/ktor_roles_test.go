package authentication_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
)

// An Official is a user with roles, which Ktor's withRoles adds.
type Official struct{ Name, Roles string }

// resolve returns the roles of a user.
func resolve(user User) Official {
	switch user.Name {
	case "admin":
		return Official{user.Name, "Admin,User"}
	case "mod":
		return Official{user.Name, "Moderator,User"}
	default:
		return Official{user.Name, "User"}
	}
}

// withRoles lets in who has a role; "" is nobody's, and lets in all.
func withRoles(scheme *authentication.Scheme[User], role string) *authentication.Scheme[Official] {
	return authentication.Map(scheme, func(_ *app.Call, user User) (Official, error) {
		official := resolve(user)
		if !strings.Contains(official.Roles, role) {
			return official, authentication.ErrForbidden
		}
		return official, nil
	})
}

func TestKtorAuthenticationSchemeWithRolesTest(t *testing.T) {
	t.Parallel()
	base := byPassword("role", anybody)
	admins := withRoles(base, "Admin")
	shows := func(scheme *authentication.Scheme[Official]) app.Handler {
		return func(c *app.Call) error {
			official, known := scheme.Get(c)
			if !known {
				return c.RespondText("anonymous")
			}
			return c.RespondText(official.Name + ":" + official.Roles)
		}
	}
	forbidding := func(answer func(c *app.Call) error) app.Installable {
		return authentication.Plugin.With(func(c *authentication.Config) {
			c.Schemes = []authentication.Authenticator{admins}
			c.OnForbidden = func(c *app.Call, _ *authentication.ForbiddenError) error { return answer(c) }
		})
	}
	everybody := withRoles(base, "")
	own := byPassword("own", one("admin"), answered(says("Scheme unauthorized")))
	ownAdmins := withRoles(own, "Admin")
	for name, test := range map[string]struct {
		routes map[string]route
		wants  []want
	}{
		"test role-based authentication flow": {
			map[string]route{"/admin": {[]app.Installable{authentication.Require(admins)}, shows(admins)}},
			[]want{{"/admin", "admin:pass", 200, "admin:Admin,User"}, {"/admin", "user:pass", 403, "Forbidden"}, {"/admin", "", 401, "Unauthorized"}},
		},
		// Other: an answer to 403 of one's own is the layer's alone.
		"route-level onForbidden overrides scheme-level": {
			map[string]route{
				"/default": {[]app.Installable{authentication.Require(admins)}, unreached(t)},
				"/custom": {[]app.Installable{forbidding(func(c *app.Call) error {
					c.SetStatus(http.StatusForbidden)
					return c.RespondText("Route: requires Admin, but got " + resolve(base.Principal(c)).Roles)
				})}, unreached(t)},
			},
			[]want{{"/default", "user:pass", 403, "Forbidden"}, {"/custom", "user:pass", 403, "Route: requires Admin, but got User"}},
		},
		"route-level onUnauthorized overrides scheme-level for role-based auth": {
			map[string]route{
				"/default": {[]app.Installable{authentication.Require(ownAdmins)}, unreached(t)},
				"/custom":  {[]app.Installable{answering(says("Route unauthorized:CAUSE"), ownAdmins)}, unreached(t)},
			},
			[]want{{"/default", "", 401, "Scheme unauthorized"}, {"/custom", "", 401, "Route unauthorized:NoCredentials"}},
		},
		"test optional role-based authentication flow": {
			map[string]route{"/admin": {[]app.Installable{authentication.Optional(admins)}, shows(admins)}},
			[]want{{"/admin", "", 200, "anonymous"}, {"/admin", "user:pass", 403, "Forbidden"}, {"/admin", "admin:pass", 200, "admin:Admin,User"}},
		},
		"onForbidden responds 403 when call is not handled": {
			map[string]route{"/admin": {[]app.Installable{forbidding(func(*app.Call) error { return nil })}, unreached(t)}},
			[]want{{"/admin", "user:pass", 403, "Forbidden"}},
		},
		"roles null skips forbidden but resolves roles": {
			map[string]route{"/any": {[]app.Installable{authentication.Require(everybody)}, shows(everybody)}},
			[]want{{"/any", "user:pass", 200, "user:User"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assertAll(t, serve(t, test.routes), test.wants...)
		})
	}
}
