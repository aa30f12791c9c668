package apikey

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

// DefaultHeader is the name of the header that keys stand in by default.
//
// Ktor: ApiKeyAuth.DEFAULT_HEADER_NAME.
const DefaultHeader = "X-Api-Key"

// A Credential is a key as it came. Printed, logged and encoded as JSON it is
// nothing.
type Credential struct {
	// Key is the key, which belongs into no log.
	Key string `json:"-"`
}

// String returns a text that stands for every key.
func (c Credential) String() string { return "an API key" }

// GoString returns a text that stands for every key.
func (c Credential) GoString() string { return "an API key" }

// LogValue returns a text that stands for every key.
func (c Credential) LogValue() slog.Value { return slog.StringValue("an API key") }

// Config configures a scheme. It is read by [New]; later changes have no effect.
// The functions are called for concurrent calls at once.
//
// Ktor: ApiKeyAuthenticationProvider.Configuration.
type Config[P any] struct {
	// HeaderName is the header that the key stands in: [DefaultHeader] by default.
	//
	// Ktor: headerName.
	HeaderName string
	// Sources are where a key is looked for, in order: the first that has one
	// counts. By default the header of HeaderName. A list of its own replaces it,
	// as with authentication.FromQuery.
	Sources []authentication.TokenSource
	// AuthScheme is the challenge of a refused call, in WWW-Authenticate: "ApiKey"
	// by default, which is the name of no standard. Empty sends none.
	//
	// Ktor: no challenge is sent.
	AuthScheme string
	// Validate returns whose key that is. An error decides as one of
	// [authentication.Provider.Authenticate] does: one that wraps
	// ErrInvalidCredentials refuses with 401, one that wraps ErrForbidden with
	// 403, and any other is a failure. It has no default, and must be set.
	//
	// Ktor: validate, where null refuses.
	Validate func(c *app.Call, credential Credential) (P, error)
	// OnUnauthorized answers a call that is refused with 401, in place of the
	// plain answer: see [authentication.Provider.OnUnauthorized]. Nil, the
	// default, does not.
	//
	// Ktor: challenge, onUnauthorized.
	OnUnauthorized func(c *app.Call, refused *authentication.UnauthorizedError) error
}

// New returns a scheme that says who is calling by a key. Mistakes, a nil configure
// too, are reported by Start at the line that requires the scheme.
//
// Ktor: apiKey.
func New[P any](name string, configure func(*Config[P])) *authentication.Scheme[P] {
	config := Config[P]{HeaderName: DefaultHeader, AuthScheme: "ApiKey"}
	wrong := mistakes.List{mistakes.Configure(&config, []func(*Config[P]){configure})}
	if configure != nil {
		wrong.Add(config.complete())
	}
	provider := authentication.Provider[P]{
		Authenticate: config.authenticate, OnUnauthorized: config.OnUnauthorized, Mistake: wrong.Err(),
	}
	if config.AuthScheme != "" {
		challenge := []string{config.AuthScheme}
		provider.Challenge = func(*app.Call, error) []string { return challenge }
	}
	return authentication.New(name, provider)
}

// complete sets what depends on other settings, and returns all mistakes.
func (c *Config[P]) complete() error {
	var wrong mistakes.List
	if c.Validate == nil {
		wrong.Add(errors.New("the function Validate is nil: it says whose key one is"))
	}
	if !httpheader.IsToken(c.HeaderName) {
		wrong.Add(fmt.Errorf("HeaderName %q is not the name of a header", c.HeaderName))
	}
	if c.AuthScheme != "" && !httpheader.IsToken(c.AuthScheme) {
		wrong.Add(fmt.Errorf("AuthScheme %q is not a token", c.AuthScheme))
	}
	if c.Sources == nil {
		c.Sources = []authentication.TokenSource{authentication.FromHeader(c.HeaderName)}
	}
	c.Sources = slices.Clone(c.Sources)
	for _, source := range c.Sources {
		if source == nil {
			wrong.Add(errors.New("a source of keys is nil"))
		}
	}
	if len(c.Sources) == 0 {
		wrong.Add(errors.New("the list of sources is empty: nil is the header of HeaderName"))
	}
	return wrong.Err()
}

// longest is how many bytes a key may have.
const longest = 8 << 10

var errMalformed = fmt.Errorf("%w: what stands there is no key", authentication.ErrInvalidCredentials)

func (c *Config[P]) authenticate(call *app.Call) (principal P, err error) {
	key, ok := authentication.FirstToken(call, c.Sources)
	switch {
	case !ok:
		return principal, authentication.ErrNoCredentials
	case len(key) > longest || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return principal, errMalformed
	default:
		return c.Validate(call, Credential{key})
	}
}
