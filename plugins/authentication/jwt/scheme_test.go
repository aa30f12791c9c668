package jwt_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
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

// Tokens that are valid in less usual ways.
func TestTokensThatAreAccepted(t *testing.T) {
	now := time.Now()
	host := start(t, scheme())
	for name, token := range map[string]string{
		"within the leeway": sign(t, gojwt.SigningMethodHS256, secret, claims(map[string]any{
			"exp": now.Add(-3 * time.Second).Unix(), "nbf": now.Add(4 * time.Second).Unix(), "iat": now.Add(4 * time.Second).Unix(),
		}), nil),
		"part of a second":   sign(t, gojwt.SigningMethodHS256, secret, claims(map[string]any{"exp": float64(now.Unix()) + 60.5}), nil),
		"an exponent":        signed(t, `{"iss":"`+issuer+`","aud":"`+audience+`","sub":"ada","role":"admin","exp":1e11}`),
		"the end of time":    signed(t, `{"iss":"`+issuer+`","aud":"`+audience+`","sub":"ada","role":"admin","exp":1e300}`),
		"no beginning":       signed(t, `{"iss":"`+issuer+`","aud":"`+audience+`","sub":"ada","role":"admin","exp":1e11,"nbf":null,"iat":null}`),
		"one of audiences":   sign(t, gojwt.SigningMethodHS256, secret, claims(map[string]any{"aud": []string{"other", audience}}), nil),
		"white space":        signed(t, " {\t\"iss\" :\r\n\""+issuer+"\" , \"aud\": [ \"x\" , \""+audience+"\" ] , \"sub\":\"ada\",\"role\":\"admin\",\"exp\": 100000000000 }\n"),
		"further claims":     sign(t, gojwt.SigningMethodHS256, secret, claims(map[string]any{"deep": map[string]any{"exp": 1, "a": []any{"}", "\\\""}}, "exp2": 1}), nil),
		"no type":            sign(t, gojwt.SigningMethodHS256, secret, claims(nil), map[string]any{"typ": nil}),
		"a type in capitals": sign(t, gojwt.SigningMethodHS256, secret, claims(nil), map[string]any{"typ": "jwt"}),
		"an access token":    sign(t, gojwt.SigningMethodHS256, secret, claims(nil), map[string]any{"typ": "application/at+JWT"}),
	} {
		t.Run(name, func(t *testing.T) { assertAccepted(t, host, token) })
	}
}

// Each check can be left out, and then the others hold.
func TestSkip(t *testing.T) {
	for name, test := range map[string]struct {
		skip    jwt.Checks
		changes map[string]any
	}{
		"issuer":   {jwt.CheckIssuer, map[string]any{"iss": "other"}},
		"audience": {jwt.CheckAudience, map[string]any{"aud": nil}},
		"expiry":   {jwt.CheckExpiry, map[string]any{"exp": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			token := sign(t, gojwt.SigningMethodHS256, secret, claims(test.changes), nil)
			assertRefused(t, start(t, scheme()), token)
			host := start(t, scheme(func(c *jwt.Config[Claims, Claims]) { c.Skip = test.skip }))
			assertAccepted(t, host, token)
			assertRefused(t, host, sign(t, gojwt.SigningMethodHS256, secret, claims(map[string]any{"exp": 1}), nil))
		})
	}
}

// A type of its own is asked for, and no other is accepted.
func TestTypes(t *testing.T) {
	host := start(t, scheme(func(c *jwt.Config[Claims, Claims]) { c.Types = []string{"application/at+jwt"} }))
	assertAccepted(t, host, sign(t, gojwt.SigningMethodHS256, secret, claims(nil), map[string]any{"typ": "at+jwt"}))
	assertRefused(t, host, good(t))
	assertRefused(t, host, sign(t, gojwt.SigningMethodHS256, secret, claims(nil), map[string]any{"typ": nil}))
}

// The first source that has a token counts.
func TestSources(t *testing.T) {
	host := start(t, scheme(func(c *jwt.Config[Claims, Claims]) {
		c.AuthScheme = "Token"
		c.Sources = []authentication.TokenSource{
			authentication.FromAuthorization("Token"), authentication.FromCookie("token"), authentication.FromQuery("access_token"),
		}
	}))
	token := good(t)
	assert.Equal(t, http.StatusOK, host.Get("/", apptest.Header("Authorization", "token "+token)).StatusCode)
	assert.Equal(t, http.StatusOK, host.Get("/", apptest.Header("Cookie", "token="+token)).StatusCode)
	assert.Equal(t, http.StatusOK, host.Get("/?access_token="+token).StatusCode)
	response := host.Get("/?access_token="+token, apptest.Header("Cookie", "token=x"))
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	assert.Equal(t, `Token realm="`+realm+`", error="invalid_token"`, response.Header.Get("WWW-Authenticate"))
}

// What Validate returns decides, and a failure is none of the caller's.
func TestValidate(t *testing.T) {
	for want, err := range map[int]error{
		http.StatusOK:                  nil,
		http.StatusUnauthorized:        fmt.Errorf("blocked: %w", authentication.ErrInvalidCredentials),
		http.StatusForbidden:           fmt.Errorf("no admin: %w", authentication.ErrForbidden),
		http.StatusInternalServerError: errors.New("the table is down"),
	} {
		host := start(t, scheme(func(c *jwt.Config[Claims, Claims]) {
			c.Validate = func(_ *app.Call, token jwt.Token[Claims]) (Claims, error) {
				assert.Equal(t, jwt.Header{Algorithm: jwt.HS256, Type: "JWT"}, token.Header)
				assert.Equal(t, token.Claims.ExpiresAt.Time, token.ExpiresAt)
				return token.Claims, err
			}
		}))
		assert.Equal(t, want, status(host, good(t)))
	}
}

