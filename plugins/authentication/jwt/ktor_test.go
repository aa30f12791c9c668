package jwt_test

import (
	"crypto/ecdsa"
	"fmt"
	"maps"
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

// A ktorCase is a request to a route behind a scheme.
type ktorCase struct {
	users  *authentication.Scheme[Claims]
	header string // Authorization
	status int
	want   string // WWW-Authenticate
}

// Ktor's tokens do not expire.
func withoutEnd(c *jwt.Config[Claims, Claims]) { c.Skip |= jwt.CheckExpiry }

func ktorJwt(changes ...func(*jwt.Config[Claims, Claims])) *authentication.Scheme[Claims] {
	return scheme(append([]func(*jwt.Config[Claims, Claims]){withoutEnd}, changes...)...)
}

// ktorJwk has the keys of a provider, which Ktor's tests mock.
func ktorJwk(t *testing.T, changes ...func(*jwt.Config[Claims, Claims])) *authentication.Scheme[Claims] {
	t.Helper()
	keys, err := jwt.ParseJWKS([]byte(set(published(rsaKey().Public(), kid, map[string]any{"alg": "RS256"}))))
	require.NoError(t, err)
	return ktorJwt(append([]func(*jwt.Config[Claims, Claims]){with(keys)}, changes...)...)
}

func schemes(names ...string) func(*jwt.Config[Claims, Claims]) {
	return func(c *jwt.Config[Claims, Claims]) {
		for _, name := range names {
			c.Sources = append(c.Sources, authentication.FromAuthorization(name))
		}
	}
}

// basicChallenge answers as the custom challenges of Ktor's tests do.
func basicChallenge(realm string) func(*jwt.Config[Claims, Claims]) {
	return func(c *jwt.Config[Claims, Claims]) {
		c.OnUnauthorized = func(c *app.Call, _ *authentication.UnauthorizedError) error {
			c.Header().Set("WWW-Authenticate", "Basic realm="+realm+", charset=UTF-8")
			c.SetStatus(http.StatusUnauthorized)
			return c.RespondText("")
		}
	}
}

// The cases are Ktor's JWTAuthTest, under its names. Other on purpose are
// testJwtAuthSchemeMistake and testJwkAuthSchemeMistake, where a header
// that is of no scheme holds no token, and is not 400.
func TestKtorJWTAuthTest(t *testing.T) {
	plain, refused := `Bearer realm="ktor jwt auth test"`, `Bearer realm="ktor jwt auth test", error="invalid_token"`
	ktorToken := func(changes map[string]any) string {
		content := gojwt.MapClaims{"aud": audience, "iss": issuer}
		maps.Copy(content, changes)
		return sign(t, gojwt.SigningMethodHS256, secret, content, nil)
	}
	jwkToken := func(id string) string {
		return sign(t, gojwt.SigningMethodRS256, rsaKey(), gojwt.MapClaims{"aud": audience, "iss": issuer}, map[string]any{"kid": id})
	}
	mismatch := sign(t, gojwt.SigningMethodHS256, []byte("false"), gojwt.MapClaims{"aud": audience, "iss": issuer}, nil)
	token, signed := ktorToken(nil), jwkToken(kid)
	shorter := func(token string) string { return token[:len(token)-2] + " " }
	for name, test := range map[string]ktorCase{
		"testJwtNoAuth":                                    {ktorJwt(), "", 401, plain},
		"testJwtNoAuthCustomChallengeNoToken":              {ktorJwt(basicChallenge("custom1")), "", 401, "Basic realm=custom1, charset=UTF-8"},
		"testJwtMultipleNoAuthCustomChallengeNoToken":      {ktorJwt(basicChallenge("custom1")), "", 401, "Basic realm=custom1, charset=UTF-8"},
		"testJwtSuccess":                                   {ktorJwt(), "Bearer " + token, 200, ""},
		"testJwtSuccessWithCustomScheme":                   {ktorJwt(schemes("Bearer", "Token")), "Token " + token, 200, ""},
		"testJwtSuccessWithCustomSchemeWithDifferentCases": {ktorJwt(schemes("Bearer", "tokEN")), "TOKen " + token, 200, ""},
		"testJwtAlgorithmMismatch":                         {ktorJwt(), "Bearer " + mismatch, 401, refused},
		"testJwtAudienceMismatch":                          {ktorJwt(), "Bearer " + ktorToken(map[string]any{"aud": "wrong"}), 401, refused},
		"testJwtIssuerMismatch":                            {ktorJwt(), "Bearer " + ktorToken(map[string]any{"iss": "wrong"}), 401, refused},
		"testJwkNoAuth":                                    {ktorJwt(with(jwt.JWKS(issuer + ".well-known/jwks.json"))), "", 401, plain},
		"testJwkSuccess":                                   {ktorJwk(t), "Bearer " + signed, 200, ""},
		"testJwkSuccessNoIssuer":                           {ktorJwk(t, func(c *jwt.Config[Claims, Claims]) { c.Issuer, c.Skip = "", c.Skip|jwt.CheckIssuer }), "Bearer " + signed, 200, ""},
		"testJwkSuccessWithLeeway":                         {ktorJwk(t, func(c *jwt.Config[Claims, Claims]) { c.Leeway = 5 * time.Second }), "Bearer " + signed, 200, ""},
		"testJwtAuthSchemeMismatch":                        {ktorJwt(), token, 401, plain},
		"testJwtAuthSchemeMismatch2":                       {ktorJwt(), "Token " + token, 401, plain},
		"testJwtAuthSchemeMistake":                         {ktorJwt(), "Bearer: " + token, 401, plain},
		"testJwtBlobPatternMismatch":                       {ktorJwt(), "Bearer " + shorter(token), 401, refused},
		"testJwkAuthSchemeMismatch":                        {ktorJwk(t), signed, 401, plain},
		"testJwkAuthSchemeMistake":                         {ktorJwk(t), "Bearer: " + signed, 401, plain},
		"testJwkBlobPatternMismatch":                       {ktorJwk(t), "Bearer " + shorter(signed), 401, refused},
		"testJwkAlgorithmMismatch":                         {ktorJwk(t), "Bearer " + mismatch, 401, refused},
		"testJwkAudienceMismatch":                          {ktorJwk(t), "Bearer " + ktorToken(map[string]any{"aud": "wrong"}), 401, refused},
		"testJwkIssuerMismatch":                            {ktorJwk(t), "Bearer " + ktorToken(map[string]any{"iss": "wrong"}), 401, refused},
		"testJwkKidMismatch":                               {ktorJwk(t), "Bearer " + jwkToken("wrong"), 401, refused},
		"testJwkInvalidToken":                              {ktorJwk(t), "Bearer wrong", 401, refused},
		"testJwkInvalidTokenCustomChallenge": {ktorJwk(t, func(c *jwt.Config[Claims, Claims]) {
			c.OnUnauthorized = func(c *app.Call, refused *authentication.UnauthorizedError) error {
				c.Header().Set("WWW-Authenticate", refused.Challenges[0])
				c.SetStatus(http.StatusForbidden)
				return c.RespondText("")
			}
		}), "Bearer wrong", 403, refused},
	} {
		t.Run(name, func(t *testing.T) {
			host := start(t, test.users)
			var options []apptest.RequestOption
			if test.header != "" {
				options = append(options, apptest.Header("Authorization", test.header))
			}
			response := host.Get("/", options...)
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, test.want, response.Header.Get("WWW-Authenticate"))
			assert.Equal(t, test.status == http.StatusOK, strings.HasPrefix(apptest.Text(t, response), " "), "the handler has run")
		})
	}
}

