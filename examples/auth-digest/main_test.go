package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
)

// authorization answers a challenge as a client does, for a GET of /.
func authorization(t *testing.T, response *http.Response, userName, password string) apptest.RequestOption {
	t.Helper()
	require.Equal(t, http.StatusUnauthorized, response.StatusCode)
	challenges, err := authentication.ParseChallenges(response.Header.Get("WWW-Authenticate"))
	require.NoError(t, err)
	realm, _ := challenges[0].Params.Get("realm")
	nonce, _ := challenges[0].Params.Get("nonce")
	h := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	proof := h(h(userName+":"+realm+":"+password) + ":" + nonce + ":00000001:mine:auth:" + h("GET:/"))
	return apptest.Header("Authorization", `Digest username="`+userName+`", realm="`+realm+`", nonce="`+nonce+
		`", uri="/", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="mine", response="`+proof+`"`)
}

// The case is Ktor's ApplicationTest: testAuthRoute.
func TestAuthRoute(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/", authorization(t, host.Get("/"), "jetbrains", "foobar"))
	assert.Equal(t, "Hello, jetbrains!", apptest.Text(t, response))
}

// What Ktor's does not test: who is refused.
func TestRefused(t *testing.T) {
	host := apptest.Start(t, Module)
	assert.Len(t, host.Get("/").Header.Values("WWW-Authenticate"), 3)
	for user, password := range map[string]string{"jetbrains": "password", "nobody": ""} {
		response := host.Get("/", authorization(t, host.Get("/"), user, password))
		assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	}
}
