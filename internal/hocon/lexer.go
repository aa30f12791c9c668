package hocon

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chitor-go/chitor/app"
)

// lexer cuts the text of a document into tokens.
type lexer struct {
	text   []byte
	offset int

	file         string
	line, column int // of offset, from 1; columns are characters
}

func newLexer(file string, text []byte) lexer {
	return lexer{text: text, file: file, line: 1, column: 1}
}

// reserved may not stand in a text without quotes.
const reserved = "$\"{}[]:=,+#`^?!@*&\\"

func (l *lexer) site() app.Site {
	return app.Site{File: l.file, Line: l.line, Column: l.column}
}

// advance takes n bytes.
func (l *lexer) advance(n int) []byte {
	taken := l.text[l.offset : l.offset+n]
	l.offset += n
	for {
		line := bytes.IndexByte(taken[len(taken)-n:], '\n')
		if line < 0 {
			break
		}
		n -= line + 1
		l.line++
		l.column = 1
	}
	l.column += utf8.RuneCount(taken[len(taken)-n:])
	return taken
}

func (l *lexer) rest() []byte { return l.text[l.offset:] }

// space takes white space other than line feeds, and a comment after it.
func (l *lexer) space() string {
	rest := l.rest()
	n := 0
	for n < len(rest) && rest[n] != '\n' {
		size := spaceSize(rest[n:])
		if size == 0 {
			break
		}
		n += size
	}
	taken := string(l.advance(n))
	if startsComment(l.rest()) {
		end := bytes.IndexByte(l.rest(), '\n')
		if end < 0 {
			end = len(l.rest())
		}
		l.advance(end)
	}
	return taken
}

func startsComment(text []byte) bool {
	return len(text) > 0 && text[0] == '#' || bytes.HasPrefix(text, []byte("//"))
}

// spaceSize returns the size of the white space that text begins with, of one
// character, and 0 if it begins with anything else.
func spaceSize(text []byte) int {
	switch b := text[0]; {
	case b == ' ', '\t' <= b && b <= '\r', 0x1c <= b && b <= 0x1f:
		return 1
	case b < utf8.RuneSelf:
		return 0
	}
	char, size := utf8.DecodeRune(text)
	if unicode.In(char, unicode.Zs, unicode.Zl, unicode.Zp) || char == '\ufeff' {
		return size
	}
	return 0
}

// next returns the next token.
func (l *lexer) next() (token, error) {
	before := l.space()
	t := token{site: l.site(), before: before}
	rest := l.rest()
	if len(rest) == 0 {
		t.kind = endOfFile
		return t, nil
	}
	size := 1
	switch rest[0] {
	case '"':
		return l.quoted(t)
	case '\n', ':', ',', '=', '{', '}', '[', ']':
		t.kind = kind(rest[0])
	case '+':
		if !bytes.HasPrefix(rest, []byte("+=")) {
			return t, l.refuse(rest)
		}
		t.kind, size = plusEquals, 2
	case '$':
		switch {
		case bytes.HasPrefix(rest, []byte("${?")):
			t.kind, size = optional, 3
		case bytes.HasPrefix(rest, []byte("${")):
			t.kind, size = substitution, 2
		default:
			return t, errorf(t.site, "expected ${, found %s (quote the text if it should be $ itself)", glimpse(rest))
		}
	default:
		return l.unquoted(t)
	}
	l.advance(size)
	return t, nil
}

// unquoted takes a number, or a text without quotes.
func (l *lexer) unquoted(t token) (token, error) {
	rest := l.rest()
	t.kind = text
	n := 0
	if b := rest[0]; '0' <= b && b <= '9' || b == '-' {
		for n < len(rest) && strings.IndexByte("0123456789eE+-.", rest[n]) >= 0 {
			n++
		}
		t.text = string(rest[:n])
		if isNumber(t.text) {
			t.kind = number
		} else if plus := strings.IndexByte(t.text, '+'); plus >= 0 {
			l.advance(plus)
			return t, l.refuse(l.rest())
		}
		l.advance(n)
		return t, nil
	}
	for n < len(rest) && rest[n] != '\n' && strings.IndexByte(reserved, rest[n]) < 0 &&
		spaceSize(rest[n:]) == 0 && !startsComment(rest[n:]) {
		n++
	}
	if n == 0 {
		return t, l.refuse(rest)
	}
	t.text = string(l.advance(n))
	return t, nil
}

// refuse is the error of a reserved character.
func (l *lexer) refuse(rest []byte) error {
	return errorf(l.site(), "expected a value, a key or a separator, found %s, which must be quoted", glimpse(rest[:1]))
}

// isNumber is whether a text is a number as JSON writes it.
func isNumber(text string) bool {
	text = strings.TrimPrefix(text, "-")
	digits := func() bool {
		rest := strings.TrimLeft(text, "0123456789")
		some := len(rest) < len(text)
		text = rest
		return some
	}
	zero := strings.HasPrefix(text, "0")
	before := len(text)
	if !digits() || zero && before-len(text) > 1 {
		return false
	}
	if rest, ok := strings.CutPrefix(text, "."); ok {
		if text = rest; !digits() {
			return false
		}
	}
	if text != "" && (text[0] == 'e' || text[0] == 'E') {
		text = text[1:]
		if text != "" && (text[0] == '+' || text[0] == '-') {
			text = text[1:]
		}
		if !digits() {
			return false
		}
	}
	return text == ""
}

// checkText refuses what is not UTF-8.
func checkText(file string, text []byte) error {
	if utf8.Valid(text) {
		return nil
	}
	l := newLexer(file, text)
	n := 0
	for {
		char, size := utf8.DecodeRune(text[n:])
		if char == utf8.RuneError && size == 1 {
			break
		}
		n += size
	}
	l.advance(n)
	return errorf(l.site(), "expected UTF-8, found the byte 0x%02x", text[n])
}
