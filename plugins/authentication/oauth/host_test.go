package oauth_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication/oauth"
	"github.com/chitor-go/chitor/routing"
)

const (
	provider = "https://provider.example"
	callback = "http://localhost/callback"
)

// A tokenServer is the provider's token endpoint. It keeps what it was asked.
type tokenServer struct {
	answer func(c *app.Call, form url.Values) error

	mu    sync.Mutex
	forms []url.Values
	auth  []string // the headers Authorization
}

// gives answers every request with a token.
func gives(c *app.Call, form url.Values) error {
	return respondJSON(c, map[string]any{"access_token": "token of " + form.Get("code"), "token_type": "bearer", "refresh_token": "refresh-1"})
}

func respondJSON(c *app.Call, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	c.Header().Set("Content-Type", "application/json")
	return c.RespondBytes(text)
}

// says answers every request with a status and a text of a type.
func says(status int, contentType, text string) func(*app.Call, url.Values) error {
	return func(c *app.Call, _ url.Values) error {
		c.SetStatus(status)
		c.Header().Set("Content-Type", contentType)
		return c.RespondText(text)
	}
}

func (s *tokenServer) module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Post("/token", func(c *app.Call) error {
			form, err := c.ReceiveForm()
			if err != nil {
				return err
			}
			s.mu.Lock()
			s.forms = append(s.forms, form)
			s.auth = append(s.auth, c.Request.Header.Get("Authorization"))
			s.mu.Unlock()
			return s.answer(c, form)
		})
		r.Get("/userinfo", func(c *app.Call) error {
			return respondJSON(c, map[string]string{"authorization": c.Request.Header.Get("Authorization")})
		})
	})
}

// asked returns the forms of the requests for tokens.
func (s *tokenServer) asked() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forms
}

// site is an application with a login, and its provider.
type site struct {
	*apptest.Host

	flow     *oauth.Flow
	provider *tokenServer
}

// start starts an application with one flow, at its root, whose OnLogin answers
// with the token unless a configuration has another.
func start(t *testing.T, configure ...func(*oauth.Config)) *site {
	t.Helper()
	s := &site{provider: &tokenServer{answer: gives}}
	s.Host = apptest.New(t, apptest.ExternalService(provider, s.provider.module))
	s.flow = oauth.New("test", func(c *oauth.Config) {
		standard(c)
		c.Client = s.Client()
		for _, change := range configure {
			change(c)
		}
	})
	s.Start(func(a *app.Application) { routing.Routes(a, s.flow.Routes) })
	return s
}

func standard(c *oauth.Config) {
	c.Settings = oauth2.Config{
		ClientID:     "clientId1",
		ClientSecret: "clientSecret1",
		RedirectURL:  callback,
		Endpoint:     oauth2.Endpoint{AuthURL: provider + "/authorize", TokenURL: provider + "/token"},
	}
	c.OnLogin = func(c *app.Call, login *oauth.Login) error { return c.RespondText(login.Token.AccessToken) }
}

// browser returns a client that keeps cookies and follows no redirect.
func (s *site) browser() *apptest.Client {
	return s.NewClient(apptest.Cookies(), apptest.NoRedirects())
}

// sent returns where a response sends the browser to, which must be the provider.
func sent(t *testing.T, response *http.Response) url.Values {
	t.Helper()
	require.Equal(t, http.StatusFound, response.StatusCode)
	location := response.Header.Get("Location")
	require.True(t, strings.HasPrefix(location, provider+"/authorize?"), location)
	parsed, err := url.Parse(location)
	require.NoError(t, err)
	return parsed.Query()
}

// begin begins a login, and returns what the provider is asked.
func begin(t *testing.T, browser *apptest.Client, path string) url.Values {
	t.Helper()
	return sent(t, browser.Get(path))
}

// answer is the path of the callback with parameters: name, value, and so on.
func answer(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return "/callback?" + values.Encode()
}

// assertText asserts the status and the text of a response.
func assertText(t *testing.T, response *http.Response, status int, text string) {
	t.Helper()
	assert.Equal(t, status, response.StatusCode)
	assert.Equal(t, text, apptest.Text(t, response))
}
