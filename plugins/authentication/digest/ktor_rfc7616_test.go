package digest_test

import (
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/digest"
)

// credential is what Ktor's tests make by createCredential.
func credential(realm, userName, uri, nonce string, algorithm digest.Algorithm, cnonce string) digest.Credential {
	return digest.Credential{
		UserName: userName, Realm: realm, URI: uri, Algorithm: algorithm, QOP: digest.Auth, Nonce: nonce, NonceCount: "00000001", CNonce: cnonce,
	}
}

func expected(c digest.Credential, password, method, body string) string {
	response, _ := digest.Expected(c, c.Algorithm.HA1(c.UserName, c.Realm, password), method, body)
	return hex.EncodeToString(response)
}

// The cases of Ktor's DigestRFC7616Test that compute, under its names.
func TestKtorDigestRFC7616Test_digests(t *testing.T) {
	const nonce, cnonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093", "0a4f113b"
	t.Run("testRFC7616TestVectors", func(t *testing.T) {
		const realm, path = "http-auth@example.org", "/dir/index.html"
		assert.Equal(t, "4e4b0731c5b9505beb5a6778cae26063644cebafe6969275be09e7bca2b4da6e",
			hex.EncodeToString(digest.SHA256.HA1("Mufasa", realm, "CircleOfLife")))
		assert.Equal(t, "1065210cae09a9f712a625aae28b6119cbb2bb852820f94706624b43328c7b0d",
			expected(credential(realm, "Mufasa", path, nonce, digest.SHA256, cnonce), "CircleOfLife", "GET", ""))
		assert.Len(t, expected(credential(realm, "Mufasa", path, nonce, digest.SHA512256, cnonce), "CircleOfLife", "GET", ""), 64)
		assert.Equal(t, mufasas, expected(credential("testrealm@host.com", "Mufasa", path, nonce, digest.MD5, cnonce), "Circle Of Life", "GET", ""))
	})
	t.Run("testSessionAlgorithms", func(t *testing.T) {
		for _, algorithm := range []digest.Algorithm{digest.SHA256Session, digest.SHA512256Session, digest.MD5Session} {
			h := func(parts ...string) string { return sum(string(algorithm), strings.Join(parts, ":")) }
			want := h(h(h("Mufasa", "r", "CircleOfLife"), nonce, cnonce), nonce, "00000001", cnonce, "auth", h("GET", "/"))
			assert.Equal(t, want, expected(credential("r", "Mufasa", "/", nonce, algorithm, cnonce), "CircleOfLife", "GET", ""))
		}
	})
	t.Run("testQopAuthInt", func(t *testing.T) {
		h := func(parts ...string) string { return sum("SHA-256", strings.Join(parts, ":")) }
		body := h(`{"key": "value"}`)
		c := credential("api@example.org", "user", "/api/data", "abc123", digest.SHA256, "xyz789")
		c.QOP = digest.AuthInt
		want := h(h("user", "api@example.org", "pass"), "abc123", "00000001", "xyz789", "auth-int", h("POST", "/api/data", body))
		assert.Equal(t, want, expected(c, "pass", "POST", body))
	})
	t.Run("testComputeUserHash", func(t *testing.T) {
		assert.Equal(t, sum("SHA-256", "Mufasa:http-auth@example.org"), digest.SHA256.UserHash("Mufasa", "http-auth@example.org"))
	})
	t.Run("testCredentialComputeHA1", func(t *testing.T) {
		for _, algorithm := range []digest.Algorithm{digest.MD5, digest.MD5Session} {
			assert.Equal(t, sum("MD5", "user:realm:pass"), hex.EncodeToString(algorithm.HA1("user", "realm", "pass")))
		}
	})
	// Other: there are no enums, and an algorithm that is unknown is a mistake.
	t.Run("testDigestAlgorithmEnum", func(t *testing.T) {
		for name, size := range map[string]int{
			"MD5": 16, "MD5-sess": 16, "SHA-256": 32, "SHA-256-sess": 32, "SHA-512-256": 32, "SHA-512-256-sess": 32, "unknown": 0,
		} {
			assert.Len(t, digest.Algorithm(name).HA1("user", "realm", "pass"), size, name)
		}
	})
	t.Run("testDigestQopEnum", func(t *testing.T) { // other, as above
		start(t, protects("auth", "auth-int"))
		require.ErrorContains(t, apptest.StartError(t, guarded(scheme(protects("unknown")))), `"unknown" is unknown`)
	})
}

