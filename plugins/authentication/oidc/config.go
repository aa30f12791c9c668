package oidc

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication/oauth"
)

// Config configures a [Provider] whose claims are read into a C, as encoding/json
// does. [New] reads it once. The functions are called for concurrent calls at
// once.
type Config[C any] struct {
	// Issuer is the name and the address of the provider, as it writes it itself:
	// "https://accounts.google.com". It is https, unless its host is the machine
	// itself.
	Issuer string
	// ClientID and ClientSecret are what the provider has given the application.
	// Without a secret the client is a public one, which PKCE alone protects.
	ClientID, ClientSecret string
	// RedirectURL is the whole address of the callback: see oauth.Config.
	RedirectURL string
	// Scopes are what is asked for besides openid, such as profile and email. None
	// by default.
	Scopes []string
	// AuthStyle says how the secret is sent. 0, the default, is what the provider
	// says it takes, and Basic if it takes that.
	AuthStyle oauth2.AuthStyle

	// UserInfo adds what the provider's userinfo endpoint says to the claims of the
	// ID token: for providers that leave claims out there. It is one more request
	// for each login.
	UserInfo bool
	// DiscoverAtStart has the application not start while the provider is down.
	DiscoverAtStart bool

	// OnLogin is called when somebody has logged in: see oauth.Config. It must be
	// set.
	OnLogin func(c *app.Call, login *Login[C]) error
	// OnFailure answers a login that has failed: see oauth.Config. A token that is
	// not what it should be is a [*TokenError].
	OnFailure func(c *app.Call, cause error) error
	// Flow changes the rest of the login's configuration: paths, time-out, key,
	// further parameters. Its Settings, SettingsFor, Issuer, Check, OnLogin and
	// OnFailure are set by this package. Nil, the default, changes nothing.
	Flow func(c *oauth.Config)

	// LogoutPath is a path below the route of [Provider.Routes] that a POST logs out
	// at: see [Provider.Logout]. It is a POST because pages of other sites can have a
	// browser send a GET with its cookies. "", the default, has no such route.
	LogoutPath string
	// OnLogout ends the session of the application, and returns the ID token of the
	// login, by which the provider knows whom to log out, or "" if it was not kept.
	// It must be set if there is a LogoutPath.
	OnLogout func(c *app.Call) (idToken string, err error)
	// AfterLogout is the whole address that the provider sends the browser to after
	// a logout, as the provider knows it. "", the default, leaves the browser there.
	AfterLogout string

	// BackChannelPath is a path below the route of [Provider.Routes] at which the
	// provider says that a user has logged out elsewhere. "", the default, has none.
	BackChannelPath string
	// OnBackChannelLogout ends the sessions of a user. It must be set if there is a
	// BackChannelPath. The call is one of the provider, without any session. It may
	// come again with the same token, until that expires: sessions that are not there
	// are no error.
	OnBackChannelLogout func(c *app.Call, logout *Logout) error

	// Client sends the requests to the provider. It is copied, and follows no
	// redirect. Nil, the default, is a client with http.DefaultTransport.
	Client *http.Client
	// Timeout is how long the provider may take for a request: 10 s by default. 0
	// sets no limit.
	Timeout time.Duration
}

// check returns the mistakes of what is not oauth.Config's.
func (c *Config[C]) check() error {
	var wrong mistakes.List
	if !isSecure(c.Issuer) {
		wrong.Add(fmt.Errorf("the issuer is %q: it must be the address of the provider, with https", c.Issuer))
	}
	if c.ClientID == "" {
		wrong.Add(errors.New("ClientID is empty: it is what the provider calls the application"))
	}
	if c.OnLogin == nil {
		wrong.Add(errors.New("OnLogin is nil: set the function that keeps who has logged in"))
	}
	if c.LogoutPath != "" && c.OnLogout == nil {
		wrong.Add(errors.New("OnLogout is nil: set the function that ends the session, or no LogoutPath"))
	}
	if parsed, err := url.Parse(c.AfterLogout); c.AfterLogout != "" &&
		(err != nil || parsed.Host == "" || parsed.Scheme != "https" && parsed.Scheme != "http") {
		wrong.Add(fmt.Errorf("AfterLogout is %q: it must be a whole address, such as https://shop.example/bye", c.AfterLogout))
	}
	if c.BackChannelPath != "" && c.OnBackChannelLogout == nil {
		wrong.Add(errors.New("OnBackChannelLogout is nil: set the function that ends sessions, or no BackChannelPath"))
	}
	return wrong.Err()
}

// isSecure reports whether nobody on the way can change what is at an address.
func isSecure(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.RawQuery != "" || parsed.Fragment != "" {
		return false
	}
	host, err := netip.ParseAddr(parsed.Hostname())
	local := err == nil && host.IsLoopback() || strings.EqualFold(parsed.Hostname(), "localhost")
	return parsed.Scheme == "https" || parsed.Scheme == "http" && local
}
