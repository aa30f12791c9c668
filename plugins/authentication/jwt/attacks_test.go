package jwt_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	gojwt "github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/jwt"
	"github.com/chitor-go/chitor/routing"
)

// pemOf is the public key of the tests, as an attacker has it.
func pemOf(t *testing.T) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(rsaKey().Public())
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// respelt is a part of a token that stands for the same bytes: the last of its
// letters has bits that are left over.
func respelt(part string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	end := len(part) - 1
	return part[:end] + string(alphabet[strings.IndexByte(alphabet, part[end])+1])
}

// What others can make of tokens, for a scheme with a secret. None is let in, and
// nothing of a token is in the log or in the answer.
func TestAttacksOnASecret(t *testing.T) {
	now := time.Now()
	token := good(t)
	parts := strings.Split(token, ".")
	hs256 := func(changes map[string]any) string {
		return sign(t, gojwt.SigningMethodHS256, secret, claims(changes), nil)
	}
	headed := func(header map[string]any) string {
		return sign(t, gojwt.SigningMethodHS256, secret, claims(nil), header)
	}
	host := start(t, scheme())
	assertAccepted(t, host, token)
	for name, forged := range map[string]string{
		"none":                   sign(t, gojwt.SigningMethodNone, gojwt.UnsafeAllowNoneSignatureType, claims(nil), nil),
		"none with a signature":  encoded(`{"alg":"none"}`) + "." + parts[1] + "." + parts[2],
		"None":                   encoded(`{"alg":"None"}`) + "." + parts[1] + "." + parts[2],
		"no algorithm":           encoded(`{"typ":"JWT"}`) + "." + parts[1] + "." + parts[2],
		"hs256":                  headed(map[string]any{"alg": "hs256"}),
		"respelt":                parts[0] + "." + parts[1] + "." + respelt(parts[2]),
		"another secret":         sign(t, gojwt.SigningMethodHS256, []byte("another secret of thirty-two bytes"), claims(nil), nil),
		"an empty secret":        sign(t, gojwt.SigningMethodHS256, []byte{}, claims(nil), nil),
		"another algorithm":      sign(t, gojwt.SigningMethodHS512, secret, claims(nil), nil),
		"a public key":           sign(t, gojwt.SigningMethodRS256, rsaKey(), claims(nil), nil),
		"its own key":            sign(t, gojwt.SigningMethodES256, p256Key(), claims(nil), map[string]any{"jwk": published(p256Key().Public(), "", nil)}),
		"expired":                hs256(map[string]any{"exp": now.Add(-6 * time.Second).Unix()}),
		"expired in 1970":        hs256(map[string]any{"exp": 0}),
		"expired before 1970":    hs256(map[string]any{"exp": -1e300}),
		"no end":                 hs256(map[string]any{"exp": nil}),
		"an end that is null":    parts[0] + "." + encoded(`{"exp":null}`) + "." + parts[2],
		"an end in quotes":       hs256(map[string]any{"exp": "99999999999"}),
		"not yet":                hs256(map[string]any{"nbf": now.Add(time.Minute).Unix()}),
		"issued in the future":   hs256(map[string]any{"iat": now.Add(time.Minute).Unix()}),
		"another issuer":         hs256(map[string]any{"iss": "https://jwt-provider-domain"}),
		"no issuer":              hs256(map[string]any{"iss": nil}),
		"issuers":                hs256(map[string]any{"iss": []string{issuer}}),
		"another audience":       hs256(map[string]any{"aud": "wrong"}),
		"other audiences":        hs256(map[string]any{"aud": []string{"wrong", "jwt-audience-2"}}),
		"no audience":            hs256(map[string]any{"aud": nil}),
		"nobody":                 hs256(map[string]any{"aud": []string{}}),
		"nested audiences":       hs256(map[string]any{"aud": []any{[]string{audience}}}),
		"an audience that is 1":  hs256(map[string]any{"aud": 1}),
		"claims that do not fit": hs256(map[string]any{"role": 7}),
		"critical":               headed(map[string]any{"crit": []string{"b64"}, "b64": false}),
		"critical nothing":       headed(map[string]any{"crit": []string{}}),
		"another type":           headed(map[string]any{"typ": "secevent+jwt"}),
		"a logout token":         headed(map[string]any{"typ": "logout+jwt"}),
		"a kid that is a number": headed(map[string]any{"kid": 1}),
		"payload of another":     parts[0] + "." + encoded(`{"sub":"eve"}`) + "." + parts[2],
		"truncated":              token[:len(token)-1],
		"half":                   token[:len(token)/2],
		"two parts":              parts[0] + "." + parts[1],
		"no signature":           parts[0] + "." + parts[1] + ".",
		"four parts":             token + "." + parts[2],
		"encrypted":              token + ".AAAA.AAAA",
		"padding":                token + "=",
		"a space":                parts[0] + ". " + parts[1] + "." + parts[2],
		"no JSON":                encoded("x") + "." + parts[1] + "." + parts[2],
		"a list":                 encoded("[]") + "." + parts[1] + "." + parts[2],
		"huge":                   hs256(map[string]any{"role": strings.Repeat("a", 16<<10)}),
		"a word":                 "wrong",
		"dots":                   "..",
	} {
		t.Run(name, func(t *testing.T) {
			assertRefused(t, host, forged)
			for part := range strings.SplitSeq(forged, ".") {
				if len(part) > 8 {
					assert.NotContains(t, fmt.Sprint(host.Log()), part[:8])
				}
			}
		})
	}
	assertAccepted(t, host, token)
}