func TestKtorJWTAuthTest_testJwtWithMultipleConfigurations(t *testing.T) {
	var validated []string
	accept := false
	made := func(name string) *authentication.Scheme[Claims] {
		return ktorJwt(basicChallenge("custom"+name), func(c *jwt.Config[Claims, Claims]) {
			c.Realm = "realm" + name
			c.Validate = func(_ *app.Call, token jwt.Token[Claims]) (Claims, error) {
				validated = append(validated, name)
				if !accept {
					return Claims{}, authentication.ErrInvalidCredentials
				}
				return token.Claims, nil
			}
		})
	}
	first, second := made("1"), made("2")
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				return c.RespondText(fmt.Sprint("Secret info, ", first.Principal(c).Audience))
			}).Install(authentication.Require(first, second))
		})
	})
	token := bearer(sign(t, gojwt.SigningMethodHS256, secret, gojwt.MapClaims{"aud": audience, "iss": issuer}, nil))
	response := host.Get("/", token)
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	assert.Equal(t, []string{"Basic realm=custom1, charset=UTF-8"}, response.Header.Values("WWW-Authenticate"))
	assert.Equal(t, []string{"1", "2"}, validated)

	accept, validated = true, nil
	response = host.Get("/", token)
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "Secret info, ["+audience+"]", apptest.Text(t, response))
	assert.Empty(t, response.Header.Values("WWW-Authenticate"))
	assert.Equal(t, []string{"1"}, validated)
}

