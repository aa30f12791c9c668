package oidctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

const (
	// ClientID is the client that a [Provider] knows.
	ClientID = "client"
	// ClientSecret is its secret.
	ClientSecret = "secret of client"
)

// A Provider is one of OpenID Connect. [New] makes it. It may be used by any
// number of goroutines.
type Provider struct {
	issuer string

	mu       sync.Mutex // guards what follows
	keys     []jose.JSONWebKey
	private  *ecdsa.PrivateKey // of the last of the keys
	user     *user             // nil if nobody has logged in
	codes    map[string]grant
	refresh  map[string]grant
	access   map[string]*user
	number   int // of what was given
	tamper   func(claims map[string]any)
	replace  func(claims map[string]any) string
	broken   int // the status of every answer, 0 if it is not broken
	requests []string
}

// user is who has logged in.
type user struct {
	subject string
	claims  map[string]any
}

// grant is what a code or a refresh token was given for.
type grant struct {
	user            *user
	nonce           string
	redirect        string
	challenge       string
	scope           string
	expires         time.Time
	authenticatedAt time.Time
}

// New returns a provider with one key. The issuer is the address that it is served
// at, without a slash at the end.
func New(issuer string) *Provider {
	p := &Provider{issuer: issuer, codes: map[string]grant{}, refresh: map[string]grant{}, access: map[string]*user{}}
	p.RotateKeys()
	return p
}

// Issuer returns the name and address of the provider.
func (p *Provider) Issuer() string { return p.issuer }

// LogIn has those who ask for a login be a user with a subject and further claims.
func (p *Provider) LogIn(subject string, claims map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.user = &user{subject, maps.Clone(claims)}
}

// LogOut has those who ask for a login be refused.
func (p *Provider) LogOut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.user = nil
}

// LoggedIn reports whether somebody is logged in.
func (p *Provider) LoggedIn() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.user != nil
}

// RotateKeys makes another key, which signs from now on. The others are published
// no more.
func (p *Provider) RotateKeys() {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return // there are no other curves, and it never fails
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.number++
	p.private = private
	p.keys = []jose.JSONWebKey{{
		Key: private.Public(), KeyID: "key-" + strconv.Itoa(p.number), Algorithm: string(jose.ES256), Use: "sig",
	}}
}

// Tamper has a function change the claims of ID tokens before they are signed. Nil
// changes nothing.
func (p *Provider) Tamper(change func(claims map[string]any)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tamper = change
}

// Replace has other texts sent in place of ID tokens, made of their claims. Nil
// sends what is right.
func (p *Provider) Replace(other func(claims map[string]any) string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.replace = other
}

// Break has every request answered with a status and a text that nobody should
// see. 0 mends it.
func (p *Provider) Break(status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.broken = status
}

// Requests returns the paths that were asked for, in order.
func (p *Provider) Requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.requests...)
}

// Sign returns a token with claims, signed with the key of the moment.
func (p *Provider) Sign(claims map[string]any) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sign(claims)
}

func (p *Provider) sign(claims map[string]any) (string, error) {
	text, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	key := jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: p.private, KeyID: p.keys[0].KeyID}}
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return signed.CompactSerialize()
}

// LogoutToken returns what the provider sends to a client when a user has logged
// out elsewhere. Of subject and session one may be empty.
func (p *Provider) LogoutToken(subject, session string) (string, error) {
	now := time.Now()
	claims := map[string]any{
		"iss": p.issuer, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(), "jti": rand.Text(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}
	if subject != "" {
		claims["sub"] = subject
	}
	if session != "" {
		claims["sid"] = session
	}
	return p.Sign(claims)
}

// Module is the application that the provider is.
func (p *Provider) Module(a *app.Application) {
	a.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
		return func(c *app.Call) error {
			if status := p.note(c.Request.URL.Path); status != 0 {
				c.SetStatus(status)
				return c.RespondText("the provider's own text")
			}
			return next(c)
		}
	})
	base, err := url.Parse(p.issuer)
	if err != nil {
		a.Fail(fmt.Errorf("oidctest: the issuer is no address: %w", err))
		return
	}
	routing.Routes(a, func(r *routing.Route) {
		r.Route(base.Path, func(r *routing.Route) {
			r.Get("/.well-known/openid-configuration", p.discovery)
			r.Get("/keys", p.publish)
			r.Get("/authorize", p.authorize)
			r.Post("/token", p.token)
			r.Get("/userinfo", p.userInfo)
			r.Get("/logout", p.endSession)
		})
	})
}

// note remembers a request, and returns the status that it is answered with if the
// provider is broken.
func (p *Provider) note(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests = append(p.requests, path)
	return p.broken
}

func (p *Provider) discovery(c *app.Call) error {
	return respond(c, http.StatusOK, map[string]any{
		"issuer":                                         p.issuer,
		"authorization_endpoint":                         p.issuer + "/authorize",
		"token_endpoint":                                 p.issuer + "/token",
		"jwks_uri":                                       p.issuer + "/keys",
		"userinfo_endpoint":                              p.issuer + "/userinfo",
		"end_session_endpoint":                           p.issuer + "/logout",
		"response_types_supported":                       []string{"code"},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"ES256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "client_secret_post"},
		"code_challenge_methods_supported":               []string{"S256"},
		"authorization_response_iss_parameter_supported": true,
		"backchannel_logout_supported":                   true,
	})
}

func (p *Provider) publish(c *app.Call) error {
	p.mu.Lock()
	keys := jose.JSONWebKeySet{Keys: p.keys}
	p.mu.Unlock()
	return respond(c, http.StatusOK, keys)
}

func respond(c *app.Call, status int, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	c.SetStatus(status)
	c.Header().Set("Content-Type", "application/json")
	c.Header().Set("Cache-Control", "no-store")
	return c.RespondBytes(text)
}