// The cases of Ktor's DigestRFC7616Test that ask a server, under its names. Its
// nonces are the server's; otherwise they expect the same, unless a comment says
// "other".
func TestKtorDigestRFC7616Test(t *testing.T) {
	challenges := func(host *apptest.Host) []string {
		response := host.Get("/")
		assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
		return response.Header.Values("WWW-Authenticate")
	}
	t.Run("testQopInChallenge", func(t *testing.T) {
		assert.Contains(t, challenges(start(t, protects(digest.Auth, digest.AuthInt)))[0], `qop="auth, auth-int"`)
	})
	t.Run("testUserhashAuthentication", func(t *testing.T) {
		host := start(t, withUserHash)
		user := known("Mufasa")
		user.userHash = true
		assertAccepted(t, user.get(t, host, "/"), "Mufasa")
		bob := &client{userName: "bob", password: "fake", userHash: true}
		assertRefused(t, bob.get(t, host, "/"), false)
	})
	t.Run("testUserhashWithoutResolverFails", func(t *testing.T) {
		user := known("user")
		user.userHash = true
		assertRefused(t, user.get(t, start(t), "/"), false)
	})
	t.Run("testUserhashAdvertisedInChallenge", func(t *testing.T) {
		assert.Contains(t, challenges(start(t, withUserHash))[0], "userhash=true")
		assert.NotContains(t, challenges(start(t))[0], "userhash")
	})
	several := func(t *testing.T, all ...digest.Algorithm) {
		t.Helper()
		found := challenges(start(t, algorithms(all...)))
		require.Len(t, found, len(all))
		for i, algorithm := range all {
			assert.Regexp(t, "algorithm="+string(algorithm)+"$", found[i], "a line for each, in order")
		}
	}
	t.Run("testMultipleAlgorithmChallenges", func(t *testing.T) { several(t, digest.SHA256, digest.MD5) })
	t.Run("server sends one WWW-Authenticate header per algorithm", func(t *testing.T) { several(t, digest.SHA512256, digest.MD5) })
	t.Run("testChallengeHeaderSyntax", func(t *testing.T) {
		challenge := challenges(start(t))[0]
		assert.Contains(t, challenge, "algorithm=SHA-256")
		assert.Contains(t, challenge, `qop="auth"`)
	})
	info := func(t *testing.T, algorithm digest.Algorithm) {
		t.Helper()
		user := known("user")
		response := user.get(t, start(t, algorithms(algorithm)), "/")
		assertAccepted(t, response, "user")
		h := func(parts ...string) string { return sum(string(algorithm), strings.Join(parts, ":")) }
		a1 := h("user", realm, "pass")
		if algorithm == digest.MD5Session {
			a1 = h(a1, user.nonce, user.cnonce)
		}
		rspauth := h(a1, user.nonce, "00000001", user.cnonce, "auth", h("", "/"))
		assert.Equal(t, `rspauth="`+rspauth+`", qop=auth, nc=00000001, cnonce="`+user.cnonce+`"`, response.Header.Get("Authentication-Info"))
	}
	// Other: there is a nextnonce when it is time for one.
	t.Run("testAuthenticationInfoHeader", func(t *testing.T) { info(t, digest.MD5) })
	t.Run("testBuildAuthenticationInfoHeader", func(t *testing.T) { info(t, digest.SHA256) })
	t.Run("testAuthenticationInfoWithSessionAlgorithm", func(t *testing.T) { info(t, digest.MD5Session) })
	t.Run("server accepts lowercase charset parameter in Authorization header", func(t *testing.T) {
		host, user := start(t, algorithms(digest.MD5)), known("user")
		user.read(t, host.Get("/"))
		charset := authentication.Param{Name: "charset", Value: "utf-8", Bare: true}
		assertAccepted(t, host.Get("/", apptest.Header("Authorization", user.authorize(http.MethodGet, "/", "", charset))), "user")
	})
	t.Run("testCharsetUTF8InChallenge", func(t *testing.T) { assert.Contains(t, challenges(start(t))[0], "charset=UTF-8") })
	t.Run("testStrictMode", func(t *testing.T) { // other: it is the default, with SHA-256 as well
		found := challenges(start(t))
		require.Len(t, found, 2)
		assert.Contains(t, found[0], "algorithm=SHA-256")
		assert.Contains(t, found[1], "algorithm=SHA-512-256")
	})
	t.Run("testIntegrationSHA256", func(t *testing.T) {
		assertAccepted(t, known("Mufasa").get(t, start(t, algorithms(digest.SHA256, digest.MD5)), "/"), "Mufasa")
	})
}

