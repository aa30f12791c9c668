package bearer

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication"
)

// A Credential is a token. It has the characters of one, and nothing else of it is
// checked. Printed, logged and encoded as JSON it is nothing.
//
// Ktor: BearerTokenCredential.
type Credential struct {
	// Token is the token, which belongs into no log.
	Token string `json:"-"`
}

// String returns a text that stands for every token.
func (c Credential) String() string { return "a token" }

// GoString returns a text that stands for every token.
func (c Credential) GoString() string { return "a token" }

// LogValue returns a text that stands for every token.
func (c Credential) LogValue() slog.Value { return slog.StringValue("a token") }

// Config configures a scheme. It is read by [New]; later changes have no effect.
// The functions are called for concurrent calls at once.
//
// Ktor: BearerAuthenticationProvider.Config.
type Config[P any] struct {
	// Realm names what is protected, in the challenge. "Chitor Server" by
	// default; empty leaves it out.
	//
	// Ktor: realm, none by default.
	Realm string
	// Scope is what a token has to be good for, in the challenge: words with a
	// space between (RFC 6749 section 3.3). Empty, the default, leaves it out.
	Scope string
	// AuthScheme is the name of the authentication scheme: in the challenge, and
	// in front of the token in Authorization. "Bearer" by default.
	//
	// Ktor: defaultScheme of authSchemes.
	AuthScheme string
	// Sources are where a token is looked for, in order: the first that has one
	// counts. By default the header Authorization, behind AuthScheme. A list of
	// its own replaces it, as in
	//
	//	c.Sources = []authentication.TokenSource{
	//		authentication.FromAuthorization("Bearer"), authentication.FromQuery("access_token"),
	//	}
	//
	// Ktor: authHeader, additionalSchemes of authSchemes.
	Sources []authentication.TokenSource
	// Validate returns whose token that is. An error decides as one of
	// [authentication.Provider.Authenticate] does: one that wraps
	// ErrInvalidCredentials refuses with 401, one that wraps ErrForbidden with
	// 403, and any other is a failure. It has no default, and must be set.
	//
	// Ktor: authenticate, where null refuses.
	Validate func(c *app.Call, credential Credential) (P, error)
	// OnUnauthorized answers a call that is refused with 401, in place of the
	// plain answer: see [authentication.Provider.OnUnauthorized]. Nil, the
	// default, does not.
	//
	// Ktor: onUnauthorized.
	OnUnauthorized func(c *app.Call, refused *authentication.UnauthorizedError) error
}

// New returns a scheme that says who is calling by a token. Mistakes, a nil
// configure too, are reported by Start at the line that requires the scheme.
//
// Ktor: bearer.
func New[P any](name string, configure func(*Config[P])) *authentication.Scheme[P] {
	config := Config[P]{Realm: "Chitor Server", AuthScheme: "Bearer"}
	wrong := mistakes.List{mistakes.Configure(&config, []func(*Config[P]){configure})}
	if configure != nil {
		wrong.Add(config.complete())
	}
	return authentication.New(name, authentication.Provider[P]{
		Authenticate:   config.authenticate,
		Challenge:      config.challenger(),
		OnUnauthorized: config.OnUnauthorized,
		Mistake:        wrong.Err(),
	})
}

// complete sets what depends on other settings, and returns all mistakes.
func (c *Config[P]) complete() error {
	var wrong mistakes.List
	if c.Validate == nil {
		wrong.Add(errors.New("the function Validate is nil: it says whose token one is"))
	}
	if !httpheader.IsToken(c.AuthScheme) {
		wrong.Add(fmt.Errorf("AuthScheme %q is not a token: Bearer is the default", c.AuthScheme))
	}
	if strings.ContainsFunc(c.Realm+c.Scope, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		wrong.Add(errors.New("the realm or the scope has a control character"))
	}
	if c.Sources == nil {
		c.Sources = []authentication.TokenSource{authentication.FromAuthorization(c.AuthScheme)}
	}
	c.Sources = slices.Clone(c.Sources)
	for _, source := range c.Sources {
		if source == nil {
			wrong.Add(errors.New("a source of tokens is nil"))
		}
	}
	if len(c.Sources) == 0 {
		wrong.Add(errors.New("the list of sources is empty: nil is the header Authorization"))
	}
	return wrong.Err()
}

// challenger returns what makes the challenge of a refused call.
func (c *Config[P]) challenger() func(*app.Call, error) []string {
	challenge := authentication.Challenge{Scheme: c.AuthScheme}
	for _, param := range []authentication.Param{{Name: "realm", Value: c.Realm}, {Name: "scope", Value: c.Scope}} {
		if param.Value != "" {
			challenge.Params = append(challenge.Params, param)
		}
	}
	missing := []string{challenge.String()}
	challenge.Params = append(challenge.Params, authentication.Param{Name: "error", Value: "invalid_token"})
	invalid := []string{challenge.String()}
	return func(_ *app.Call, cause error) []string {
		if errors.Is(cause, authentication.ErrInvalidCredentials) {
			return invalid
		}
		return missing
	}
}

// longest is how many bytes a token may have.
const longest = 8 << 10

var errMalformed = fmt.Errorf("%w: what stands there is no token", authentication.ErrInvalidCredentials)

func (c *Config[P]) authenticate(call *app.Call) (principal P, err error) {
	token, ok := authentication.FirstToken(call, c.Sources)
	switch {
	case !ok:
		return principal, authentication.ErrNoCredentials
	case len(token) > longest || !isToken(token):
		return principal, errMalformed
	default:
		return c.Validate(call, Credential{token})
	}
}

// isToken reports whether text is a b64token (RFC 6750 section 2.1).
func isToken(text string) bool {
	body := strings.TrimRight(text, "=")
	for i := range len(body) {
		letter := body[i] | 0x20
		known := 'a' <= letter && letter <= 'z' || '0' <= body[i] && body[i] <= '9' || strings.IndexByte("-._~+/", body[i]) >= 0
		if !known {
			return false
		}
	}
	return body != ""
}
