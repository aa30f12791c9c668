package jwt_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	gojwt "github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/jwt"
	"github.com/chitor-go/chitor/routing"
)

// blank is a writer that forgets.
type blank struct{ header http.Header }

func (b blank) Header() http.Header         { return b.header }
func (b blank) Write(p []byte) (int, error) { return len(p), nil }
func (b blank) WriteHeader(int)             {}

// served returns a function that makes one call with a token. Without a scheme
// the route is open.
func served(t testing.TB, users *authentication.Scheme[Claims], token string) func() {
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			route := r.Get("/", func(c *app.Call) error { return c.RespondText("OK") })
			if users != nil {
				route.Install(authentication.Require(users))
			}
		})
	})
	require.NoError(t, application.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, application.Stop(context.Background())) })
	request := httptest.NewRequestWithContext(application.Context(), http.MethodGet, "/", http.NoBody)
	request.Header.Set("Authorization", "Bearer "+token)
	writer := blank{http.Header{}}
	return func() {
		clear(writer.header)
		application.ServeHTTP(writer, request)
	}
}

func kinds(t testing.TB) map[string]func() {
	return map[string]func(){
		"bare":  served(t, nil, good(t)),
		"HS256": served(t, scheme(), good(t)),
		"RS256": served(t, scheme(with(jwt.PublicKey(rsaKey().Public()))), sign(t, gojwt.SigningMethodRS256, rsaKey(), claims(nil), nil)),
		"ES256": served(t, scheme(with(jwt.PublicKey(p256Key().Public()))), sign(t, gojwt.SigningMethodES256, p256Key(), claims(nil), nil)),
		"EdDSA": served(t, scheme(with(jwt.PublicKey(ed25519Key().Public()))), sign(t, gojwt.SigningMethodEdDSA, ed25519Key(), claims(nil), nil)),
	}
}

// BenchmarkCall measures a whole call; "bare" is one to an open route, to be taken
// off. bench/jwt compares it with others.
func BenchmarkCall(b *testing.B) {
	for name, call := range kinds(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}
