package oauth

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication/internal/localpath"
)

// Config configures a [Flow]. [New] reads it once; later changes have no effect.
// The functions are called for concurrent calls at once.
//
// Ktor: OAuth2FlowConfig, OAuthAuthenticationProvider.Config.
type Config struct {
	// Settings say who the application is to the provider, and where the provider
	// is; package golang.org/x/oauth2/endpoints has the addresses of many. The
	// RedirectURL is absolute, and https unless its host is the machine itself.
	// AuthStyle 0 sends the secret in the body, as Ktor does, and
	// [oauth2.AuthStyleInHeader] with Basic; nothing is tried out, because a code
	// can be used once.
	//
	// Ktor: settings and urlProvider.
	Settings oauth2.Config
	// SettingsFor returns the settings for a call, such as those of its tenant, in
	// place of Settings. Both calls of a login have to get the same addresses and
	// ClientID, or it is refused ([ErrState]): a provider must not answer for another
	// one. An error ends the call, as one that a handler returns does. Of Settings
	// only the RedirectURL is used then, for the path of the callback. Nil, the
	// default, is Settings for all calls.
	//
	// Ktor: providerLookup.
	SettingsFor func(c *app.Call) (*oauth2.Config, error)

	// Issuer is the name of the provider. An answer that names another one (the
	// parameter iss of RFC 9207) is refused. "", the default, checks nothing; then
	// each provider must have a callback of its own.
	Issuer string
	// IssuerRequired refuses an answer that names no issuer, too: for providers
	// that promise to name it.
	IssuerRequired bool
	// FormPost has the provider answer with a form (response_mode=form_post), as
	// Apple does where it sends a name: the callback is a POST. Browsers send no
	// cookie with SameSite=Lax with that, so the cookie of the login is
	// SameSite=None, which needs https.
	FormPost bool

	// LoginPath is the path below the route of [Flow.Routes] that begins a login:
	// "/login" by default.
	//
	// Ktor: loginPath.
	LoginPath string
	// CallbackPath is the path below that route that the provider sends browsers
	// back to. "", the default, is the path of the RedirectURL, which has to lie
	// below the route. Set it where a proxy changes paths.
	//
	// Ktor: callback.
	CallbackPath string
	// Home is the path that a login returns to if it was asked for without one: "/"
	// by default.
	Home string

	// AuthorizeParams returns further parameters for the provider's login page,
	// such as access_type or prompt. They cannot replace those of the flow. Nil, the
	// default, has none.
	//
	// Ktor: extraAuthParameters and authorizeUrlInterceptor.
	AuthorizeParams func(c *app.Call) map[string]string
	// TokenParams returns further parameters for the token request. They cannot
	// replace those of the flow. Nil, the default, has none.
	//
	// Ktor: extraTokenParameters and extraTokenParametersProvider.
	TokenParams func(c *app.Call) map[string]string

	// Check looks at a login before OnLogin: what it returns goes to OnFailure. Nil,
	// the default, checks nothing.
	Check func(c *app.Call, login *Login) error
	// OnLogin is called when somebody has logged in. It keeps what is needed, in a
	// session for instance. Unless it answers, the browser is sent to
	// [Login.ReturnTo]. An error ends the call, as one that a handler returns does.
	// It must be set.
	//
	// Ktor: the function of callback.
	OnLogin func(c *app.Call, login *Login) error
	// OnFailure answers a login that has failed: with [ErrState], a [*RefusedError],
	// a [*ProviderError], or what Check has returned. If it returns nil and has not
	// answered, the call ends with cause, as it does where OnFailure is nil, the
	// default.
	//
	// Ktor: onUnauthorized, fallback.
	OnFailure func(c *app.Call, cause error) error

	// Client sends the requests to the provider. It is copied, and follows no
	// redirect. Nil, the default, is a client with [http.DefaultTransport].
	Client *http.Client
	// Timeout is how long the provider may take for a request: 10 s by default. 0
	// sets no limit.
	Timeout time.Duration
	// Lifetime is how long a login may take, from its beginning to the answer: ten
	// minutes by default. It must be positive.
	Lifetime time.Duration
	// Key encrypts the cookies of logins. It has 32 bytes or more, and must be the
	// same on all nodes. Nil, the default, is a random one: a login that has begun
	// when the process is restarted then has to begin anew.
	Key []byte
}

