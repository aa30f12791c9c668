package ldap_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/plugins/authentication/ldap"
	"github.com/chitor-go/chitor/routing"
)

// asking returns an application whose users are those of a directory.
func asking(directory *ldap.Directory) app.Module {
	users := basic.New("users", func(c *basic.Config[string]) {
		c.Realm = "realm"
		c.Validate = func(c *app.Call, given basic.Credential) (string, error) {
			_, err := directory.Authenticate(c.Context(), given.Name, given.Password)
			return given.Name, err
		}
	})
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText(users.Principal(c)) }).Install(authentication.Require(users))
		})
	}
}

// Ktor's LdapAuthTest, which Ktor does not run.
func TestKtorLdapAuthTest(t *testing.T) {
	server := start(t)
	for name, directory := range map[string]*ldap.Directory{
		"testLoginToServer": byName(t, server), "testCustomLogin": bySearch(t, server),
	} {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, asking(directory))
			as := func(name, password string) *http.Response {
				return host.Get("/", func(r *http.Request) { r.SetBasicAuth(name, password) })
			}
			response := host.Get("/")
			assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
			challenges, err := authentication.ParseChallenges(response.Header.Get("WWW-Authenticate"))
			require.NoError(t, err)
			require.Len(t, challenges, 1)
			assert.Equal(t, "Basic", challenges[0].Scheme)
			realm, _ := challenges[0].Params.Get("realm")
			assert.Equal(t, "realm", realm)
			charset, _ := challenges[0].Params.Get("charset")
			assert.Equal(t, "UTF-8", charset)

			assert.Equal(t, "ann", apptest.Text(t, as("ann", "secret of ann")))
			for name, password := range map[string]string{"ann": "bad-pass", "bad-user": "bad-pass", " \",; \u0419": "pass"} {
				assert.Equal(t, http.StatusUnauthorized, as(name, password).StatusCode)
			}
		})
	}
}
