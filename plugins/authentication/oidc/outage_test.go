package oidc_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/oauth"
	"github.com/chitor-go/chitor/plugins/authentication/oidc"
	"github.com/chitor-go/chitor/routing"
)

// A provider that is down keeps no application from starting, and is asked again,
// not by every call.
func TestProviderThatIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t)
		s.id.Break(http.StatusServiceUnavailable)
		s.Start(s.module)
		for range 5 {
			assertText(t, s.browser().Get("/login"), http.StatusBadGateway, "Bad Gateway")
		}
		assert.Len(t, s.id.Requests(), 1)
		assertSilent(t, s)
		s.id.Break(0)
		assert.Equal(t, http.StatusBadGateway, s.browser().Get("/login").StatusCode, "it was asked a moment ago")
		time.Sleep(5 * time.Second)
		assertText(t, logIn(t, s.browser()), http.StatusOK, "ann@example.org")

		// What is old is better than nothing.
		time.Sleep(48 * time.Hour)
		s.id.Break(http.StatusInternalServerError)
		before := len(s.id.Requests())
		assert.Equal(t, http.StatusFound, s.browser().Get("/login").StatusCode)
		assert.Equal(t, http.StatusFound, s.browser().Get("/login").StatusCode)
		assert.Len(t, s.id.Requests(), before+1)
		s.id.Break(0)
		time.Sleep(5 * time.Second)
		assert.Equal(t, http.StatusFound, s.browser().Get("/login").StatusCode)
		assert.Len(t, s.id.Requests(), before+2, "old is old, however often it could not be read")
		assertText(t, logIn(t, s.browser()), http.StatusOK, "ann@example.org")
	})
}

func TestDiscoverAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, func(c *config) { c.DiscoverAtStart = true })
		s.Start(s.module)
		assert.Equal(t, []string{"/.well-known/openid-configuration"}, s.id.Requests())
	})
	down := oidc.New("test", func(c *config) {
		standard(c)
		c.Issuer = "http://127.0.0.1:1"
		c.DiscoverAtStart = true
	})
	err := app.New(func(a *app.Application) { routing.Routes(a, down.Routes) }).Start(t.Context())
	var failed *oauth.ProviderError
	require.ErrorAs(t, err, &failed)
	require.ErrorContains(t, err, "discover the provider of a login by test")
}

// New keys are read when a token names one, and unknown names do not make
// requests.
func TestRotatedKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t)
		assert.Equal(t, http.StatusOK, logIn(t, s.browser()).StatusCode)
		time.Sleep(5 * time.Second)
		s.id.RotateKeys()
		assert.Equal(t, http.StatusOK, logIn(t, s.browser()).StatusCode)

		before := len(s.id.Requests())
		for range 10 {
			s.id.Replace(ofNobodysKey)
			assert.Equal(t, http.StatusUnauthorized, logIn(t, s.browser()).StatusCode)
		}
		keys := 0
		for _, path := range s.id.Requests()[before:] {
			if path == "/keys" {
				keys++
			}
		}
		assert.Zero(t, keys, "it was asked a moment ago")
	})
}

// ofNobodysKey returns a token that names a key which nobody has.
func ofNobodysKey(map[string]any) string {
	return "eyJhbGciOiJFUzI1NiIsImtpZCI6Im5vYm9keSJ9.e30." +
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
}

// Keys that cannot be read are not the user's fault.
func TestKeysThatAreDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cause error
		down := true
		s := start(t, func(c *config) {
			c.Client = &http.Client{Transport: &tripper{c.Client.Transport, func(r *http.Request) bool { return down && r.URL.Path == "/keys" }}}
			c.OnFailure = func(_ *app.Call, err error) error { cause = err; return nil }
		})
		assert.Equal(t, http.StatusBadGateway, logIn(t, s.browser()).StatusCode)
		var failed *oauth.ProviderError
		require.ErrorAs(t, cause, &failed)
		assert.EqualError(t, cause, "verify a token of a login by test: read the keys: no way there")
		down = false
		time.Sleep(5 * time.Second)
		assert.Equal(t, http.StatusOK, logIn(t, s.browser()).StatusCode)
	})
}

// A tripper is a network that does not reach everything.
type tripper struct {
	http.RoundTripper

	fails func(*http.Request) bool
}

func (t *tripper) RoundTrip(r *http.Request) (*http.Response, error) {
	if t.fails(r) {
		return nil, errors.New("no way there")
	}
	return t.RoundTripper.RoundTrip(r)
}

// What a provider says about itself may be wrong.
func TestDocumentsThatAreRefused(t *testing.T) {
	const good = `{"issuer":"https://id.example","authorization_endpoint":"https://id.example/a",` +
		`"token_endpoint":"https://id.example/t","jwks_uri":"https://id.example/k"`
	for name, test := range map[string]struct {
		text   string
		status int
	}{
		"good":                     {good + `}`, http.StatusFound},
		"another issuer":           {strings.Replace(good, `id.example"`, `id.example/"`, 1) + `}`, http.StatusBadGateway},
		"no endpoints":             {`{"issuer":"https://id.example"}`, http.StatusBadGateway},
		"an endpoint without TLS":  {good + `,"token_endpoint":"http://id.example/t"}`, http.StatusBadGateway},
		"a userinfo without TLS":   {good + `,"userinfo_endpoint":"http://id.example/u"}`, http.StatusBadGateway},
		"a script":                 {good + `,"end_session_endpoint":"javascript:alert(1)"}`, http.StatusBadGateway},
		"a page":                   {"<html>", http.StatusBadGateway},
		"nothing":                  {"", http.StatusBadGateway},
		"more than anybody writes": {good + `}` + strings.Repeat(" ", 1<<20), http.StatusBadGateway},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.New(t, apptest.ExternalService(issuer, func(a *app.Application) {
					routing.Routes(a, func(r *routing.Route) {
						r.Get("/.well-known/openid-configuration", func(c *app.Call) error { return c.RespondText(test.text) })
					})
				}))
				provider := oidc.New("test", func(c *config) { standard(c); c.Client = host.Client() })
				host.Start(func(a *app.Application) { routing.Routes(a, provider.Routes) })
				assert.Equal(t, test.status, host.NewClient(apptest.NoRedirects()).Get("/login").StatusCode)
			})
		})
	}
}

func TestSlowProvider(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.New(t, apptest.ExternalService(issuer, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/.well-known/openid-configuration", func(c *app.Call) error { <-c.Context().Done(); return nil })
			})
		}))
		provider := oidc.New("test", func(c *config) { standard(c); c.Client = host.Client() })
		host.Start(func(a *app.Application) { routing.Routes(a, provider.Routes) })
		before := time.Now()
		assert.Equal(t, http.StatusGatewayTimeout, host.Get("/login").StatusCode)
		assert.Equal(t, 10*time.Second, time.Since(before))
	})
}
