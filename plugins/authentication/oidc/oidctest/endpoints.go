package oidctest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
)

// SessionID is what the provider calls the session of every user.
const SessionID = "session of the provider"

// authorize sends the browser back with a code, or with an error.
func (p *Provider) authorize(c *app.Call) error {
	query := c.Query()
	redirect, err := url.Parse(query.Get("redirect_uri"))
	if err != nil || redirect.Host == "" || query.Get("client_id") != ClientID {
		return app.NewError(http.StatusBadRequest, "the client or its redirect_uri is not known")
	}
	answer := redirect.Query()
	answer.Set("iss", p.issuer)
	answer.Set("state", query.Get("state"))
	code, refused := p.grant(query)
	if refused != "" {
		answer.Set("error", refused)
	} else {
		answer.Set("code", code)
	}
	redirect.RawQuery = answer.Encode()
	return c.RespondRedirect(redirect.String())
}

// grant makes a code, or says why not.
func (p *Provider) grant(query url.Values) (code, refused string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case query.Get("response_type") != "code":
		return "", "unsupported_response_type"
	case query.Get("code_challenge_method") != "S256" || query.Get("code_challenge") == "":
		return "", "invalid_request"
	case p.user == nil:
		return "", "access_denied"
	}
	code = rand.Text()
	now := time.Now()
	p.codes[code] = grant{
		user: p.user, nonce: query.Get("nonce"), redirect: query.Get("redirect_uri"), challenge: query.Get("code_challenge"),
		scope: query.Get("scope"), expires: now.Add(time.Minute), authenticatedAt: now,
	}
	return code, ""
}

// token gives tokens for a code or for a refresh token, once.
func (p *Provider) token(c *app.Call) error {
	form, err := c.ReceiveForm()
	if err != nil {
		return err
	}
	if !isClient(c.Request, form) {
		return respond(c, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
	}
	tokens, err := p.exchange(form)
	switch {
	case err != nil:
		return err
	case tokens == nil:
		return respond(c, http.StatusBadRequest, map[string]string{"error": "invalid_grant", "error_description": "It was used, or is too old."})
	}
	return respond(c, http.StatusOK, tokens)
}

// isClient reports whether the client knows its secret.
func isClient(r *http.Request, form url.Values) bool {
	if id, secret, ok := r.BasicAuth(); ok {
		secret, err := url.QueryUnescape(secret)
		return err == nil && id == ClientID && secret == ClientSecret
	}
	return form.Get("client_id") == ClientID && form.Get("client_secret") == ClientSecret
}

// exchange returns tokens, and nil if the grant is not valid.
func (p *Provider) exchange(form url.Values) (map[string]any, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept, name := p.codes, form.Get("code")
	if form.Get("grant_type") == "refresh_token" {
		kept, name = p.refresh, form.Get("refresh_token")
	}
	g, found := kept[name]
	delete(kept, name)
	if !found || time.Now().After(g.expires) {
		return nil, nil //nolint:nilnil // there are no tokens
	}
	if form.Get("grant_type") == "authorization_code" {
		hash := sha256.Sum256([]byte(form.Get("code_verifier")))
		if form.Get("redirect_uri") != g.redirect || base64.RawURLEncoding.EncodeToString(hash[:]) != g.challenge {
			return nil, nil //nolint:nilnil // there are no tokens
		}
	}
	return p.issue(g)
}

// issue makes tokens.
func (p *Provider) issue(g grant) (map[string]any, error) {
	access, refresh := rand.Text(), rand.Text()
	p.access[access] = g.user
	g.expires = time.Now().Add(24 * time.Hour)
	p.refresh[refresh] = g
	tokens := map[string]any{
		"access_token": access, "token_type": "Bearer", "expires_in": 300, "refresh_token": refresh, "scope": g.scope,
	}
	if !slices.Contains(strings.Fields(g.scope), "openid") {
		return tokens, nil // plain OAuth 2.0
	}
	id, err := p.idToken(g, access)
	if err != nil {
		return nil, err
	}
	tokens["id_token"] = id
	return tokens, nil
}

func (p *Provider) idToken(g grant, access string) (string, error) {
	now := time.Now()
	hash := sha256.Sum256([]byte(access))
	claims := maps.Clone(g.user.claims)
	if claims == nil {
		claims = map[string]any{}
	}
	maps.Copy(claims, map[string]any{
		"iss": p.issuer, "sub": g.user.subject, "aud": ClientID, "exp": now.Add(5 * time.Minute).Unix(), "iat": now.Unix(),
		"auth_time": g.authenticatedAt.Unix(), "nonce": g.nonce, "sid": SessionID,
		"at_hash": base64.RawURLEncoding.EncodeToString(hash[:16]),
	})
	if p.tamper != nil {
		p.tamper(claims)
	}
	if p.replace != nil {
		return p.replace(claims), nil
	}
	return p.sign(claims)
}

func (p *Provider) userInfo(c *app.Call) error {
	token, _ := strings.CutPrefix(c.Request.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	found := p.access[token]
	p.mu.Unlock()
	if found == nil {
		c.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
		return c.RespondStatus(http.StatusUnauthorized)
	}
	claims := maps.Clone(found.claims)
	if claims == nil {
		claims = map[string]any{}
	}
	claims["sub"] = found.subject
	return respond(c, http.StatusOK, claims)
}

// endSession logs the user out, and sends the browser back.
func (p *Provider) endSession(c *app.Call) error {
	p.LogOut()
	if back := c.QueryParam("post_logout_redirect_uri"); back != "" {
		return c.RespondRedirect(back)
	}
	return c.RespondText("You have logged out.")
}