func TestKtorJWTAuthTest_authHeaderFromCookie(t *testing.T) {
	host := start(t, ktorJwt(func(c *jwt.Config[Claims, Claims]) {
		c.Sources = []authentication.TokenSource{authentication.FromCookie("JWT")}
	}))
	assert.Equal(t, http.StatusOK, host.Get("/", apptest.Header("Cookie", "JWT="+good(t))).StatusCode)
	assert.Equal(t, http.StatusUnauthorized, host.Get("/", bearer(good(t))).StatusCode)
}

// Ktor's misses Validate. Here the claims are the principal without it, unless
// they are of another type.
func TestKtorJWTAuthTest_testVerifyNotProvided(t *testing.T) {
	err := apptest.StartError(t, guarded(jwt.New("users", func(*jwt.Config[struct{}, Claims]) {})))
	require.ErrorContains(t, err, "the function Validate is nil: it makes a jwt_test.Claims of the claims, which are a struct {}")
	require.ErrorContains(t, err, "there are no keys: set Keys")
}

// The cases of Ktor's JWTAuthTest that look at the algorithm of a published key.
func TestKtorJWTAuthTest_algorithms(t *testing.T) {
	for name, test := range map[string]struct {
		key  map[string]any
		want jwt.Algorithm
		sign func() string
	}{
		"verifyWithMock": {published(rsaKey().Public(), kid, map[string]any{"alg": "RS256"}), jwt.RS256, func() string {
			return sign(t, gojwt.SigningMethodRS256, rsaKey(), claims(nil), map[string]any{"kid": kid})
		}},
		"verifyNullAlgorithmWithMock": {published(rsaKey().Public(), kid, nil), jwt.RS256, func() string {
			return sign(t, gojwt.SigningMethodRS256, rsaKey(), claims(nil), map[string]any{"kid": kid})
		}},
		"KTOR-9352 makeAlgorithm with EC key type and null algorithm":  ec(t, p256Key(), jwt.ES256),
		"KTOR-9352 makeAlgorithm with EC P-384 key and null algorithm": ec(t, p384Key(), jwt.ES384),
		"KTOR-9352 makeAlgorithm with EC P-521 key and null algorithm": ec(t, p521Key(), jwt.ES512),
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := jwt.ParseJWKS([]byte(set(test.key)))
			require.NoError(t, err)
			require.Len(t, keys, 1)
			assert.Equal(t, test.want, keys[0].Algorithm())
			assertAccepted(t, start(t, scheme(with(keys))), test.sign())
		})
	}
}

func ec(t *testing.T, key *ecdsa.PrivateKey, want jwt.Algorithm) struct {
	key  map[string]any
	want jwt.Algorithm
	sign func() string
} {
	t.Helper()
	return struct {
		key  map[string]any
		want jwt.Algorithm
		sign func() string
	}{published(key.Public(), kid, nil), want, func() string {
		return sign(t, gojwt.GetSigningMethod(string(want)), key, claims(nil), map[string]any{"kid": kid})
	}}
}

// The cases are Ktor's JWTPayloadHolderTest, under its names: claims have the
// types of the fields that they are decoded into. Those whose comment says
// "other" expect something else on purpose.
func TestKtorJWTPayloadHolderTest(t *testing.T) {
	type lists struct {
		Groups []string `json:"groups"`
		Flags  []bool   `json:"flags"`
		Others []any    `json:"others"`
	}
	read := func(t *testing.T, changes map[string]any) lists {
		t.Helper()
		var found lists
		users := jwt.New("users", func(c *jwt.Config[lists, lists]) {
			c.Keys, c.Issuer, c.Audience = jwt.Secret(secret), issuer, []string{audience}
		})
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error {
					found = users.Principal(c)
					return c.RespondText("")
				}).Install(authentication.Require(users))
			})
		})
		require.Equal(t, http.StatusOK, host.Get("/", bearer(sign(t, gojwt.SigningMethodHS256, secret, claims(changes), nil))).StatusCode)
		return found
	}
	t.Run("noListClaim", func(t *testing.T) { assert.Empty(t, read(t, nil).Groups) })
	// Other: iss is one text, and so is sub.
	t.Run("claimListOfDifferentTypes", func(t *testing.T) {
		found := read(t, map[string]any{"groups": []string{"issuer1", "issuer2"}, "flags": []bool{true, false}, "others": []any{}})
		assert.Equal(t, lists{[]string{"issuer1", "issuer2"}, []bool{true, false}, []any{}}, found)
	})
}