const minKey = 32

func defaultConfig() Config {
	return Config{LoginPath: "/login", Home: "/", Timeout: 10 * time.Second, Lifetime: 10 * time.Minute}
}

// check returns all mistakes of a configuration.
func (c *Config) check(name string) error {
	var wrong mistakes.List
	if !httpheader.IsToken(name) || len(name) > 64 {
		wrong.Add(fmt.Errorf("the name %q is not a token of 64 bytes or less: it may have letters, digits and the like", name))
	}
	if c.SettingsFor == nil {
		wrong.Add(checkSettings(&c.Settings))
	}
	wrong.Add(checkRedirect(c.Settings.RedirectURL, c.FormPost))
	if c.IssuerRequired && c.Issuer == "" {
		wrong.Add(errors.New("IssuerRequired needs an Issuer"))
	}
	if c.LoginPath == "" {
		wrong.Add(errors.New(`LoginPath is empty: "/login" is the default`))
	}
	if _, ok := localpath.Clean(c.Home); !ok {
		wrong.Add(fmt.Errorf("the home %q is not a path of the application, such as /home", c.Home))
	}
	if c.OnLogin == nil {
		wrong.Add(errors.New("OnLogin is nil: set the function that keeps who has logged in"))
	}
	if c.Timeout < 0 {
		wrong.Add(fmt.Errorf("the time-out is %v: it must not be negative, and 0 is no limit", c.Timeout))
	}
	if c.Lifetime <= 0 {
		wrong.Add(fmt.Errorf("the lifetime of a login is %v: it must be positive", c.Lifetime))
	}
	if c.Key != nil && len(c.Key) < minKey {
		wrong.Add(fmt.Errorf("the key has %d bytes: it must have %d or more", len(c.Key), minKey))
	}
	return wrong.Err()
}

// checkSettings returns what is missing in the settings of a provider.
func checkSettings(s *oauth2.Config) error {
	var wrong mistakes.List
	if s.ClientID == "" {
		wrong.Add(errors.New("ClientID is empty: it is what the provider calls the application"))
	}
	for name, address := range map[string]string{"AuthURL": s.Endpoint.AuthURL, "TokenURL": s.Endpoint.TokenURL} {
		parsed, err := url.Parse(address)
		if err != nil || parsed.Host == "" || parsed.Scheme != "https" && parsed.Scheme != "http" {
			wrong.Add(fmt.Errorf("%s of the endpoint is %q: it must be the address of the provider", name, address))
		}
	}
	return wrong.Err()
}

// checkRedirect returns what is wrong with the address that a provider sends
// browsers back to.
func checkRedirect(address string, formPost bool) error {
	parsed, err := url.Parse(address)
	switch {
	case err != nil || parsed.Host == "" || parsed.Fragment != "" || parsed.Scheme != "https" && parsed.Scheme != "http":
		return fmt.Errorf("the RedirectURL is %q: it must be the whole address of the callback, as the provider knows it", address)
	case formPost && parsed.Scheme != "https":
		return fmt.Errorf("the RedirectURL is %q: FormPost needs https", address)
	case parsed.Scheme != "https" && !isLoopback(parsed.Hostname()):
		return fmt.Errorf("the RedirectURL is %q: it must be https, or codes can be read on the way", address)
	}
	return nil
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback() || strings.EqualFold(host, "localhost")
}

// key returns what cookies are encrypted with.
func (c *Config) key() []byte {
	if c.Key != nil {
		return c.Key
	}
	random := make([]byte, minKey)
	_, _ = rand.Read(random) // never fails
	return random
}

// client returns the client for requests to the provider.
func (c *Config) client() *http.Client {
	var client http.Client
	if c.Client != nil {
		client = *c.Client
	}
	// Another host is nobody to whom a secret was given.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}
