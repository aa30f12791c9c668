package basic_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/routing"
)

// The examples of RFC 7617, sections 2 and 2.1.
func TestRFC7617(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]basic.Credential{
		"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==": {Name: "Aladdin", Password: "open sesame"},
		"Basic dGVzdDoxMjPCow==":             {Name: "test", Password: "123£"},
		"bAsIc dGVzdDoxMjPCow==":             {Name: "test", Password: "123£"},
	} {
		var given basic.Credential
		host := serve(t, func(c *basic.Config[User]) {
			c.Validate = func(_ *app.Call, credential basic.Credential) (User, error) {
				given = credential
				return User{}, nil
			}
		})
		assert.Equal(t, http.StatusOK, host.Get("/", authorization(header)).StatusCode)
		assert.Equal(t, want.Name, given.Name)
		assert.Equal(t, want.Password, given.Password)
	}
}

// What cannot be read is refused without asking, and what is not there is no
// mistake of the client.
func TestHeaders(t *testing.T) {
	t.Parallel()
	encoded := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	for name, test := range map[string]struct {
		header, charset string
		status          int // where credentials are optional
		asked           bool
	}{
		"none":                     {"", "UTF-8", 200, false},
		"another scheme":           {"Digest a=b", "UTF-8", 200, false},
		"a longer name":            {"Basics dDp0", "UTF-8", 200, false},
		"no name":                  {"=", "UTF-8", 400, false},
		"a header of nothing else": {"\"a\" b", "UTF-8", 400, false},
		"a name alone":             {"Basic", "UTF-8", 401, false},
		"parameters":               {"Basic user=ada, password=x", "UTF-8", 401, false},
		"no Base64":                {"Basic ***", "UTF-8", 401, false},
		"no padding":               {"Basic dDp0MQ", "UTF-8", 401, false},
		"no colon":                 {encoded("ada"), "UTF-8", 401, false},
		"a zero byte":              {encoded("ada:a\x00"), "UTF-8", 401, false},
		"a line break":             {encoded("a\nda:x"), "UTF-8", 401, false},
		"no UTF-8":                 {encoded("ada:\xe9"), "UTF-8", 401, false},
		"too long":                 {encoded("ada:" + strings.Repeat("x", 4096)), "UTF-8", 401, false},
		"Latin-1":                  {encoded("ada:\xe9"), "", 401, true},
		"empty":                    {encoded(":"), "UTF-8", 200, true},
		"a password with a colon":  {encoded("a::a:"), "UTF-8", 401, true},
		"a wrong password":         {encoded("ada:x"), "UTF-8", 401, true},
		"spaces":                   {"Basic   " + encoded("a:a")[6:], "UTF-8", 401, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := false
			users := basic.New("users", func(c *basic.Config[User]) {
				c.Charset = test.charset
				c.Validate = func(c *app.Call, given basic.Credential) (User, error) {
					asked = true
					return byName(c, given)
				}
			})
			host := apptest.Start(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) {
					r.Get("/", func(c *app.Call) error { return c.RespondText("OK") }).Install(authentication.Optional(users))
				})
			})
			var options []apptest.RequestOption
			if test.header != "" {
				options = append(options, authorization(test.header))
			}
			assert.Equal(t, test.status, host.Get("/", options...).StatusCode)
			assert.Equal(t, test.asked, asked)
		})
	}
}

// A realm is text, whatever it is made of.
func TestChallenge(t *testing.T) {
	t.Parallel()
	host := serve(t, func(c *basic.Config[User]) {
		c.Realm = `Access to "/", charset="x\`
		c.Validate = byName
	})
	assert.Equal(t, []string{`Basic realm="Access to \"/\", charset=\"x\\", charset="UTF-8"`}, host.Get("/").Header["Www-Authenticate"])
	host = serve(t, func(c *basic.Config[User]) { c.Validate = byName })
	assert.Equal(t, []string{`Basic realm="Chitor Server", charset="UTF-8"`}, host.Get("/").Header["Www-Authenticate"])
}

// A table that is down is no refusal, and nothing of a credential is logged.
func TestFailures(t *testing.T) {
	t.Parallel()
	host := serve(t, func(c *basic.Config[User]) {
		c.Validate = func(_ *app.Call, given basic.Credential) (User, error) {
			if given.Name == "ada" {
				return User{}, errors.New("the table is down")
			}
			return byName(nil, given)
		}
	})
	assert.Equal(t, http.StatusInternalServerError, host.Get("/", as("ada", "secret")).StatusCode)
	assert.Equal(t, http.StatusUnauthorized, host.Get("/", as("bob", "secret")).StatusCode)
	assert.Equal(t, http.StatusUnauthorized, host.Get("/", authorization("Basic secret")).StatusCode)
	assert.Equal(t, http.StatusBadRequest, host.Get("/", authorization("B<sic secret")).StatusCode)
	log := fmt.Sprint(host.Log())
	assert.Contains(t, log, "the table is down")
	assert.NotContains(t, log, "secret")
}

func TestOnUnauthorized(t *testing.T) {
	t.Parallel()
	host := serve(t, func(c *basic.Config[User]) {
		c.Validate = byName
		c.OnUnauthorized = func(c *app.Call, refused *authentication.UnauthorizedError) error {
			if refused.NoCredentials() {
				return nil
			}
			c.SetStatus(http.StatusTeapot)
			return c.RespondText("no tea")
		}
	})
	assert.Equal(t, http.StatusUnauthorized, host.Get("/").StatusCode)
	assert.Equal(t, "no tea", apptest.Text(t, host.Get("/", as("ada", "x"))))
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	err := apptest.StartError(t, guarded(func(c *basic.Config[User]) { c.Realm, c.Charset = "a\nb", "latin1" }))
	for _, text := range []string{"the function Validate is nil", "the realm has a control character", `charset "latin1": there is UTF-8, and none`} {
		require.ErrorContains(t, err, text)
	}
	require.ErrorContains(t, apptest.StartError(t, guarded(nil)), "the configuration function is nil")
}
