package digest_test

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/digest"
	"github.com/chitor-go/chitor/routing"
)

const realm = "test-realm@ktor.io"

// users are those that the schemes of these tests know.
var users = map[string]string{"user": "pass", "Mufasa": "Circle Of Life", "Jäsøn Doe": "Secret, or not?"}

// lookUp is the DigestProvider of most tests.
func lookUp(_ *app.Call, userName, realm string, algorithm digest.Algorithm) ([]byte, error) {
	password, found := users[userName]
	if !found {
		return nil, nil
	}
	return algorithm.HA1(userName, realm, password), nil
}

// resolve is a UserHashResolver.
func resolve(_ *app.Call, userHash, realm string, algorithm digest.Algorithm) (string, error) {
	for name := range users {
		if algorithm.UserHash(name, realm) == userHash {
			return name, nil
		}
	}
	return "", nil
}

// scheme is one with these users, changed by what is given.
func scheme(changes ...func(*digest.Config[string])) *authentication.Scheme[string] {
	return digest.New("users", func(c *digest.Config[string]) {
		c.Realm, c.DigestProvider = realm, lookUp
		for _, change := range changes {
			change(c)
		}
	})
}

func algorithms(all ...digest.Algorithm) func(*digest.Config[string]) {
	return func(c *digest.Config[string]) { c.Algorithms = all }
}

func protects(all ...digest.QOP) func(*digest.Config[string]) {
	return func(c *digest.Config[string]) { c.QOP = all }
}

func withUserHash(c *digest.Config[string]) { c.UserHashResolver = resolve }

// guarded is a module whose every path says who is calling, and what was sent.
func guarded(known *authentication.Scheme[string]) app.Module {
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Group(func(r *routing.Route) {
				r.Install(authentication.Require(known))
				answer := func(c *app.Call) error {
					text, err := c.ReceiveText()
					if err != nil {
						return err
					}
					return c.RespondText(known.Principal(c) + ":" + text)
				}
				r.Get("/{...}", answer)
				r.Post("/{...}", answer)
			})
		})
	}
}

func start(t testing.TB, changes ...func(*digest.Config[string])) *apptest.Host {
	t.Helper()
	return apptest.Start(t, guarded(scheme(changes...)))
}

// A client computes digests by itself, as RFC 7616 describes them, and not by the
// code that is tested.
type client struct {
	userName, password string
	userHash           bool
	count              int
	nonce              string
	cnonce             string
	challenge          authentication.Challenge
	sent               string // the last header Authorization
}

func hashOf(algorithm string) func() hash.Hash {
	switch strings.TrimSuffix(algorithm, "-sess") {
	case "SHA-256":
		return sha256.New
	case "SHA-512-256":
		return sha512.New512_256
	default:
		return md5.New
	}
}

func sum(algorithm, text string) string {
	hasher := hashOf(algorithm)()
	_, _ = io.WriteString(hasher, text)
	return hex.EncodeToString(hasher.Sum(nil))
}

// param is a parameter of the challenge.
func (c *client) param(name string) string {
	value, _ := c.challenge.Params.Get(name)
	return value
}

// read takes the first challenge of a response.
func (c *client) read(t testing.TB, response *http.Response) {
	t.Helper()
	require.Equal(t, http.StatusUnauthorized, response.StatusCode)
	all, err := authentication.ParseChallenges(strings.Join(response.Header.Values("WWW-Authenticate"), ", "))
	require.NoError(t, err)
	c.challenge, c.count, c.cnonce = all[0], 0, rand.Text()
	c.nonce = c.param("nonce")
}

// response is the digest for a request (RFC 7616 section 3.4.1).
func (c *client) response(method, uri, qop, count, body string) string {
	algorithm := c.param("algorithm")
	h := func(parts ...string) string { return sum(algorithm, strings.Join(parts, ":")) }
	a1 := h(c.userName, c.param("realm"), c.password)
	if strings.HasSuffix(algorithm, "-sess") {
		a1 = h(a1, c.nonce, c.cnonce)
	}
	a2 := h(method, uri)
	if qop == "auth-int" {
		a2 = h(method, uri, h(body))
	}
	return h(a1, c.nonce, count, c.cnonce, qop, a2)
}

// authorize makes the next header Authorization, with parameters that replace
// others; one that is empty takes it away.
func (c *client) authorize(method, uri, body string, changes ...authentication.Param) string {
	c.count++
	count, qop := fmt.Sprintf("%08x", c.count), "auth"
	if c.param("qop") == "auth-int" {
		qop = "auth-int"
	}
	name, hashed := c.userName, "false"
	if c.userHash {
		name, hashed = sum(c.param("algorithm"), c.userName+":"+c.param("realm")), "true"
	}
	params := authentication.Params{
		{Name: "username", Value: name}, {Name: "realm", Value: c.param("realm")}, {Name: "uri", Value: uri},
		{Name: "algorithm", Value: c.param("algorithm"), Bare: true}, {Name: "nonce", Value: c.nonce}, {Name: "nc", Value: count, Bare: true},
		{Name: "cnonce", Value: c.cnonce}, {Name: "qop", Value: qop, Bare: true}, {Name: "userhash", Value: hashed, Bare: true},
		{Name: "response", Value: c.response(method, uri, qop, count, body)},
	}
	for _, change := range changes {
		for i := range params {
			if params[i].Name == change.Name {
				params[i].Value, params[i].Bare = change.Value, false
			}
		}
		if _, found := params.Get(change.Name); !found {
			params = append(params, change)
		}
	}
	kept := params[:0]
	for _, param := range params {
		if param.Value != "" {
			kept = append(kept, param)
		}
	}
	c.sent = authentication.Challenge{Scheme: "Digest", Params: kept}.String()
	return c.sent
}

// known is a client that knows the password of a user.
func known(name string) *client { return &client{userName: name, password: users[name]} }

// get asks without credentials, and then with them.
func (c *client) get(t testing.TB, host *apptest.Host, path string) *http.Response {
	t.Helper()
	if c.nonce == "" {
		c.read(t, host.Get(path))
	}
	return host.Get(path, apptest.Header("Authorization", c.authorize(http.MethodGet, path, "")))
}

func assertAccepted(t *testing.T, response *http.Response, name string) {
	t.Helper()
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, name+":", apptest.Text(t, response))
}

func assertRefused(t *testing.T, response *http.Response, stale bool) {
	t.Helper()
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	assert.Empty(t, response.Header["Authentication-Info"])
	for _, challenge := range response.Header.Values("WWW-Authenticate") {
		assert.Equal(t, stale, strings.Contains(challenge, "stale=true"), challenge)
	}
}
