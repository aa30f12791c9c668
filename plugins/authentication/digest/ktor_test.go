package digest_test

import (
	"encoding/hex"
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

// rfc2617 is the header of the example of RFC 2617 section 3.5, as Ktor's tests
// have it, with another user and response.
func rfc2617(user, realm, response string) string {
	return `Digest username="` + user + `", realm="` + realm + `", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", ` +
		`qop=auth, nc=00000001, cnonce="0a4f113b", response="` + response + `", opaque="5ccc069c403ebaf9f0171e9517f40e41"`
}

const mufasas = "6629fae49393a05397450978507c4ef1"

// ktorDigest is the server of Ktor's DigestTest.
func ktorDigest(t *testing.T, changes ...func(*digest.Config[string])) *apptest.Host {
	t.Helper()
	return start(t, append([]func(*digest.Config[string]){algorithms(digest.MD5), func(c *digest.Config[string]) {
		c.Realm = "testrealm@host.com"
		c.DigestProvider = func(_ *app.Call, userName, realm string, algorithm digest.Algorithm) ([]byte, error) {
			if userName == "missing" {
				return nil, nil
			}
			return algorithm.HA1(userName, realm, "Circle Of Life"), nil
		}
	}}, changes...)...)
}

// The cases are Ktor's DigestTest, under its names. Ktor's default believes every
// nonce; here one has to be the server's, so that the header of the RFC is
// refused, as one whose nonce is stale, and other where Ktor accepts it.
func TestKtorDigestTest(t *testing.T) {
	ask := func(host *apptest.Host, header string) *http.Response {
		return host.Get("/dir/index.html", apptest.Header("Authorization", header))
	}
	mufasa := func() *client { return &client{userName: "Mufasa", password: "Circle Of Life"} }
	t.Run("createExampleChallengeFromRFC", func(t *testing.T) {
		challenge := authentication.Challenge{Scheme: "Digest", Params: authentication.Params{
			{Name: "realm", Value: "testrealm@host.com"}, {Name: "nonce", Value: "dcd98b7102dd2f0e8b11d0f600bfb0c093"},
			{Name: "opaque", Value: "5ccc069c403ebaf9f0171e9517f40e41"}, {Name: "stale", Value: "false", Bare: true},
			{Name: "algorithm", Value: "MD5", Bare: true},
		}}
		assert.Equal(t, `Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", `+
			`opaque="5ccc069c403ebaf9f0171e9517f40e41", stale=false, algorithm=MD5`, challenge.String())
	})
	t.Run("testParseDigestExampleFromRFC", func(t *testing.T) {
		credential, isDigest, err := digest.Parse(rfc2617("Mufasa", "testrealm@host.com", mufasas))
		require.NoError(t, err)
		assert.True(t, isDigest)
		assert.Equal(t, digest.Credential{
			UserName: "Mufasa", Realm: "testrealm@host.com", URI: "/dir/index.html", Algorithm: digest.MD5, QOP: digest.Auth,
			Nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093", NonceCount: "00000001", CNonce: "0a4f113b", Response: mufasas,
		}, credential)
	})
	t.Run("testVerify", func(t *testing.T) {
		credential, _, err := digest.Parse(rfc2617("Mufasa", "testrealm@host.com", mufasas))
		require.NoError(t, err)
		response, _ := digest.Expected(credential, digest.MD5.HA1("Mufasa", "testrealm@host.com", "Circle Of Life"), http.MethodGet, "")
		assert.Equal(t, mufasas, hex.EncodeToString(response))
	})
	t.Run("testValidateFunction", func(t *testing.T) { // with the server's nonces
		host := ktorDigest(t, func(c *digest.Config[string]) {
			c.Validate = func(_ *app.Call, credential digest.Credential) (string, error) {
				if credential.UserName != "admin" {
					return "", authentication.ErrInvalidCredentials
				}
				return credential.UserName, nil
			}
		})
		assertRefused(t, mufasa().get(t, host, "/"), false)
		admin := &client{userName: "admin", password: "Circle Of Life"}
		assertAccepted(t, admin.get(t, host, "/"), "admin")
	})
	t.Run("testDigestFromRFCExample", func(t *testing.T) { // other
		host := ktorDigest(t)
		assertRefused(t, ask(host, rfc2617("Mufasa", "testrealm@host.com", mufasas)), true)
		assertAccepted(t, mufasa().get(t, host, "/dir/index.html"), "Mufasa")
	})
	t.Run("testDigestFromRFCExampleAuthFailedDueToWrongRealm", func(t *testing.T) {
		assertRefused(t, ask(ktorDigest(t), rfc2617("Mufasa", "testrealm@host.com1", mufasas)), false)
	})
	// Other: what is of no scheme is no credentials.
	t.Run("testBadRequestOnInvalidHeader", func(t *testing.T) {
		assertRefused(t, ask(ktorDigest(t), "D<gest code"), false)
	})
	t.Run("testDigestFromRFCExampleAuthFailed", func(t *testing.T) {
		assertRefused(t, ask(ktorDigest(t), rfc2617("Mufasa", "testrealm@host.com", "bad response goes here  507c4ef1")), false)
	})
	t.Run("testDigestFromRFCExampleAuthFailedDueToMissingUser", func(t *testing.T) {
		assertRefused(t, ask(ktorDigest(t), rfc2617("missing", "testrealm@host.com", mufasas)), false)
	})
	t.Run("testDigestFromRFCExampleAuthFailedDueToWrongNonce", func(t *testing.T) {
		host, user := ktorDigest(t), mufasa()
		assertAccepted(t, user.get(t, host, "/dir/index.html"), "Mufasa")
		last := "0"
		if strings.HasSuffix(user.nonce, last) {
			last = "1"
		}
		changed := strings.Replace(user.sent, user.nonce, user.nonce[:len(user.nonce)-1]+last, 1)
		assertRefused(t, ask(host, changed), false)
	})
}

// The case is DigestSchemeTest of Ktor's branch typed-auth-dsl, under its name.
func TestKtorDigestSchemeTest(t *testing.T) {
	type testUser struct{ name, email string }
	t.Run("digest scheme returns typed principal", func(t *testing.T) {
		users := digest.New("test-digest", func(c *digest.Config[testUser]) {
			c.Realm, c.Algorithms = "testrealm@host.com", []digest.Algorithm{digest.SHA512256}
			c.DigestProvider = func(_ *app.Call, userName, realm string, algorithm digest.Algorithm) ([]byte, error) {
				return algorithm.HA1(userName, realm, "Circle Of Life"), nil
			}
			c.Validate = func(_ *app.Call, credential digest.Credential) (testUser, error) {
				return testUser{credential.UserName, credential.UserName + "@test.com"}, nil
			}
		})
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error {
					return c.RespondText(users.Principal(c).name + ":" + users.Principal(c).email)
				}).Install(authentication.Require(users))
			})
		})
		response := (&client{userName: "Mufasa", password: "Circle Of Life"}).get(t, host, "/")
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "Mufasa:Mufasa@test.com", apptest.Text(t, response))
		assert.Equal(t, http.StatusUnauthorized, host.Get("/").StatusCode)
	})
}
