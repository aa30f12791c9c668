package jwt_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"sync"
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

const (
	issuer   = "https://jwt-provider-domain/"
	audience = "jwt-audience"
	realm    = "ktor jwt auth test"
	kid      = "NkJCQzIyQzRBMEU4NjhGNUU4MzU4RkY0M0ZDQzkwOUQ0Q0VGNUMwQg"
)

var secret = []byte("a secret of thirty-two bytes and more")

// The keys of these tests: RSA keys take a while to make.
var (
	rsaKey     = sync.OnceValue(func() *rsa.PrivateKey { return made(rsa.GenerateKey(rand.Reader, 2048)) })
	otherRSA   = sync.OnceValue(func() *rsa.PrivateKey { return made(rsa.GenerateKey(rand.Reader, 2048)) })
	p256Key    = sync.OnceValue(func() *ecdsa.PrivateKey { return made(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) })
	p384Key    = sync.OnceValue(func() *ecdsa.PrivateKey { return made(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)) })
	p521Key    = sync.OnceValue(func() *ecdsa.PrivateKey { return made(ecdsa.GenerateKey(elliptic.P521(), rand.Reader)) })
	ed25519Key = sync.OnceValue(func() ed25519.PrivateKey {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return made(private, err)
	})
)

func made[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// Claims are those of most tests.
type Claims struct {
	gojwt.RegisteredClaims

	Role string `json:"role,omitempty"`
}

// claims are good ones, changed by what is given; nil takes one away.
func claims(changes map[string]any) gojwt.MapClaims {
	all := gojwt.MapClaims{"iss": issuer, "aud": audience, "sub": "ada", "role": "admin", "exp": time.Now().Add(48 * time.Hour).Unix()}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}

// sign returns a token; header overrides what would stand there.
func sign(t testing.TB, method gojwt.SigningMethod, key any, content gojwt.Claims, header map[string]any) string {
	t.Helper()
	token := gojwt.NewWithClaims(method, content)
	maps.Copy(token.Header, header)
	maps.DeleteFunc(token.Header, func(_ string, value any) bool { return value == nil })
	signed, err := token.SignedString(key)
	require.NoError(t, err)
	return signed
}

// good is a token that is accepted with secret.
func good(t testing.TB) string { return sign(t, gojwt.SigningMethodHS256, secret, claims(nil), nil) }

// scheme is one with secret, changed by what is given.
func scheme(changes ...func(*jwt.Config[Claims, Claims])) *authentication.Scheme[Claims] {
	return jwt.New("users", func(c *jwt.Config[Claims, Claims]) {
		c.Realm, c.Keys, c.Issuer, c.Audience = realm, jwt.Secret(secret), issuer, []string{audience}
		for _, change := range changes {
			change(c)
		}
	})
}

func with(keys jwt.Keys) func(*jwt.Config[Claims, Claims]) {
	return func(c *jwt.Config[Claims, Claims]) { c.Keys = keys }
}

// guarded is a module whose root says who is calling.
func guarded(users *authentication.Scheme[Claims]) app.Module {
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				principal := users.Principal(c)
				return c.RespondText(principal.Subject + " " + principal.Role)
			}).Install(authentication.Require(users))
		})
	}
}

func start(t testing.TB, users *authentication.Scheme[Claims]) *apptest.Host {
	t.Helper()
	return apptest.Start(t, guarded(users))
}

func bearer(token string) apptest.RequestOption {
	return apptest.Header("Authorization", "Bearer "+token)
}

func assertAccepted(t *testing.T, host *apptest.Host, token string) {
	t.Helper()
	response := host.Get("/", bearer(token))
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "ada admin", apptest.Text(t, response))
}

func assertRefused(t *testing.T, host *apptest.Host, token string) {
	t.Helper()
	response := host.Get("/", bearer(token))
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	assert.Contains(t, response.Header.Get("WWW-Authenticate"), `Bearer realm="`+realm+`", error="invalid_token"`)
	assert.NotContains(t, apptest.Text(t, response), "ada")
}

// encoded is a part of a token with any content.
func encoded(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// published is a public key as a JWK, with further members.
func published(key crypto.PublicKey, id string, further map[string]any) map[string]any {
	number := func(n *big.Int, size int) string {
		return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, size)))
	}
	var members map[string]any
	switch key := key.(type) {
	case *rsa.PublicKey:
		members = map[string]any{"kty": "RSA", "n": number(key.N, key.Size()), "e": "AQAB"}
	case *ecdsa.PublicKey:
		point := made(key.Bytes())
		half := len(point) / 2
		members = map[string]any{
			"kty": "EC", "crv": key.Params().Name,
			"x": base64.RawURLEncoding.EncodeToString(point[1 : 1+half]), "y": base64.RawURLEncoding.EncodeToString(point[1+half:]),
		}
	case ed25519.PublicKey:
		members = map[string]any{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(key)}
	}
	if id != "" {
		members["kid"] = id
	}
	maps.Copy(members, further)
	return members
}

// set is a JWK Set.
func set(keys ...map[string]any) string {
	return string(made(json.Marshal(map[string]any{"keys": keys})))
}
