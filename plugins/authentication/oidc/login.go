package oidc

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication/oauth"
)

// A Login is one that has succeeded.
type Login[C any] struct {
	// Subject is what the provider calls the user, for ever. With the issuer it is
	// what a user is known by: an address may be somebody else's tomorrow.
	Subject string
	// Claims are what the ID token says about the user, and the userinfo if it was
	// asked for.
	Claims C
	// IDToken is the ID token as it was sent. Keep it if the provider has to know at
	// the logout who it is for.
	IDToken string
	// SessionID is what the provider calls its own session (sid), by which a
	// back-channel logout may name it; "" if it does not.
	SessionID string
	// Token is the token to ask the provider's API with.
	Token *oauth2.Token
	// ReturnTo is the path of the application that the login was begun for.
	ReturnTo string
}

// String says where the login returns to, and nothing of its tokens.
func (l *Login[C]) String() string { return "login that returns to " + l.ReturnTo }

// GoString is String.
func (l *Login[C]) GoString() string { return l.String() }

// LogValue is String.
func (l *Login[C]) LogValue() slog.Value { return slog.StringValue(l.String()) }

// check makes the answer of the provider a login, if its ID token is one for it
// (OpenID Connect Core 1.0 section 3.1.3.7).
func (p *Provider[C]) check(c *app.Call, answered *oauth.Login) error {
	raw, ok := answered.Token.Extra("id_token").(string)
	if !ok || raw == "" {
		return &TokenError{p.name, errors.New("there is no ID token")}
	}
	ctx, keys := watched(c.Context())
	token, err := p.verifier.Verify(ctx, raw)
	if err != nil {
		return p.refuse(c, err, keys)
	}
	login := &Login[C]{Subject: token.Subject, IDToken: raw, Token: answered.Token, ReturnTo: answered.ReturnTo}
	if err := p.read(token, answered.Nonce, login); err != nil {
		return &TokenError{p.name, err}
	}
	if p.config.UserInfo {
		if err := p.addUserInfo(c, login); err != nil {
			return err
		}
	}
	p.verified.Set(c, login)
	return nil
}

// read checks what go-oidc does not, and reads the claims.
func (p *Provider[C]) read(token *gooidc.IDToken, nonce string, login *Login[C]) error {
	var more struct {
		AuthorizedParty string `json:"azp"`
		SessionID       string `json:"sid"`
	}
	if err := token.Claims(&more); err != nil {
		return errors.New("its claims azp and sid are no texts")
	}
	login.SessionID = more.SessionID
	switch {
	case token.Subject == "":
		return errors.New("it has no subject")
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1:
		return errors.New("its nonce is that of another login")
	case more.AuthorizedParty != "" && more.AuthorizedParty != p.config.ClientID:
		return errors.New("it was made for another client, as azp says")
	case len(token.Audience) > 1 && more.AuthorizedParty == "":
		return errors.New("it is for several clients, and does not say for which it was made")
	case token.AccessTokenHash != "" && token.VerifyAccessToken(login.Token.AccessToken) != nil:
		return errors.New("it belongs to another access token")
	}
	if err := token.Claims(&login.Claims); err != nil {
		return fmt.Errorf("its claims are no %T", login.Claims)
	}
	return nil
}

// addUserInfo adds the claims that the userinfo endpoint has (OpenID Connect Core
// 1.0 section 5.3.2).
func (p *Provider[C]) addUserInfo(c *app.Call, login *Login[C]) error {
	m, err := p.discovered(c.Context())
	if err != nil {
		return err
	}
	if m.UserInfo == "" {
		return &oauth.ProviderError{Flow: p.name, Operation: "read the userinfo", Err: errors.New("the provider has none")}
	}
	text, err := oauth.Fetch[json.RawMessage](c, p.flow, oauth2.StaticTokenSource(login.Token), m.UserInfo)
	if err != nil {
		return err
	}
	var who struct {
		Subject string `json:"sub"`
	}
	if json.Unmarshal(text, &who) != nil || who.Subject != login.Subject {
		return &TokenError{p.name, errors.New("the userinfo is of somebody else")}
	}
	if json.Unmarshal(text, &login.Claims) != nil {
		return &TokenError{p.name, fmt.Errorf("the userinfo is no %T", login.Claims)}
	}
	return nil
}
