package jwt

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication"
)

// New returns a scheme that says who is calling by a JSON Web Token. C is the
// type that the claims are decoded into, by package encoding/json, and P that of
// the principal: where Validate is not set, they are one type.
//
//	type Claims struct {
//		gojwt.RegisteredClaims // of github.com/golang-jwt/jwt/v5, or any fields
//		Role string `json:"role"`
//	}
//
//	users := jwt.New("users", func(c *jwt.Config[Claims, Claims]) {
//		c.Keys = jwt.JWKS("https://id.example.com/.well-known/jwks.json")
//		c.Issuer, c.Audience = "https://id.example.com/", []string{"https://api.example.com"}
//	})
//
// Mistakes, a nil configure too, are reported by Start at the line that requires
// the scheme.
//
// Ktor: jwt.
func New[C, P any](name string, configure func(*Config[C, P])) *authentication.Scheme[P] {
	config := newConfig[C, P]()
	wrong := mistakes.List{mistakes.Configure(&config, []func(*Config[C, P]){configure})}
	if configure != nil {
		wrong.Add(config.complete())
	}
	s := &scheme[C, P]{Config: config, plain: config.challenge("", "")}
	return authentication.New(name, authentication.Provider[P]{
		Authenticate: s.authenticate, Challenge: s.challenge, OnUnauthorized: config.OnUnauthorized, Mistake: wrong.Err(),
	})
}

type scheme[C, P any] struct {
	Config[C, P]

	plain []string // the challenge for a call without a token
	last  atomic.Pointer[knownHeader]
}

// A knownHeader is the header of a token that was accepted. Most tokens of an
// issuer have the same.
type knownHeader struct {
	part   string
	header Header
}

func (s *scheme[C, P]) authenticate(c *app.Call) (principal P, err error) {
	text, ok := authentication.FirstToken(c, s.Sources)
	if !ok {
		return principal, authentication.ErrNoCredentials
	}
	token, err := s.verify(c, text)
	if err != nil {
		return principal, err
	}
	if !token.ExpiresAt.IsZero() {
		authentication.HoldsUntil(c, token.ExpiresAt.Add(s.Leeway))
	}
	return s.Validate(c, token)
}

// verify returns what a token says, or why it is refused.
func (s *scheme[C, P]) verify(c *app.Call, text string) (token Token[C], err error) {
	if s.MaxTokenSize > 0 && len(text) > s.MaxTokenSize {
		return token, errTooLong
	}
	parts, ok := split(text)
	if !ok {
		return token, errMalformed
	}
	known := s.last.Load()
	isKnown := known != nil && known.part == parts.header
	if isKnown {
		token.Header = known.header
	} else if token.Header, err = s.readHeader(parts.header); err != nil {
		return token, err
	}
	keys, err := s.Keys.Find(c, token.Header)
	if err != nil {
		return token, fmt.Errorf("find the key of the token: %w", err)
	}
	buffer, _ := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	if err := checkSignature(keys, token.Header, &parts, buffer); err != nil {
		return token, err
	}
	if !isKnown {
		s.last.Store(&knownHeader{strings.Clone(parts.header), token.Header})
	}
	token.ExpiresAt, err = s.readClaims(parts.payload, &token.Claims, buffer)
	return token, err
}

func (s *scheme[C, P]) readHeader(part string) (Header, error) {
	header, err := parseHeader(part)
	if err != nil {
		return header, err
	}
	bare := bareType(header.Type)
	for _, accepted := range s.Types {
		if strings.EqualFold(accepted, bare) {
			return header, nil
		}
	}
	return header, errType
}

// checkSignature tries the keys whose algorithm and name are the token's.
func checkSignature(keys KeySet, header Header, parts *parts, buffer *[]byte) (err error) {
	if *buffer, err = appendDecoded((*buffer)[:0], parts.signature); err != nil {
		return err
	}
	missing := errNoKey
	for i := range keys {
		// Start has seen them, but those of a type of the user's own.
		if err := keys[i].mistake(); err != nil {
			return fmt.Errorf("key %d that Find has returned: %w", i+1, err)
		}
		if !keys[i].mayHaveSigned(header) {
			continue
		}
		if keys[i].verify(parts.signed, *buffer) == nil {
			return nil
		}
		missing = errSignature
	}
	return missing
}

// buffers hold signatures and payloads while they are read.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// readClaims decodes the payload, and checks the claims that are registered.
func (s *scheme[C, P]) readClaims(part string, claims *C, buffer *[]byte) (expires time.Time, err error) {
	if *buffer, err = appendDecoded((*buffer)[:0], part); err != nil {
		return expires, err
	}
	if err := json.Unmarshal(*buffer, claims); err != nil {
		return expires, unfit(err)
	}
	r, ok := readRegistered(*buffer)
	if !ok {
		return expires, errMalformed
	}
	return s.check(&r, time.Now())
}

// unfit says why claims cannot be decoded, without what they are.
func unfit(err error) error {
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return invalid(fmt.Sprintf("the claim %q does not fit a %v", mismatch.Field, mismatch.Type))
	}
	return invalid("the claims do not fit their type")
}

func (s *scheme[C, P]) check(r *registered, now time.Time) (expires time.Time, err error) {
	if r.expires.set {
		expires = r.expires.time()
	}
	switch {
	case !r.expires.set && s.Skip&CheckExpiry == 0:
		err = errNoExpiry
	case r.expires.set && !now.Before(expires.Add(s.Leeway)):
		err = ErrExpired
	case r.begins.set && now.Add(s.Leeway).Before(r.begins.time()):
		err = errNotYet
	case r.issue.set && now.Add(s.Leeway).Before(r.issue.time()):
		err = errIssuedAt
	case s.Skip&CheckIssuer == 0 && !is(r.issuer, s.Issuer):
		err = errIssuer
	case s.Skip&CheckAudience == 0 && !isAmong(r.audience, s.Audience):
		err = errAudience
	}
	return expires, err
}

// challenge returns what RFC 6750 section 3 has clients told.
func (s *scheme[C, P]) challenge(_ *app.Call, cause error) []string {
	switch {
	case errors.Is(cause, authentication.ErrNoCredentials):
		return s.plain
	case errors.Is(cause, ErrExpired):
		return s.Config.challenge("invalid_token", "the token has expired")
	default:
		return s.Config.challenge("invalid_token", "")
	}
}

func (c *Config[C, P]) challenge(code, description string) []string {
	challenge := authentication.Challenge{Scheme: c.AuthScheme}
	for _, param := range [...]authentication.Param{
		{Name: "realm", Value: c.Realm}, {Name: "error", Value: code}, {Name: "error_description", Value: description},
	} {
		if param.Value != "" {
			challenge.Params = append(challenge.Params, param)
		}
	}
	return []string{challenge.String()}
}
