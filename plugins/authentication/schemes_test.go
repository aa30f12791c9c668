//go:build !race

// The race detector makes pools forget on purpose, so there is nothing to count
// under it.

package authentication_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/apikey"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/plugins/authentication/bearer"
	"github.com/chitor-go/chitor/plugins/authentication/form"
	"github.com/chitor-go/chitor/routing"
)

// accepting accepts every credential.
func accepting[C any](*app.Call, C) (User, error) { return User{"ann"}, nil }

// kinds are the schemes whose cost is watched, each with a header that it accepts.
func kinds() map[string]struct {
	scheme      authentication.Authenticator
	header, has string
	body        string
} {
	return map[string]struct {
		scheme      authentication.Authenticator
		header, has string
		body        string
	}{
		"bare":   {nil, "X-None", "x", ""},
		"basic":  {basic.New("basic", func(c *basic.Config[User]) { c.Validate = accepting }), "Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", ""},
		"bearer": {bearer.New("bearer", func(c *bearer.Config[User]) { c.Validate = accepting }), "Authorization", "Bearer 0123456789", ""},
		"apikey": {apikey.New("apikey", func(c *apikey.Config[User]) { c.Validate = accepting }), "X-Api-Key", "0123456789", ""},
		"form": {
			form.New("form", func(c *form.Config[User]) { c.Validate = accepting }), "Content-Type", "application/x-www-form-urlencoded",
			"user=Aladdin&password=open+sesame",
		},
	}
}

// posting returns what serves one accepted call of a kind.
func posting(tb testing.TB, kind string) func() {
	tb.Helper()
	tested := kinds()[kind]
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			route := r.Post("/", func(c *app.Call) error { return c.RespondText("OK") })
			if tested.scheme != nil {
				route.Install(authentication.Require(tested.scheme))
			}
		})
	})
	require.NoError(tb, application.Start(tb.Context()))
	tb.Cleanup(func() { assert.NoError(tb, application.Stop(context.Background())) })
	request := httptest.NewRequestWithContext(application.Context(), http.MethodPost, "/", http.NoBody)
	request.Header.Set(tested.header, tested.has)
	writer := blank{http.Header{}}
	body := strings.NewReader(tested.body)
	if tested.body != "" {
		request.Body = io.NopCloser(body)
	}
	return func() {
		clear(writer.header)
		body.Reset(tested.body)
		application.ServeHTTP(writer, request)
	}
}

// BenchmarkSchemes measures a whole call that each kind accepts; "bare" is one
// without, to be taken off.
func BenchmarkSchemes(b *testing.B) {
	for kind := range kinds() {
		b.Run(kind, func(b *testing.B) {
			call := posting(b, kind)
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}

// TestAllocationsOfSchemes: a token and a key cost what the principal does. Basic
// decodes into two more. A form is a body that is read, kept and parsed.
func TestAllocationsOfSchemes(t *testing.T) {
	cost := map[string]float64{}
	for kind := range kinds() {
		cost[kind] = testing.AllocsPerRun(200, posting(t, kind))
	}
	assert.InDelta(t, 1, cost["bearer"]-cost["bare"], 0.1)
	assert.InDelta(t, 1, cost["apikey"]-cost["bare"], 0.1)
	assert.InDelta(t, 3, cost["basic"]-cost["bare"], 0.1)
	assert.Less(t, cost["form"]-cost["bare"], 25.0)
}
