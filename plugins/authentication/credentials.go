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

// A challengeParser reads challenges, or credentials, one after another.
type challengeParser struct{ rest string }

// maxParams bounds the parameters of one scheme.
const maxParams = 64

// next reads one. When nothing follows, rest is empty.
func (p *challengeParser) next() (Challenge, error) {
	p.blanks()
	read := Challenge{Scheme: p.token()}
	if read.Scheme == "" {
		return read, errors.New("the name of a scheme is missing")
	}
	if p.rest != "" && p.rest[0] != ' ' && p.rest[0] != '\t' && p.rest[0] != ',' {
		return read, errors.New("the name of a scheme is no token")
	}
	p.blanks()
	if p.atEnd() {
		return read, p.separate()
	}
	if token, rest := cutToken68(p.rest); token != "" {
		ahead := challengeParser{rest}
		if ahead.blanks(); ahead.atEnd() {
			read.Token, p.rest = token, ahead.rest
			return read, p.separate()
		}
	}
	for {
		param, err := p.param()
		if err != nil {
			return read, err
		}
		if read.Params = append(read.Params, param); len(read.Params) > maxParams {
			return read, errors.New("it has too many parameters")
		}
		p.blanks()
		if err := p.separate(); err != nil || p.rest == "" || !p.atParam() {
			return read, err
		}
	}
}

// atEnd reports whether a scheme ends here.
func (p *challengeParser) atEnd() bool { return p.rest == "" || p.rest[0] == ',' }

// atParam reports whether a parameter follows, rather than another scheme.
func (p *challengeParser) atParam() bool {
	ahead := *p
	ahead.token()
	ahead.blanks()
	return strings.HasPrefix(ahead.rest, "=")
}

// separate reads the commas that stand between elements.
func (p *challengeParser) separate() error {
	if !p.atEnd() {
		return errors.New("a comma is missing")
	}
	for p.rest != "" && (p.rest[0] == ',' || p.rest[0] == ' ' || p.rest[0] == '\t') {
		p.rest = p.rest[1:]
	}
	return nil
}

func (p *challengeParser) param() (Param, error) {
	param := Param{Name: strings.ToLower(p.token())}
	if p.blanks(); param.Name == "" || !strings.HasPrefix(p.rest, "=") {
		return param, errors.New("a parameter has no name, or no value")
	}
	p.rest = p.rest[1:]
	p.blanks()
	if strings.HasPrefix(p.rest, `"`) {
		value, rest, ok := cutQuoted(p.rest)
		if !ok {
			return param, errors.New("a quote is not closed")
		}
		param.Value, p.rest = value, rest
		return param, nil
	}
	end := strings.IndexAny(p.rest, " \t,")
	if end < 0 {
		end = len(p.rest)
	}
	param.Value, p.rest = p.rest[:end], p.rest[end:]
	if strings.ContainsAny(param.Value, `"\`) {
		return param, errors.New("a value has a quote in it")
	}
	return param, nil
}

func (p *challengeParser) blanks() {
	p.rest = strings.TrimLeft(p.rest, " \t")
}

// token reads a token, which may be empty.
func (p *challengeParser) token() string {
	end := 0
	for end < len(p.rest) && httpheader.IsToken(p.rest[end:end+1]) {
		end++
	}
	token := p.rest[:end]
	p.rest = p.rest[end:]
	return token
}

// cutToken68 returns the token68 that text begins with.
func cutToken68(text string) (token, rest string) {
	end := 0
	for end < len(text) && isToken68(text[end]) {
		end++
	}
	if end == 0 {
		return "", text
	}
	for end < len(text) && text[end] == '=' {
		end++
	}
	return text[:end], text[end:]
}

func isToken68(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~+/", c) >= 0
}

// cutQuoted returns what the quoted-string that text begins with stands for.
func cutQuoted(text string) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return b.String(), text[i+1:], true
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", false
}