// The keys of a tenant are found by the call, and errors of finding them are
// failures.
type tenants map[string]jwt.Keys

func (all tenants) Find(c *app.Call, header jwt.Header) (jwt.KeySet, error) {
	keys, ok := all[c.Request.Host]
	if !ok {
		return nil, errors.New("the tenant has no keys")
	}
	return keys.Find(c, header)
}

func TestKeysOfOnesOwn(t *testing.T) {
	host := start(t, scheme(with(tenants{"localhost": jwt.Secret(secret), "other": jwt.Secret([]byte(strings.Repeat("x", 32)))})))
	at := func(name string) apptest.RequestOption { return func(r *http.Request) { r.Host = name } }
	assert.Equal(t, http.StatusOK, host.Get("/", bearer(good(t)), at("localhost")).StatusCode)
	assert.Equal(t, http.StatusUnauthorized, host.Get("/", bearer(good(t)), at("other")).StatusCode)
	assert.Equal(t, http.StatusInternalServerError, host.Get("/", bearer(good(t)), at("third")).StatusCode)
}

// Until is when the token expires, with the leeway, and never without exp.
func TestUntil(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := scheme(func(c *jwt.Config[Claims, Claims]) { c.Skip = jwt.CheckExpiry })
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error {
					until, ok := authentication.Until(c)
					return c.RespondText(fmt.Sprint(time.Until(until).Round(time.Second), ok))
				}).Install(authentication.Require(users))
			})
		})
		token := sign(t, gojwt.SigningMethodHS256, secret, claims(map[string]any{"exp": time.Now().Add(time.Minute).Unix()}), nil)
		assert.Equal(t, "1m5s true", apptest.Text(t, host.Get("/", bearer(token))))
		endless := sign(t, gojwt.SigningMethodHS256, secret, claims(map[string]any{"exp": nil}), nil)
		assert.Contains(t, apptest.Text(t, host.Get("/", bearer(endless))), " false")
	})
}

// Claims may be of any type that package encoding/json decodes into.
func TestTypesOfClaims(t *testing.T) {
	assert.Equal(t, `ada`, principal(t, func(c map[string]any) any { return c["sub"] }))
	assert.Equal(t, true, principal(t, func(c json.RawMessage) any { return strings.Contains(string(c), `"sub":"ada"`) }))
	assert.Equal(t, struct{}{}, principal(t, func(c struct{}) any { return c }))
	assert.Equal(t, "ada", principal(t, func(c *struct{ Sub string }) any { return c.Sub }))
}

func principal[C any](t *testing.T, read func(C) any) (found any) {
	t.Helper()
	users := jwt.New("users", func(c *jwt.Config[C, C]) {
		c.Keys, c.Issuer, c.Audience = jwt.Secret(secret), issuer, []string{audience}
	})
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { found = read(users.Principal(c)); return c.RespondText("") }).
				Install(authentication.Require(users))
		})
	})
	require.Equal(t, http.StatusOK, host.Get("/", bearer(good(t))).StatusCode)
	return found
}

// All mistakes are reported at once, at the line that requires the scheme.
func TestMistakes(t *testing.T) {
	none := jwt.New[Claims, Claims]("users", nil)
	err := apptest.StartError(t, guarded(none))
	require.ErrorContains(t, err, `scheme "users": the configuration function is nil`)

	err = apptest.StartError(t, guarded(jwt.New[Claims]("users", func(c *jwt.Config[Claims, Claims]) {
		c.AuthScheme, c.Leeway, c.MaxTokenSize, c.Skip, c.Types = "", -1, -1, 8, []string{}
		c.Sources = []authentication.TokenSource{nil}
	})))
	for _, want := range []string{
		"a source of tokens is nil", `AuthScheme "" is not a token`, "the issuer is not set", "the audience is not set",
		"Skip is 8", "the leeway is -1ns", "MaxTokenSize is -1", "the list Types is empty", "there are no keys",
	} {
		assert.ErrorContains(t, err, want)
	}
	err = apptest.StartError(t, guarded(scheme(func(c *jwt.Config[Claims, Claims]) {
		c.Audience, c.Sources, c.Realm = []string{""}, []authentication.TokenSource{}, "a\r\nSet-Cookie: b"
	})))
	for _, want := range []string{"the audience is not set", "the list of sources is empty", "the realm has a control character"} {
		assert.ErrorContains(t, err, want)
	}
}

// A keyRing is a type of keys of one's own.
type keyRing jwt.KeySet

func (r keyRing) Find(*app.Call, jwt.Header) (jwt.KeySet, error) { return jwt.KeySet(r), nil }

// Start cannot see the keys of a type of one's own: a mistake there is a failure
// of the server, and no token is good or wrong by it.
func TestMistakesOfKeysOfOnesOwn(t *testing.T) {
	short := []byte("short")
	for want, key := range map[string]jwt.Key{
		"the secret has 5 bytes":     jwt.Secret(short),
		"there is no PEM block":      jwt.PEM([]byte("x")),
		"the zero Key":               {},
		`cannot be used for "RS256"`: jwt.Secret(secret).WithAlgorithm(jwt.RS256),
	} {
		host := start(t, scheme(with(keyRing{key})))
		for _, token := range []string{
			good(t), sign(t, gojwt.SigningMethodHS256, short, claims(nil), nil), encoded(`{"typ":"JWT"}`) + "." + encoded("{}") + ".AAAA",
		} {
			assert.Equal(t, http.StatusInternalServerError, status(host, token), want)
		}
		assert.Contains(t, fmt.Sprint(host.Log()), want)
		assert.NotContains(t, fmt.Sprint(host.Log()), "panic", want)
	}
}
