package oauth

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication/internal/localpath"
	"github.com/chitor-go/chitor/routing"
)

// ReturnTo is the name of the query parameter of the login path that says where
// to return to: /login?return_to=/cart. A path that is none of the application is
// ignored.
const ReturnTo = localpath.ReturnTo

// A Flow logs users in with one provider. [New] makes it. It may be used by
// concurrent calls.
//
// Ktor: OAuth2Flow.
type Flow struct {
	name    string
	config  Config
	client  *http.Client
	jar     *jar
	used    used
	refresh refreshes
	mistake error
}

// A Login is one that has succeeded.
//
// Ktor: OAuthAccessTokenResponse.OAuth2.
type Login struct {
	// Token is what the provider has given: the token to ask its API with, perhaps
	// one to refresh it by, and further values by Token.Extra.
	Token *oauth2.Token
	// ReturnTo is the path of the application that the login was begun for.
	ReturnTo string
	// Nonce is what the parameter nonce of the login was. It is sent where the scope
	// openid is asked for, and a token of OpenID Connect repeats it.
	Nonce string
	// State is what told this login from others. It is of no further use but as a
	// name.
	State string
}

// String says where the login returns to, and nothing of its token.
func (l Login) String() string { return "login that returns to " + l.ReturnTo }

// GoString is String.
func (l Login) GoString() string { return l.String() }

// LogValue is String.
func (l Login) LogValue() slog.Value { return slog.StringValue(l.String()) }

// New returns a flow. The name is that of its cookies, and what errors call it: a
// token of at most 64 bytes. What is wrong with the configuration is reported by
// Start, at the line that calls [Flow.Routes].
//
// Ktor: oauth2.
func New(name string, configure func(*Config)) *Flow {
	config := defaultConfig()
	wrong := mistakes.Configure(&config, []func(*Config){configure})
	f := &Flow{name: name, config: config, client: config.client()}
	secure := strings.HasPrefix(config.Settings.RedirectURL, "https:")
	jar, err := newJar(name, config.key(), secure, config.FormPost)
	f.jar = jar
	f.mistake = errors.Join(wrong, config.check(name), err)
	return f
}

// Name returns the name of the flow.
func (f *Flow) Name() string { return f.name }

// Routes declares the two routes of a login below r: that of [Config.LoginPath],
// and the callback. The application has to be where the RedirectURL says.
//
// Ktor: Route.install.
func (f *Flow) Routes(r *routing.Route) { f.RoutesAt(app.Caller(1), r) }

// RoutesAt is Routes for verbs of others, whose mistakes are to name the line of
// their user.
func (f *Flow) RoutesAt(site app.Site, r *routing.Route) {
	callback, err := f.config.CallbackPath, f.mistake
	if err == nil && callback == "" {
		callback, err = f.callbackPath(r)
	}
	if err != nil {
		r.Application().FailAt(site, mistakes.Each(err, func(one error) error { return fmt.Errorf("login by %s: %w", f.name, one) }))
		return
	}
	r.DeclareAt(site, func(r *routing.Route) {
		r.Get(f.config.LoginPath, f.Login)
		if f.config.FormPost {
			r.Post(callback, f.Callback)
		}
		r.Get(callback, f.Callback)
	})
}

// callbackPath returns the path of the RedirectURL below r.
func (f *Flow) callbackPath(r *routing.Route) (string, error) {
	redirect, err := url.Parse(f.config.Settings.RedirectURL)
	if err != nil {
		return "", err // check has found it before
	}
	above := strings.TrimSuffix(r.Application().RootPath()+strings.TrimSuffix(r.String(), "/"), "/")
	below, found := strings.CutPrefix(redirect.EscapedPath(), above+"/")
	if !found {
		return "", fmt.Errorf("the RedirectURL %s is not below %s, where the routes of the login are: set CallbackPath to its path there",
			redirect, above)
	}
	return "/" + below, nil
}

// Login is the handler of the login path: it sends the browser to the provider,
// for the path of the parameter [ReturnTo]. It is for routes of your own, such as
// one that finds a flow by a parameter of its path.
func (f *Flow) Login(c *app.Call) error { return f.Begin(c, c.QueryParam(ReturnTo)) }

// Begin answers the call by sending the browser to the provider. After the login
// it returns to the path returnTo, or to [Config.Home] if that is no path of the
// application.
//
// Ktor: the challenge of an oauth provider.
func (f *Flow) Begin(c *app.Call, returnTo string) error {
	settings, err := f.settings(c)
	if err != nil {
		return err
	}
	path, ok := localpath.Clean(returnTo)
	if !ok {
		path = f.config.Home
	}
	a := newAttempt(path, settings, f.config.Lifetime)
	address, err := f.authorizeURL(c, settings, a)
	if err != nil {
		return err
	}
	if err := f.jar.add(c, a, f.config.Lifetime); err != nil {
		return fmt.Errorf("begin a login by %s: %w", f.name, err)
	}
	c.Header().Set("Cache-Control", "no-store")
	return c.RespondRedirect(address)
}

// settings returns who the application is to the provider, for a call.
func (f *Flow) settings(c *app.Call) (*oauth2.Config, error) {
	if f.mistake != nil {
		return nil, fmt.Errorf("login by %s: %w", f.name, f.mistake)
	}
	settings := f.config.Settings
	if f.config.SettingsFor != nil {
		found, err := f.config.SettingsFor(c)
		if err != nil {
			return nil, fmt.Errorf("settings of login by %s: %w", f.name, err)
		}
		if found == nil {
			return nil, fmt.Errorf("settings of login by %s: there are none", f.name)
		}
		settings = *found
		if err := errors.Join(checkSettings(&settings), checkRedirect(settings.RedirectURL, f.config.FormPost)); err != nil {
			return nil, fmt.Errorf("settings of login by %s: %w", f.name, err)
		}
	}
	if settings.Endpoint.AuthStyle == oauth2.AuthStyleAutoDetect {
		settings.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &settings, nil
}

// authorizeURL returns the address of the provider's page for an attempt.
func (f *Flow) authorizeURL(c *app.Call, settings *oauth2.Config, a *attempt) (string, error) {
	var options []oauth2.AuthCodeOption
	if f.config.AuthorizeParams != nil {
		for name, value := range f.config.AuthorizeParams(c) {
			if isOurs(name) {
				return "", fmt.Errorf("login by %s: AuthorizeParams has %s, which is the flow's own", f.name, name)
			}
			options = append(options, oauth2.SetAuthURLParam(name, value))
		}
	}
	options = append(options, oauth2.S256ChallengeOption(a.Verifier))
	if slices.Contains(settings.Scopes, "openid") {
		options = append(options, oauth2.SetAuthURLParam("nonce", a.Nonce))
	}
	if f.config.FormPost {
		options = append(options, oauth2.SetAuthURLParam("response_mode", "form_post"))
	}
	return settings.AuthCodeURL(a.State, options...), nil
}

// isOurs reports whether a parameter is one that the flow itself sets.
func isOurs(name string) bool {
	switch name {
	case "client_id", "client_secret", "redirect_uri", "response_type", "response_mode", "state", "nonce", "code",
		"code_challenge", "code_challenge_method", "code_verifier", "grant_type", "scope":
		return true
	default:
		return false
	}
}
