package authentication

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// Credentials are what the header Authorization holds (RFC 9110 section 11.4):
// the name of an authentication scheme, and a token or parameters. Printed, logged
// and encoded as JSON they are the name alone.
//
// Ktor: HttpAuthHeader, Single with a Token and Parameterized with Params.
type Credentials struct {
	// Scheme is the name of the scheme, as the client writes it: case does not
	// matter.
	Scheme string
	// Token is what stands behind it, if that is one token: token68 in the RFC.
	Token string `json:"-"`
	// Params are the parameters, if that is what stands there.
	Params Params `json:"-"`
}

// A Challenge is one element of the header WWW-Authenticate (RFC 9110 section
// 11.3).
//
// Ktor: HttpAuthHeader.
type Challenge struct {
	// Scheme is the name of the scheme: a token.
	Scheme string
	// Token is what stands behind it, if that is one token: token68 in the RFC.
	Token string
	// Params are the parameters, unless there is a Token.
	Params Params
}

// Params are the parameters of credentials or of a challenge, in order.
type Params []Param

// A Param is one parameter.
type Param struct {
	// Name is the name, in which case does not matter: a token.
	Name string
	// Value is the value, without quotes.
	Value string
	// Bare writes the value of a challenge without quotes, which the RFCs of some
	// schemes ask for; it is a token then. Parsing does not set it.
	Bare bool
}

// Get returns the value of the first parameter of that name, and whether there
// is one.
func (p Params) Get(name string) (string, bool) {
	for _, param := range p {
		if httpheader.EqualFold(param.Name, name) {
			return param.Value, true
		}
	}
	return "", false
}

// ParseAuthorization reads the value of a header Authorization. The error says
// nothing of what stands there, and has the status 400.
//
// Ktor: parseAuthorizationHeader.
func ParseAuthorization(value string) (Credentials, error) {
	p := challengeParser{rest: value}
	read, err := p.next()
	if err == nil && p.rest != "" {
		err = errors.New("it holds more than one scheme")
	}
	if err != nil {
		return Credentials{}, &malformedError{"Authorization", err}
	}
	return Credentials(read), nil
}

// ParseChallenges reads the value of a header WWW-Authenticate, all of whose
// lines may be joined by commas.
//
// Ktor: parseAuthorizationHeaders.
func ParseChallenges(value string) ([]Challenge, error) {
	var all []Challenge
	for p := (challengeParser{rest: value}); ; {
		read, err := p.next()
		if err != nil {
			return nil, &malformedError{"WWW-Authenticate", err}
		}
		if all = append(all, read); p.rest == "" {
			return all, nil
		}
	}
}

// A malformedError is a header that cannot be read. It holds nothing of it.
type malformedError struct {
	header string
	err    error
}

func (e *malformedError) Error() string   { return fmt.Sprintf("parse %s: %v", e.header, e.err) }
func (e *malformedError) StatusCode() int { return 400 }
func (e *malformedError) Unwrap() error   { return e.err }

// String returns the name of the scheme alone.
func (c Credentials) String() string { return c.Scheme }

// GoString returns the name of the scheme alone.
func (c Credentials) GoString() string { return c.Scheme }

// LogValue returns the name of the scheme alone.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.Scheme) }

// String returns the challenge as it stands in the header. Values are quoted,
// and what cannot stand in a header is left out of them.
func (c Challenge) String() string {
	var b strings.Builder
	b.WriteString(c.Scheme)
	if c.Token != "" {
		b.WriteString(" " + c.Token)
		return b.String()
	}
	for i, param := range c.Params {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(" " + param.Name + "=")
		if param.Bare && httpheader.IsToken(param.Value) {
			b.WriteString(param.Value)
			continue
		}
		quote(&b, param.Value)
	}
	return b.String()
}

// quote writes a quoted-string (RFC 9110 section 5.6.4).
func quote(b *strings.Builder, text string) {
	b.WriteByte('"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c >= ' ' && c != 0x7f || c == '\t':
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
}
