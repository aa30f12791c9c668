package digest_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/digest"
	"github.com/chitor-go/chitor/plugins/methodoverride"
	"github.com/chitor-go/chitor/routing"
)

// A request is accepted once. One that is replayed is told that its nonce is
// stale, without asking the user again.
func TestReplay(t *testing.T) {
	host := start(t)
	user := known("user")
	assertAccepted(t, user.get(t, host, "/page"), "user")
	for range 3 {
		assertRefused(t, host.Get("/page", apptest.Header("Authorization", user.sent)), true)
	}
	assertAccepted(t, user.get(t, host, "/page"), "user")
	assertAccepted(t, user.get(t, host, "/other?with=query"), "user")
}

// Requests that are sent at once may arrive in any order.
func TestParallelRequests(t *testing.T) {
	host := start(t)
	user := known("user")
	user.read(t, host.Get("/"))
	var headers []string
	for range 20 {
		headers = append(headers, user.authorize(http.MethodGet, "/", ""))
	}
	for _, i := range []int{7, 3, 19, 0, 11, 5} {
		assertAccepted(t, host.Get("/", apptest.Header("Authorization", headers[i])), "user")
	}
	assertRefused(t, host.Get("/", apptest.Header("Authorization", headers[3])), true)
}

// What is not for the request that it comes with, or was changed on its way.
func TestForgedCredentials(t *testing.T) {
	host := start(t, withUserHash)
	user := known("user")
	user.read(t, host.Get("/"))
	change := func(name, value string) string {
		return user.authorize(http.MethodGet, "/page", "", authentication.Param{Name: name, Value: value})
	}
	for name, header := range map[string]string{
		"another address":     user.authorize(http.MethodGet, "/other", ""),
		"another query":       user.authorize(http.MethodGet, "/page?admin=1", ""),
		"another method":      user.authorize(http.MethodPost, "/page", ""),
		"another host":        user.authorize(http.MethodGet, "http://other.example/page", ""),
		"a user in the URL":   user.authorize(http.MethodGet, "http://user@localhost/page", ""),
		"the URL changed":     change("uri", "/"),
		"another realm":       change("realm", "other"),
		"another user":        change("username", "Mufasa"),
		"nobody":              change("username", "nobody"),
		"no user":             change("username", ""),
		"two users":           user.authorize(http.MethodGet, "/page", "", authentication.Param{Name: "username*", Value: "UTF-8''user"}),
		"another count":       change("nc", "000000ff"),
		"a count of letters":  change("nc", "0000000g"),
		"a signed count":      change("nc", "+0000001"),
		"a short count":       change("nc", "1"),
		"no count":            change("nc", ""),
		"another cnonce":      change("cnonce", "x"),
		"no cnonce":           change("cnonce", ""),
		"another nonce":       change("nonce", strings.Repeat("A", 32)),
		"no nonce":            change("nonce", ""),
		"MD5":                 change("algorithm", "MD5"),
		"no algorithm":        change("algorithm", ""),
		"unknown algorithm":   change("algorithm", "SHA-1"),
		"auth-int":            change("qop", "auth-int"),
		"no qop":              change("qop", ""),
		"no response":         change("response", ""),
		"an empty response":   strings.Replace(change("response", "x"), `"x"`, `""`, 1),
		"no hex":              change("response", strings.Repeat("x", 64)),
		"half a response":     change("response", strings.Repeat("ab", 16)),
		"a hash that is none": change("userhash", "true"),
		"Latin-1":             user.authorize(http.MethodGet, "/page", "", authentication.Param{Name: "charset", Value: "ISO-8859-1"}),
		"twice":               user.authorize(http.MethodGet, "/page", "") + `, nc=00000001`,
		"an open quote":       user.authorize(http.MethodGet, "/page", "") + `, x="`,
		"huge":                user.authorize(http.MethodGet, "/page", "", authentication.Param{Name: "x", Value: strings.Repeat("x", 9000)}),
		"a token":             "Digest dXNlcjpwYXNz",
		"nothing":             "Digest",
	} {
		t.Run(name, func(t *testing.T) {
			assertRefused(t, host.Get("/page", apptest.Header("Authorization", header)), false)
			log := fmt.Sprint(host.Log())
			for _, secret := range []string{user.nonce, user.cnonce, "00000001"} {
				assert.NotContains(t, log, secret)
			}
		})
	}
	double := func(r *http.Request) { r.Header.Add("Authorization", user.authorize(http.MethodGet, "/page", "")) }
	assertRefused(t, host.Get("/page", double, double), false)
	assertAccepted(t, host.Get("/page", double), "user")
}

