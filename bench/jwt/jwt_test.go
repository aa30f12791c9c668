package jwt_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/jwtauth/v5"
	gojwt "github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/bench/turns"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/jwt"
	"github.com/chitor-go/chitor/routing"
)

const (
	issuer   = "https://id.example.com/"
	audience = "https://api.example.com"
)

var secret = []byte("a secret of thirty-two bytes and more")

// Claims are what handlers get.
type Claims struct {
	gojwt.RegisteredClaims

	Role string `json:"role"`
}

// A pair is what signs tokens, and what verifies them.
type pair struct {
	method  gojwt.SigningMethod
	private any
	public  any
	ours    jwt.Key
}

func pairs(tb testing.TB) map[string]pair {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(tb, err)
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(tb, err)
	return map[string]pair{
		"HS256": {gojwt.SigningMethodHS256, secret, secret, jwt.Secret(secret)},
		"RS256": {gojwt.SigningMethodRS256, rsaKey, rsaKey.Public(), jwt.PublicKey(rsaKey.Public())},
		"ES256": {gojwt.SigningMethodES256, ecKey, ecKey.Public(), jwt.PublicKey(ecKey.Public())},
	}
}

// token makes a token that is good until then.
func (p pair) token(tb testing.TB, end time.Duration) string {
	tb.Helper()
	text, err := gojwt.NewWithClaims(p.method, Claims{gojwt.RegisteredClaims{
		Issuer: issuer, Audience: gojwt.ClaimStrings{audience}, Subject: "ada", ExpiresAt: gojwt.NewNumericDate(time.Now().Add(end)),
	}, "admin"}).SignedString(p.private)
	require.NoError(tb, err)
	return text
}

// A way lets calls in, and finds their claims in the handler.
type way func(r *routing.Route) (claims func(c *app.Call) (subject, role string))

func (p pair) chitor(r *routing.Route) func(c *app.Call) (string, string) {
	users := jwt.New("users", func(c *jwt.Config[Claims, Claims]) {
		c.Keys, c.Issuer, c.Audience = p.ours, issuer, []string{audience}
	})
	r.Install(authentication.Require(users))
	return func(c *app.Call) (string, string) {
		claims := users.Principal(c)
		return claims.Subject, claims.Role
	}
}

// jwtauth checks exp by itself; iss and aud are for a middleware of one's own,
// as its README has Authenticator.
func (p pair) jwtauth(r *routing.Route) func(c *app.Call) (string, string) {
	tokens := jwtauth.New(p.method.Alg(), p.private, p.public)
	r.Use(jwtauth.Verify(tokens, jwtauth.TokenFromHeader))
	r.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, claims, err := jwtauth.FromContext(r.Context())
			to, _ := claims["aud"].([]string)
			if err != nil || claims["exp"] == nil || claims["iss"] != issuer || len(to) != 1 || to[0] != audience {
				http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	return func(c *app.Call) (string, string) {
		_, claims, _ := jwtauth.FromContext(c.Context())
		subject, _ := claims["sub"].(string)
		role, _ := claims["role"].(string)
		return subject, role
	}
}

type claimsKey struct{}

func (p pair) golangJWT(r *routing.Route) func(c *app.Call) (string, string) {
	parser := gojwt.NewParser(gojwt.WithValidMethods([]string{p.method.Alg()}), gojwt.WithIssuer(issuer),
		gojwt.WithAudience(audience), gojwt.WithExpirationRequired(), gojwt.WithIssuedAt(), gojwt.WithStrictDecoding())
	key := func(*gojwt.Token) (any, error) { return p.public, nil }
	r.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var claims Claims
			text := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			if _, err := parser.ParseWithClaims(text, &claims, key); err != nil {
				http.Error(w, http.StatusText(http.StatusUnauthorized), http.StatusUnauthorized)
				return
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), claimsKey{}, &claims)))
		})
	})
	return func(c *app.Call) (string, string) {
		claims, _ := c.Context().Value(claimsKey{}).(*Claims)
		return claims.Subject, claims.Role
	}
}

func (p pair) ways() map[string]way {
	return map[string]way{"chitor": p.chitor, "jwtauth": p.jwtauth, "golang-jwt": p.golangJWT}
}

// serve returns what answers a call with a token.
func (w way) serve(tb testing.TB) func(writer http.ResponseWriter, token string) {
	tb.Helper()
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Group(func(r *routing.Route) {
				claims := w(r)
				r.Get("/", func(c *app.Call) error {
					subject, role := claims(c)
					return c.RespondText(subject + " " + role)
				})
			})
		})
	})
	require.NoError(tb, application.Start(tb.Context()))
	tb.Cleanup(func() { assert.NoError(tb, application.Stop(context.Background())) })
	request := httptest.NewRequestWithContext(application.Context(), http.MethodGet, "/", http.NoBody)
	return func(writer http.ResponseWriter, token string) {
		request.Header.Set("Authorization", "Bearer "+token)
		application.ServeHTTP(writer, request)
	}
}

// blank is a writer that forgets.
type blank struct{ header http.Header }

func (b blank) Header() http.Header         { return b.header }
func (b blank) Write(p []byte) (int, error) { return len(p), nil }
func (b blank) WriteHeader(int)             {}

// All do the same work: they let the same tokens in, and know the same of them.
func TestWaysDoTheSame(t *testing.T) {
	for algorithm, pair := range pairs(t) {
		good, expired := pair.token(t, time.Hour), pair.token(t, -time.Hour)
		for name, way := range pair.ways() {
			serve := way.serve(t)
			for token, want := range map[string]int{good: http.StatusOK, expired: http.StatusUnauthorized, good[:len(good)-8]: http.StatusUnauthorized} {
				recorder := httptest.NewRecorder()
				serve(recorder, token)
				assert.Equal(t, want, recorder.Code, "%s %s", algorithm, name)
				assert.Equal(t, want == http.StatusOK, recorder.Body.String() == "ada admin", "%s %s", algorithm, name)
			}
		}
	}
}

// calls returns a call of each way, with one token for all.
func calls(tb testing.TB, pair pair) map[string]func() {
	tb.Helper()
	token := pair.token(tb, time.Hour)
	all := map[string]func(){}
	for name, way := range pair.ways() {
		serve, writer := way.serve(tb), blank{http.Header{}}
		all[name] = func() {
			clear(writer.header)
			serve(writer, token)
		}
	}
	return all
}

func BenchmarkHS256(b *testing.B) { turns.Benchmark(b, calls(b, pairs(b)["HS256"])) }
func BenchmarkRS256(b *testing.B) { turns.Benchmark(b, calls(b, pairs(b)["RS256"])) }
func BenchmarkES256(b *testing.B) { turns.Benchmark(b, calls(b, pairs(b)["ES256"])) }