// The cases are Ktor's DigestApacheClientIntegrationTest, under its names, with
// the client of these tests, which computes digests by itself; .ci/check-digest
// asks with curl. They expect the same, unless a comment says "other".
func TestKtorDigestApacheClientIntegrationTest(t *testing.T) {
	negotiate := func(t *testing.T, want string, changes ...func(*digest.Config[string])) *client {
		t.Helper()
		user := known("user")
		assertAccepted(t, user.get(t, start(t, changes...), "/"), "user")
		assert.Contains(t, user.sent, want)
		return user
	}
	challenge := func(t *testing.T, changes ...func(*digest.Config[string])) string {
		t.Helper()
		response := start(t, changes...).Get("/")
		assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
		return strings.Join(response.Header.Values("WWW-Authenticate"), "\n")
	}
	info := func(t *testing.T, algorithm digest.Algorithm) {
		t.Helper()
		response := known("user").get(t, start(t, algorithms(algorithm)), "/")
		for _, want := range []string{"rspauth=", "qop=", "nc=", "cnonce="} {
			assert.Contains(t, response.Header.Get("Authentication-Info"), want)
		}
	}
	syntax := func(t *testing.T, algorithm digest.Algorithm) {
		t.Helper()
		assert.Regexp(t, `^Digest realm="[^"]*", qop="[^"]*", nonce="[^"]*", charset=UTF-8, algorithm=`+string(algorithm)+`$`,
			challenge(t, algorithms(algorithm)))
	}
	for name, test := range map[string]func(t *testing.T){
		"testSHA256Negotiation":     func(t *testing.T) { negotiate(t, "algorithm=SHA-256,", algorithms(digest.SHA256)) },
		"testSHA512_256Negotiation": func(t *testing.T) { negotiate(t, "algorithm=SHA-512-256,", algorithms(digest.SHA512256)) },
		"testUserHashAdvertisedInChallenge": func(t *testing.T) {
			assert.Contains(t, challenge(t, withUserHash), "userhash=true")
		},
		"testUserHashAuthentication": func(t *testing.T) { // ignored by Ktor, whose client cannot
			user := known("Mufasa")
			user.userHash = true
			assertAccepted(t, user.get(t, start(t, withUserHash), "/"), "Mufasa")
			assert.NotContains(t, user.sent, "Mufasa")
		},
		"testABNFHeaderCompliance":    func(t *testing.T) { syntax(t, digest.SHA256) },
		"testABNFHeaderComplianceMD5": func(t *testing.T) { syntax(t, digest.MD5) },
		"testSHA256SessionAlgorithm":  func(t *testing.T) { negotiate(t, "algorithm=SHA-256-sess,", algorithms(digest.SHA256Session)) },
		"testMD5SessionAlgorithm":     func(t *testing.T) { negotiate(t, "algorithm=MD5-sess,", algorithms(digest.MD5Session)) },
		"testAuthIntWithGet":          func(t *testing.T) { negotiate(t, "qop=auth-int,", protects(digest.AuthInt)) },
		"testAuthBothQopAdvertised": func(t *testing.T) {
			assert.Contains(t, challenge(t, protects(digest.Auth, digest.AuthInt)), `qop="auth, auth-int"`)
		},
		"testMD5BackwardCompatibility": func(t *testing.T) { negotiate(t, "algorithm=MD5,", algorithms(digest.MD5)) },
		"testMultipleAlgorithmChallenge": func(t *testing.T) {
			assert.Regexp(t, "(?s)algorithm=SHA-256\n.*algorithm=MD5$", challenge(t, algorithms(digest.SHA256, digest.MD5)))
		},
		"testClientAuthenticatesWithMultipleAlgorithmsOffered": func(t *testing.T) {
			negotiate(t, "algorithm=SHA-256,", algorithms(digest.SHA256, digest.MD5))
		},
		// Other: it is too early for a nextnonce.
		"testAuthenticationInfoHeader":               func(t *testing.T) { info(t, digest.SHA256) },
		"testAuthenticationInfoWithSessionAlgorithm": func(t *testing.T) { info(t, digest.SHA256Session) },
		"testUTF8CharsetAdvertised":                  func(t *testing.T) { assert.Contains(t, challenge(t), "charset=UTF-8") },
		"testUTF8Authentication": func(t *testing.T) {
			assertAccepted(t, known("Jäsøn Doe").get(t, start(t), "/"), "Jäsøn Doe")
		},
		"testAuthenticationFails": func(t *testing.T) {
			host := start(t)
			assertRefused(t, (&client{userName: "user", password: "wrong_password"}).get(t, host, "/"), false)
			assertRefused(t, (&client{userName: "unknown_user", password: "pass"}).get(t, host, "/"), false)
		},
		"testNonceAndCnonceInResponse": func(t *testing.T) {
			user := negotiate(t, "qop=auth,")
			assert.Contains(t, user.sent, "nc=00000001,")
			assert.Contains(t, user.sent, `cnonce="`+user.cnonce+`"`)
		},
	} {
		t.Run(name, test)
	}
}
