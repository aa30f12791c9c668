package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication/oauth"
	"github.com/chitor-go/chitor/routing"
)

// A Provider logs users in, and says who they are by claims of type C. [New] makes
// it. It may be used by concurrent calls.
type Provider[C any] struct {
	name     string
	config   Config[C]
	fetcher  *fetcher
	metadata *cached[metadata]
	verifier *gooidc.IDTokenVerifier
	flow     *oauth.Flow
	verified *app.Key[*Login[C]] // in the call of a callback
	mistake  error
}

// New returns a provider. The name is that of its cookies, and what errors call
// it. What is wrong with the configuration is reported by Start, at the line that
// calls [Provider.Routes].
func New[C any](name string, configure func(*Config[C])) *Provider[C] {
	p := &Provider[C]{name: name, config: Config[C]{Timeout: 10 * time.Second}, verified: app.NewKey[*Login[C]]("oidc." + name)}
	wrong := mistakes.Configure(&p.config, []func(*Config[C]){configure})
	p.mistake = errors.Join(wrong, p.config.check())
	p.fetcher = newFetcher(p.config.Client, p.config.Timeout)
	p.metadata = newCached(func(ctx context.Context) (*metadata, error) { return discover(ctx, p.fetcher, p.config.Issuer) })
	keys := newKeySet(p.fetcher, func(ctx context.Context) (string, error) {
		m, err := p.discovered(ctx)
		if err != nil {
			return "", err
		}
		return m.Keys, nil
	})
	p.verifier = gooidc.NewVerifier(p.config.Issuer, keys, &gooidc.Config{ClientID: p.config.ClientID, SupportedSigningAlgs: names()})
	p.flow = oauth.New(name, p.configureFlow)
	return p
}

// names returns the names of the algorithms.
func names() []string {
	all := make([]string, len(algorithms))
	for i, algorithm := range algorithms {
		all[i] = string(algorithm)
	}
	return all
}

func (p *Provider[C]) configureFlow(o *oauth.Config) {
	o.Client, o.Timeout = p.config.Client, p.config.Timeout
	if p.config.Flow != nil {
		p.config.Flow(o)
	}
	o.Settings = oauth2.Config{RedirectURL: p.config.RedirectURL}
	o.SettingsFor = p.settings
	o.Issuer = p.config.Issuer
	o.Check = p.check
	o.OnLogin = func(c *app.Call, _ *oauth.Login) error {
		login, _ := p.verified.Get(c) // check has set it
		return p.config.OnLogin(c, login)
	}
	o.OnFailure = p.config.OnFailure
}

// Name returns the name of the provider.
func (p *Provider[C]) Name() string { return p.name }

// Flow returns the login, which begins one from a handler, and has a source of
// tokens for calls: see package oauth.
func (p *Provider[C]) Flow() *oauth.Flow { return p.flow }

// Routes declares the routes of a login below r, as oauth.Flow does, and those of
// a logout that the configuration asks for.
func (p *Provider[C]) Routes(r *routing.Route) {
	site := app.Caller(1)
	a := r.Application()
	if p.mistake != nil {
		a.FailAt(site, mistakes.Each(p.mistake, func(one error) error { return fmt.Errorf("login by %s: %w", p.name, one) }))
		return
	}
	r.DeclareAt(site, func(r *routing.Route) {
		p.flow.RoutesAt(site, r)
		if p.config.LogoutPath != "" {
			r.Post(p.config.LogoutPath, p.Logout)
		}
		if p.config.BackChannelPath != "" {
			r.Post(p.config.BackChannelPath, p.backChannel)
		}
	})
	if p.config.DiscoverAtStart {
		a.OnStart(func(ctx context.Context) error {
			_, err := p.discovered(ctx)
			return err
		})
	}
}

// discovered returns what the provider says about itself.
func (p *Provider[C]) discovered(ctx context.Context) (*metadata, error) {
	m, err := p.metadata.get(ctx, isFresh)
	if m == nil { // an old document is better than none
		return nil, &oauth.ProviderError{Flow: p.name, Operation: "discover the provider", Err: err}
	}
	return m, nil
}

// settings returns what package oauth needs to know.
func (p *Provider[C]) settings(c *app.Call) (*oauth2.Config, error) {
	m, err := p.discovered(c.Context())
	if err != nil {
		return nil, err
	}
	style := p.config.AuthStyle
	switch {
	case style != oauth2.AuthStyleAutoDetect:
	case p.config.ClientSecret == "":
		style = oauth2.AuthStyleInParams // where the name of a public client stands
	default:
		style = m.authStyle()
	}
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, RedirectURL: p.config.RedirectURL,
		Scopes:   append([]string{gooidc.ScopeOpenID}, p.config.Scopes...),
		Endpoint: oauth2.Endpoint{AuthURL: m.Authorization, TokenURL: m.Token, AuthStyle: style},
	}, nil
}

// A TokenError is that of a token which is not what it should be. The call ends
// with 401.
type TokenError struct {
	// Provider is the name of the provider.
	Provider string
	// Err says what is wrong. It has nothing of the token's secrets.
	Err error
}

// Error returns what is wrong.
func (e *TokenError) Error() string { return fmt.Sprintf("token of %s: %v", e.Provider, e.Err) }

// Unwrap returns the cause.
func (e *TokenError) Unwrap() error { return e.Err }

// StatusCode returns 401.
func (*TokenError) StatusCode() int { return http.StatusUnauthorized }

// refuse returns the error of a token that could not be verified.
func (p *Provider[C]) refuse(c *app.Call, err error, keys *outage) error {
	if gone := c.Context().Err(); gone != nil {
		return gone
	}
	if keys.err != nil {
		return &oauth.ProviderError{Flow: p.name, Operation: "verify a token", Err: keys.err}
	}
	return &TokenError{p.name, err}
}