// That a nonce is stale is told to those alone who know the password.
func TestStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t)
		user, guess := known("user"), &client{userName: "user", password: "guess"}
		user.read(t, host.Get("/"))
		guess.read(t, host.Get("/"))
		time.Sleep(5 * time.Minute)
		assertRefused(t, guess.get(t, host, "/"), false)
		response := user.get(t, host, "/")
		assertRefused(t, response, true)
		user.read(t, response)
		assertAccepted(t, user.get(t, host, "/"), "user")

		// Another server, or this one before it was started again.
		user.read(t, start(t).Get("/"))
		assertRefused(t, user.get(t, host, "/"), true)
	})
}

// A client is given the next nonce when the one that it has is half as old as it
// may be.
func TestNextNonce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t)
		user := known("user")
		assert.NotContains(t, user.get(t, host, "/").Header.Get("Authentication-Info"), "nextnonce")
		time.Sleep(150 * time.Second)
		_, next, found := strings.Cut(user.get(t, host, "/").Header.Get("Authentication-Info"), `nextnonce="`)
		require.True(t, found)
		user.nonce, user.count = strings.TrimSuffix(next, `"`), 0
		time.Sleep(4 * time.Minute)
		assertAccepted(t, user.get(t, host, "/"), "user")
	})
}

// With auth-int the body is part of what is proven, and the handler receives it.
func TestIntegrity(t *testing.T) {
	host := start(t, protects(digest.AuthInt))
	user := known("user")
	user.read(t, host.Get("/"))
	post := func(body, signed string) *http.Response {
		header := apptest.Header("Authorization", user.authorize(http.MethodPost, "/", signed))
		return host.Post("/", "text/plain", strings.NewReader(body), header)
	}
	response := post("hello", "hello")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "user:hello", apptest.Text(t, response))
	assertRefused(t, post("hello, you", "hello"), false)
	assertRefused(t, post("", "hello"), false)
	long := strings.Repeat("x", 1<<20)
	assert.Equal(t, http.StatusOK, post(long, long).StatusCode)
	assert.Equal(t, http.StatusRequestEntityTooLarge, post(long+"x", long+"x").StatusCode)
}

// A name that is not ASCII comes as it is, encoded, or as a hash.
func TestNames(t *testing.T) {
	host := start(t, withUserHash)
	jason := known("Jäsøn Doe")
	assertAccepted(t, jason.get(t, host, "/"), "Jäsøn Doe")
	extended := []authentication.Param{{Name: "username"}, {Name: "username*", Value: "UTF-8''J%C3%A4s%C3%B8n%20Doe"}}
	assertAccepted(t, host.Get("/", apptest.Header("Authorization", jason.authorize(http.MethodGet, "/", "", extended...))), "Jäsøn Doe")
	for _, wrong := range []string{"ISO-8859-1''J%E4s%F8n", "UTF-8''J%zz", "UTF-8'J", "J"} {
		extended[1].Value = wrong
		assertRefused(t, host.Get("/", apptest.Header("Authorization", jason.authorize(http.MethodGet, "/", "", extended...))), false)
	}
	extended[1].Value, jason.userHash = "UTF-8''J%C3%A4s%C3%B8n%20Doe", true
	assertRefused(t, host.Get("/", apptest.Header("Authorization", jason.authorize(http.MethodGet, "/", "", extended...))), false)
	assertAccepted(t, jason.get(t, host, "/"), "Jäsøn Doe")
}

// The whole address of a request is its target, too.
func TestWholeAddress(t *testing.T) {
	host := start(t)
	user := known("user")
	user.read(t, host.Get("/"))
	assertAccepted(t, host.Get("/page?q=1", apptest.Header("Authorization", user.authorize(http.MethodGet, "http://localhost/page?q=1", ""))), "user")
}

// Method and target are those that the client has sent, whatever plugins make of
// them.
func TestOverriddenMethod(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(methodoverride.Plugin)
		users := scheme()
		routing.Routes(a, func(r *routing.Route) {
			r.Delete("/{...}", func(c *app.Call) error {
				return c.RespondText(c.Request.Method + " by " + users.Principal(c))
			}).Install(authentication.Require(users))
		})
	})
	user, override := known("user"), apptest.Header("X-Http-Method-Override", "DELETE")
	user.read(t, host.Post("/page", "text/plain", http.NoBody, override))
	header := apptest.Header("Authorization", user.authorize(http.MethodPost, "/page", ""))
	assert.Equal(t, "DELETE by user", apptest.Text(t, host.Post("/page", "text/plain", http.NoBody, override, header)))
}

// Over HTTP/2 the target of a request is in a header of its own.
func TestHTTP2(t *testing.T) {
	host := apptest.Start(t, guarded(scheme()), apptest.H2C())
	assertAccepted(t, known("user").get(t, host, "/page?q=1"), "user")
}