// TestNamesOfClaimsAreExact: to package encoding/json EXP is exp, and the last
// one counts.
func TestNamesOfClaimsAreExact(t *testing.T) {
	host := start(t, scheme())
	past, later := time.Now().Add(-time.Hour).Unix(), time.Now().Add(time.Hour).Unix()
	for _, payload := range map[string]string{
		"another case": `{"iss":"` + issuer + `","aud":"` + audience + `","exp":` + text(past) + `,"EXP":` + text(later) + `}`,
		"twice":        `{"iss":"` + issuer + `","aud":"` + audience + `","exp":` + text(past) + `,"exp":` + text(later) + `}`,
		"escaped":      `{"iss":"` + issuer + `","aud":"` + audience + `","exp":` + text(past) + `,"\u0065xp":` + text(later) + `}`,
	} {
		assertRefused(t, host, signed(t, payload))
	}
	escaped := `{"iss":"https:\/\/jwt-provider-domain\/","aud":["x","jwt\u002daudience"],"\u0065xp":` + text(later) + `,"sub":"ada","role":"admin"}`
	assertAccepted(t, host, signed(t, escaped))
}

// TestAudiencesAreTexts: also where nothing else reads them.
func TestAudiencesAreTexts(t *testing.T) {
	users := jwt.New("users", func(c *jwt.Config[struct{}, struct{}]) {
		c.Keys, c.Issuer, c.Audience = jwt.Secret(secret), issuer, []string{audience}
	})
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText("in") }).Install(authentication.Require(users))
		})
	})
	for text, want := range map[string]int{
		`"` + audience + `"`: 200, `["x","` + audience + `"]`: 200, `[7, "` + audience + `"]`: 200,
		`[["` + audience + `"]]`: 401, `{"` + audience + `":"` + audience + `"}`: 401, `["x"]`: 401, `[]`: 401, `null`: 401, `"x"`: 401,
	} {
		payload := `{"iss":"` + issuer + `","exp":99999999999,"aud":` + text + `}`
		assert.Equal(t, want, status(host, signed(t, payload)), text)
	}
}

// TestHostileNamesOfKeys: the name of a key is compared, and never looked up
// anywhere.
func TestHostileNamesOfKeys(t *testing.T) {
	host := start(t, scheme(with(jwt.Secret(secret).WithID("current"))))
	for _, id := range []string{"../../../../dev/null", "current' OR '1'='1", "https://attacker.example/key", "Current", "current\x00", strings.Repeat("k", 9000)} {
		assertRefused(t, host, sign(t, gojwt.SigningMethodHS256, secret, claims(nil), map[string]any{"kid": id}))
		assertRefused(t, host, sign(t, gojwt.SigningMethodHS256, []byte{}, claims(nil), map[string]any{"kid": id}))
	}
	assertAccepted(t, host, sign(t, gojwt.SigningMethodHS256, secret, claims(nil), map[string]any{"kid": "current"}))
	assertAccepted(t, host, good(t))
}

// TestConfusionOfKeys: the public key of a scheme is no secret, whatever form an
// attacker gives it.
func TestConfusionOfKeys(t *testing.T) {
	text := pemOf(t)
	host := start(t, scheme(with(jwt.PEM(text))))
	assertAccepted(t, host, sign(t, gojwt.SigningMethodRS256, rsaKey(), claims(nil), nil))
	block, _ := pem.Decode(text)
	for _, guess := range [][]byte{text, bytes.TrimSpace(text), block.Bytes, rsaKey().N.Bytes()} {
		assertRefused(t, host, sign(t, gojwt.SigningMethodHS256, guess, claims(nil), nil))
	}
	assertRefused(t, host, sign(t, gojwt.SigningMethodPS256, rsaKey(), claims(nil), nil))
	assertRefused(t, host, sign(t, gojwt.SigningMethodRS512, rsaKey(), claims(nil), nil))
	assertRefused(t, host, sign(t, gojwt.SigningMethodRS256, otherRSA(), claims(nil), nil))
	assertRefused(t, host, sign(t, gojwt.SigningMethodNone, gojwt.UnsafeAllowNoneSignatureType, claims(nil), nil))
}

// TestKeysInTokensAreIgnored: nobody is asked, and no key of a token is used.
func TestKeysInTokensAreIgnored(t *testing.T) {
	asked := 0
	keys := jwt.JWKS("https://id.example.com/keys", func(c *jwt.JWKSConfig) {
		c.Client = &http.Client{Transport: answers(func(request *http.Request) (*http.Response, error) {
			asked++
			assert.Equal(t, "https://id.example.com/keys", request.URL.String())
			return respond(set(published(rsaKey().Public(), kid, nil)), nil), nil
		})}
	})
	host := start(t, scheme(with(keys)))
	own := published(otherRSA().Public(), kid, nil)
	for _, header := range []map[string]any{
		{"jwk": own}, {"jku": "https://attacker.example/jwks.json"}, {"x5u": "https://attacker.example/cert"},
		{"x5c": []string{"MIIB"}}, {"x5t": "AAAA"},
	} {
		header["kid"] = kid
		assertRefused(t, host, sign(t, gojwt.SigningMethodRS256, otherRSA(), claims(nil), header))
		assertAccepted(t, host, sign(t, gojwt.SigningMethodRS256, rsaKey(), claims(nil), header))
	}
	assert.Equal(t, 1, asked)
}

// signed is a token with a payload, to the letter.
func signed(t *testing.T, payload string) string {
	t.Helper()
	text := encoded(`{"alg":"HS256"}`) + "." + encoded(payload)
	signature, err := gojwt.SigningMethodHS256.Sign(text, secret)
	require.NoError(t, err)
	return text + "." + encoded(string(signature))
}

// answers is a transport that a function is.
type answers func(*http.Request) (*http.Response, error)

func (a answers) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := context.Cause(request.Context()); err != nil {
		return nil, err
	}
	return a(request)
}
