package authentication

import (
	"errors"
	"strings"

	"github.com/chitor-go/chitor/internal/httpheader"
)

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
