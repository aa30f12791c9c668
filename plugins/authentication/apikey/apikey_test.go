package apikey_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/apikey"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	asked := 0
	host := serve(t, func(c *apikey.Config[Principal]) {
		c.Sources = []authentication.TokenSource{authentication.FromHeader("X-Key"), authentication.FromQuery("key")}
		c.Validate = func(_ *app.Call, given apikey.Credential) (Principal, error) {
			asked++
			return Principal{given.Key}, nil
		}
	})
	longest := strings.Repeat("x", 8<<10)
	for _, key := range []string{"a", "a b=c, d", "é", longest} {
		assert.Equal(t, http.StatusOK, host.Get("/authenticated", apptest.Header("X-Key", key)).StatusCode, key)
	}
	assert.Equal(t, http.StatusOK, host.Get("/authenticated?key=a").StatusCode)
	assert.Equal(t, 5, asked)
	for _, wrong := range []string{"?key=a%0Ab", "?key=a%00", "?key=" + longest + "x", "?key=", ""} {
		response := host.Get("/authenticated" + wrong)
		assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
		assert.Equal(t, []string{"ApiKey"}, response.Header["Www-Authenticate"])
	}
	assert.Equal(t, 5, asked, "what is no key is refused without asking")
}

func TestNoChallenge(t *testing.T) {
	t.Parallel()
	host := serve(t, func(c *apikey.Config[Principal]) { c.AuthScheme, c.Validate = "", accept("key") })
	assert.NotContains(t, host.Get("/authenticated").Header, "Www-Authenticate")
}

func TestKeysAreNotPrinted(t *testing.T) {
	t.Parallel()
	credential := apikey.Credential{Key: "secret"}
	encoded, err := json.Marshal(credential)
	require.NoError(t, err)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("call", "credential", credential)
	printed := fmt.Sprintf("%v %+v %#v %s %q %v", credential, credential, credential, credential, credential, struct{ C any }{credential})
	assert.NotContains(t, string(encoded)+log.String()+printed, "secret")
	assert.Contains(t, printed, "an API key")
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	err := apptest.StartError(t, guarded(func(c *apikey.Config[Principal]) {
		c.HeaderName, c.AuthScheme, c.Sources = "X Key", "a b", []authentication.TokenSource{nil}
	}))
	for _, text := range []string{
		"the function Validate is nil", `HeaderName "X Key" is not the name of a header`, `AuthScheme "a b" is not a token`, "a source of keys is nil",
	} {
		require.ErrorContains(t, err, text)
	}
	err = apptest.StartError(t, guarded(func(c *apikey.Config[Principal]) { c.Sources = []authentication.TokenSource{} }))
	require.ErrorContains(t, err, "the list of sources is empty")
	require.ErrorContains(t, apptest.StartError(t, guarded(nil)), "the configuration function is nil")
}
