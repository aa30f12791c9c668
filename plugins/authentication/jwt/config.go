package jwt

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication"
)

// Config configures a scheme: C is the type of the claims, P that of the
// principal. It is read by [New]; later changes have no effect. The functions are
// called for concurrent calls at once.
//
// Ktor: JWTAuthenticationProvider.Config.
type Config[C, P any] struct {
	// Realm names what is protected, in the challenge. "Chitor Server" by
	// default; empty leaves it out.
	//
	// Ktor: realm.
	Realm string
	// AuthScheme is the name of the authentication scheme: in the challenge, and
	// in front of the token in Authorization. "Bearer" by default (RFC 6750
	// section 2.1).
	//
	// Ktor: defaultScheme of authSchemes.
	AuthScheme string
	// Sources are where a token is looked for, in order: the first that has one
	// counts. By default the header Authorization, behind AuthScheme. A list of
	// its own replaces it, as in
	//
	//	c.Sources = []authentication.TokenSource{
	//		authentication.FromAuthorization("Bearer"), authentication.FromCookie("token"),
	//	}
	//
	// Ktor: authHeader, additionalSchemes of authSchemes.
	Sources []authentication.TokenSource

	// Keys are the keys that sign tokens: [Secret], [PublicKey], [PEM], a
	// [KeySet] of these, or [JWKS]. They have no default, and must be set. The
	// algorithm is that of the key, whatever a token says.
	//
	// Ktor: verifier.
	Keys Keys
	// Issuer is who has to have issued a token (iss). It must be set, unless Skip
	// has [CheckIssuer].
	//
	// Ktor: withIssuer.
	Issuer string
	// Audience is who a token must be issued for (aud): one of these. It must be
	// set, unless Skip has [CheckAudience]: a provider signs tokens for others
	// with the same key.
	//
	// Ktor: withAudience.
	Audience []string
	// Skip names checks that are not made. None by default.
	Skip Checks
	// Leeway is by how much the clock of the issuer may differ: a token that has
	// expired (exp) is accepted for so long, and one that is not valid yet (nbf)
	// or issued in the future (iat) so early. 5 s by default; a negative one is a
	// mistake.
	//
	// Ktor: acceptLeeway, 0 by default.
	Leeway time.Duration
	// Types are the types of tokens (typ) that are accepted, without regard to
	// case and to "application/" in front (RFC 8725 section 3.11). By default
	// "JWT", "at+jwt" (RFC 9068), and tokens that do not name their type. A list
	// of its own has "" for those.
	Types []string
	// MaxTokenSize is how many bytes a token may have: 16 KiB by default. What is
	// longer is refused before it is read. 0 sets no limit but that of the
	// server's headers; a negative one is a mistake.
	MaxTokenSize int

	// Validate returns the principal for a token that is verified. An error
	// decides as one of [authentication.Provider.Authenticate] does: one that
	// wraps ErrInvalidCredentials refuses with 401, one that wraps ErrForbidden
	// with 403, and any other is a failure. Nil, the default, makes the claims
	// the principal, and is a mistake if they have another type.
	//
	// Ktor: validate, where null refuses.
	Validate func(c *app.Call, token Token[C]) (P, error)
	// OnUnauthorized answers a call that is refused with 401, in place of the
	// plain answer, which has the challenge: see
	// [authentication.Provider.OnUnauthorized]. Nil, the default, does not.
	//
	// Ktor: challenge, onUnauthorized.
	OnUnauthorized func(c *app.Call, refused *authentication.UnauthorizedError) error
}

// Checks are checks of claims, joined with |.
type Checks uint8

const (
	// CheckIssuer is that the token is of [Config.Issuer].
	CheckIssuer Checks = 1 << iota
	// CheckAudience is that the token is for one of [Config.Audience].
	CheckAudience
	// CheckExpiry is that the token has a time to expire. Where it has one, it is
	// checked all the same. Without it a token that has leaked is good for ever.
	CheckExpiry
)

const allChecks = CheckIssuer | CheckAudience | CheckExpiry

func newConfig[C, P any]() Config[C, P] {
	return Config[C, P]{
		Realm: "Chitor Server", AuthScheme: "Bearer", Leeway: 5 * time.Second,
		Types: []string{"", "JWT", "at+jwt"}, MaxTokenSize: 16 << 10,
	}
}

// complete sets what depends on other settings, and returns all mistakes.
func (c *Config[C, P]) complete() error {
	var wrong mistakes.List
	if c.Validate == nil {
		claims := func(_ *app.Call, token Token[C]) (C, error) { return token.Claims, nil }
		var same bool
		if c.Validate, same = any(claims).(func(*app.Call, Token[C]) (P, error)); !same {
			wrong.Add(fmt.Errorf("the function Validate is nil: it makes a %T of the claims, which are a %T", *new(P), *new(C)))
		}
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
	if strings.ContainsFunc(c.Realm, unicode.IsControl) {
		wrong.Add(errors.New("the realm has a control character"))
	}
	if !httpheader.IsToken(c.AuthScheme) {
		wrong.Add(fmt.Errorf("AuthScheme %q is not a token: Bearer is the default", c.AuthScheme))
	}
	wrong.Add(c.checkClaims())
	wrong.Add(c.checkKeys())
	c.Audience = slices.Clone(c.Audience)
	c.Types = bareTypes(c.Types)
	return wrong.Err()
}

func (c *Config[C, P]) checkClaims() error {
	var wrong mistakes.List
	if c.Issuer == "" && c.Skip&CheckIssuer == 0 {
		wrong.Add(errors.New("the issuer is not set: set Issuer, or Skip to jwt.CheckIssuer to accept tokens of all"))
	}
	if c.Skip&CheckAudience == 0 && (len(c.Audience) == 0 || slices.Contains(c.Audience, "")) {
		wrong.Add(errors.New("the audience is not set: set Audience to what tokens for this service have in aud, " +
			"or Skip to jwt.CheckAudience to accept tokens for others"))
	}
	if c.Skip&^allChecks != 0 {
		wrong.Add(fmt.Errorf("the setting Skip is %d: it may have jwt.CheckIssuer, jwt.CheckAudience and jwt.CheckExpiry", c.Skip))
	}
	if c.Leeway < 0 {
		wrong.Add(fmt.Errorf("the leeway is %v: it must not be negative", c.Leeway))
	}
	if c.MaxTokenSize < 0 {
		wrong.Add(fmt.Errorf("MaxTokenSize is %d: it must not be negative, and 0 is no limit", c.MaxTokenSize))
	}
	if len(c.Types) == 0 {
		wrong.Add(errors.New(`the list Types is empty: "" is for tokens that do not name theirs`))
	}
	return wrong.Err()
}

func (c *Config[C, P]) checkKeys() error {
	if c.Keys == nil {
		return errors.New("there are no keys: set Keys to jwt.Secret, jwt.PublicKey, jwt.PEM or jwt.JWKS")
	}
	if key, ok := c.Keys.(Key); ok { // once, and not for each call
		c.Keys = KeySet{key}
	}
	if known, ok := c.Keys.(interface{ mistake() error }); ok {
		if err := known.mistake(); err != nil {
			return fmt.Errorf("keys: %w", err)
		}
	}
	return nil
}

// bareTypes returns types as they are compared.
func bareTypes(types []string) []string {
	bare := make([]string, len(types))
	for i, name := range types {
		bare[i] = bareType(name)
	}
	return bare
}

const application = "application/"

func bareType(name string) string {
	if len(name) > len(application) && strings.EqualFold(name[:len(application)], application) {
		return name[len(application):]
	}
	return name
}
