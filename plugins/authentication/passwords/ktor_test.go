package passwords_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/form"
	"github.com/chitor-go/chitor/plugins/authentication/passwords"
	"github.com/chitor-go/chitor/routing"
)

// The digest of a password is its length there.
func TestKtorUserHashedTableAuthTest_testConfigInlined(t *testing.T) {
	t.Parallel()
	digester := func(text string) []byte { return []byte("ktor-1a2b-" + strconv.Itoa(len(text))) }
	table, err := passwords.NewDigestTable(digester, map[string][]byte{"test": digester("test")})
	require.NoError(t, err)
	scheme := func(name, page string) *authentication.Scheme[string] {
		return form.New(name, func(c *form.Config[string]) {
			c.LoginPath = page
			c.Validate = func(c *app.Call, given form.Credential) (string, error) {
				return given.Name, table.Authenticate(c.Context(), given.Name, given.Password)
			}
		})
	}
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			ok := func(c *app.Call) error { return c.RespondText("ok") }
			r.Post("/redirect", ok).Install(authentication.Require(scheme("redirected", "/unauthorized")))
			r.Post("/deny", ok).Install(authentication.Require(scheme("checkOnly", "")))
		})
	})
	post := func(path string, fields ...string) *http.Response {
		form := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		return host.NewClient(apptest.NoRedirects()).Post(path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	}
	assert.Equal(t, http.StatusUnauthorized, post("/deny").StatusCode)
	redirect := post("/redirect")
	assert.Equal(t, http.StatusFound, redirect.StatusCode)
	assert.Empty(t, apptest.Text(t, redirect))
	assert.Equal(t, http.StatusUnauthorized, post("/deny?user=test&pass=test").StatusCode)
	assert.Equal(t, http.StatusUnauthorized, post("/deny", "user", "test", "password", "bad-pass").StatusCode)
	assert.Equal(t, http.StatusUnauthorized, post("/deny?bad-user=bad-pass", "user", "test").StatusCode)
	accepted := post("/deny", "user", "test", "password", "test")
	assert.Equal(t, http.StatusOK, accepted.StatusCode)
	assert.Equal(t, "ok", apptest.Text(t, accepted))
}