// What Validate and the functions that look up users return decides.
func TestDecisions(t *testing.T) {
	down := errors.New("the table is down")
	for want, change := range map[int]func(*digest.Config[string]){
		http.StatusOK: func(*digest.Config[string]) {},
		http.StatusForbidden: func(c *digest.Config[string]) {
			c.Validate = func(*app.Call, digest.Credential) (string, error) { return "", authentication.ErrForbidden }
		},
		http.StatusUnauthorized: func(c *digest.Config[string]) {
			c.Validate = func(*app.Call, digest.Credential) (string, error) { return "", authentication.ErrInvalidCredentials }
		},
		http.StatusInternalServerError: func(c *digest.Config[string]) {
			c.DigestProvider = func(*app.Call, string, string, digest.Algorithm) ([]byte, error) { return nil, down }
		},
		500 + 1000: func(c *digest.Config[string]) {
			c.DigestProvider = func(*app.Call, string, string, digest.Algorithm) ([]byte, error) { return []byte("short"), nil }
		},
		500 + 2000: func(c *digest.Config[string]) {
			c.UserHashResolver = func(*app.Call, string, string, digest.Algorithm) (string, error) { return "", down }
		},
	} {
		host := start(t, change)
		user := known("user")
		user.userHash = want == 2500
		response := user.get(t, host, "/")
		assert.Equal(t, want%1000, response.StatusCode, want)
		assert.Equal(t, want == http.StatusOK, response.Header.Get("Authentication-Info") != "", want)
	}
}

// Validate gets what was proven, and the realm's name of the user.
func TestCredential(t *testing.T) {
	var got digest.Credential
	host := start(t, withUserHash, func(c *digest.Config[string]) {
		c.Validate = func(_ *app.Call, credential digest.Credential) (string, error) {
			got = credential
			return credential.UserName, nil
		}
	})
	user := known("user")
	user.userHash = true
	assertAccepted(t, user.get(t, host, "/page"), "user")
	want := digest.Credential{
		UserName: "user", Realm: realm, URI: "/page", Algorithm: digest.SHA256, QOP: digest.Auth,
		Nonce: user.nonce, NonceCount: "00000001", CNonce: user.cnonce, Response: got.Response,
	}
	assert.Equal(t, want, got)
	assert.Equal(t, "user user user", fmt.Sprintf("%v %+v %#v", got, got, got))
	assert.Equal(t, "user", got.LogValue().String())
}

// All mistakes are reported at once.
func TestMistakes(t *testing.T) {
	require.ErrorContains(t, apptest.StartError(t, guarded(digest.New[string]("users", nil))), "the configuration function is nil")
	err := apptest.StartError(t, guarded(scheme(func(c *digest.Config[string]) {
		*c = digest.Config[string]{Algorithms: []digest.Algorithm{"SHA-1", digest.MD5, digest.MD5}, QOP: []digest.QOP{"unknown", digest.Auth, digest.Auth}}
	})))
	for _, want := range []string{
		"the realm is empty", "the function DigestProvider is nil", `the algorithm "SHA-1" is unknown`, `the algorithm "MD5" is unknown, or stands twice`,
		`the quality of protection "unknown" is unknown`, `"auth" is unknown, or stands twice`, "NonceLifetime is 0s", "MaxNonces is 0",
	} {
		assert.ErrorContains(t, err, want)
	}
	err = apptest.StartError(t, guarded(scheme(algorithms(), protects(), func(c *digest.Config[string]) { c.Realm = "a\nb" })))
	require.ErrorContains(t, err, "the realm has a control character")
	require.ErrorContains(t, err, "the list Algorithms is empty")
	require.ErrorContains(t, err, "the list QOP is empty")
	users := digest.New("users", func(c *digest.Config[int]) { c.DigestProvider = lookUp })
	err = apptest.StartError(t, func(a *app.Application) { a.Install(authentication.Require(users)) })
	require.ErrorContains(t, err, "the function Validate is nil: it makes a int of a credential")
	assert.Nil(t, digest.Algorithm("SHA-1").HA1("user", realm, "pass"))
	assert.Empty(t, digest.Algorithm("SHA-1").UserHash("user", realm))
}

// FuzzParse: whatever stands in Authorization is read without harm, and what is
// read is complete.
func FuzzParse(f *testing.F) {
	f.Add(`Digest username="a\"b", realm="r", nonce=n, uri="/", qop=auth, nc=00000001, cnonce="", response="ab", algorithm=SHA-256`)
	f.Add(`digest username*=UTF-8''%C3%A4, realm="r", nonce=n, uri="/", qop=auth, nc=00000001, cnonce="", response=ab, userhash=true`)
	f.Add(`Basic dXNlcjpwYXNz`)
	f.Fuzz(func(t *testing.T, header string) {
		credential, isDigest, err := digest.Parse(header)
		if !isDigest {
			assert.NoError(t, err)
			assert.False(t, strings.HasPrefix(strings.ToLower(header), "digest "))
			return
		}
		if err == nil {
			assert.Len(t, credential.NonceCount, 8)
			usable, _ := digest.NewStore(time.Minute, 1).Use(credential.Nonce, 1)
			assert.False(t, usable)
			assert.LessOrEqual(t, len(credential.UserName), 8<<10)
		}
	})
}
