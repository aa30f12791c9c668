package bearer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/bearer"
)

// RFC 6750 section 3: who has no token is told no error.
func TestChallenges(t *testing.T) {
	t.Parallel()
	host := serve(t, func(c *bearer.Config[User]) {
		letMeIn(c)
		c.Realm, c.Scope = "example", "read write"
	})
	assertRefused(t, `Bearer realm="example", scope="read write"`, host.Get("/"))
	assertRefused(t, `Bearer realm="example", scope="read write", error="invalid_token"`, host.Get("/", authorization("Bearer x")))
	assertRefused(t, `Bearer realm="Chitor Server"`, serve(t, func(c *bearer.Config[User]) {
		letMeIn(c)
		c.Realm = "Chitor Server"
	}).Get("/"))
}

// What is no token is refused without asking.
func TestTokens(t *testing.T) {
	t.Parallel()
	var asked []string
	host := serve(t, func(c *bearer.Config[User]) {
		c.Validate = func(_ *app.Call, given bearer.Credential) (User, error) {
			asked = append(asked, given.Token)
			return User{"admin"}, nil
		}
	})
	longest := strings.Repeat("x", 8<<10)
	tokens := []string{"a", "aZ09-._~+/", "YQ==", longest}
	for _, token := range tokens {
		assert.Equal(t, http.StatusOK, host.Get("/", authorization("Bearer "+token)).StatusCode, token)
	}
	assert.True(t, slices.Equal(tokens, asked))
	for _, wrong := range []string{"=", "a=b", "a b", `"a"`, "a,b", "é", "a\tb", "a;b", longest + "x"} {
		assertRefused(t, `Bearer realm="Chitor Server", error="invalid_token"`, host.Get("/", authorization("Bearer "+wrong)))
	}
	assert.Len(t, asked, len(tokens))
}

func TestSources(t *testing.T) {
	t.Parallel()
	host := serve(t, func(c *bearer.Config[User]) {
		letMeIn(c)
		c.Sources = []authentication.TokenSource{
			authentication.FromAuthorization("Bearer"), authentication.FromCookie("token"), authentication.FromQuery("access_token"),
		}
	})
	cookie := apptest.Header("Cookie", "token=letmein")
	assertAccepted(t, "admin", host.Get("/", authorization("Bearer letmein")))
	assertAccepted(t, "admin", host.Get("/", cookie))
	assertAccepted(t, "admin", host.Get("/?access_token=letmein"))
	// The first that is there counts.
	assertRefused(t, `Bearer error="invalid_token"`, host.Get("/", authorization("Bearer x"), cookie))
	assertRefused(t, `Bearer error="invalid_token"`, host.Get("/?access_token=a%0Ab"))
}

func TestForbidden(t *testing.T) {
	t.Parallel()
	host := serve(t, func(c *bearer.Config[User]) {
		c.Validate = func(*app.Call, bearer.Credential) (User, error) { return User{}, authentication.ErrForbidden }
		c.OnUnauthorized = func(c *app.Call, _ *authentication.UnauthorizedError) error { return c.RespondText("log in") }
	})
	assert.Equal(t, http.StatusForbidden, host.Get("/", authorization("Bearer x")).StatusCode)
	assert.Equal(t, "log in", apptest.Text(t, host.Get("/")))
}

func TestTokensAreNotPrinted(t *testing.T) {
	t.Parallel()
	credential := bearer.Credential{Token: "secret"}
	encoded, err := json.Marshal(credential)
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("call", "credential", credential)
	printed := fmt.Sprintf("%v %+v %#v %s %q %v", credential, credential, credential, credential, credential, struct{ C any }{credential})
	assert.NotContains(t, string(encoded)+log.String()+printed, "secret")
	assert.Contains(t, printed, "a token")
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	err := apptest.StartError(t, guarded(func(c *bearer.Config[User]) {
		c.Realm, c.AuthScheme, c.Sources = "a\r\nb", "a b", []authentication.TokenSource{nil}
	}))
	for _, text := range []string{
		"the function Validate is nil", `AuthScheme "a b" is not a token`, "the realm or the scope has a control character",
		"a source of tokens is nil",
	} {
		require.ErrorContains(t, err, text)
	}
	err = apptest.StartError(t, guarded(func(c *bearer.Config[User]) { c.Sources = []authentication.TokenSource{} }))
	require.ErrorContains(t, err, "the list of sources is empty")
	require.ErrorContains(t, apptest.StartError(t, guarded(nil)), "the configuration function is nil")
}
