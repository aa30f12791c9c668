package hocon

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted takes a text in quotes, as of JSON, or in triple quotes, which are as
// they were written.
func (l *lexer) quoted(t token) (token, error) {
	t.kind = quoted
	if bytes.HasPrefix(l.rest(), []byte(`"""`)) {
		return l.tripleQuoted(t)
	}
	l.advance(1)
	var built strings.Builder
	for {
		rest := l.rest()
		n := bytes.IndexFunc(rest, func(char rune) bool { return char == '"' || char == '\\' || char < ' ' })
		if n < 0 {
			l.advance(len(rest))
			return t, errorf(l.site(), `expected a closing " of the text that begins in line %d, column %d, `+
				"found the end of the file", t.site.Line, t.site.Column)
		}
		built.Write(l.advance(n))
		switch rest[n] {
		case '"':
			l.advance(1)
			t.text = built.String()
			return t, nil
		case '\\':
			if err := l.escape(&built); err != nil {
				return t, err
			}
		case '\n':
			return t, errorf(l.site(), `expected a closing ", found the end of the line `+
				`(write \n, or """ before and after a text of several lines)`)
		default:
			return t, errorf(l.site(), "expected no control character in a quoted text, found %s (write it as \\u%04x)",
				glimpse(rest[n:n+1]), rest[n])
		}
	}
}

// tripleQuoted takes a text that three quotes end at least; all of them but
// the last three belong to the text.
func (l *lexer) tripleQuoted(t token) (token, error) {
	rest := l.rest()
	end := bytes.Index(rest[3:], []byte(`"""`))
	if end < 0 {
		l.advance(len(rest))
		return t, errorf(l.site(), `expected a closing """ of the text that begins in line %d, column %d, `+
			"found the end of the file", t.site.Line, t.site.Column)
	}
	end += 3
	for end+3 < len(rest) && rest[end+3] == '"' {
		end++
	}
	t.text = string(rest[3:end])
	l.advance(end + 3)
	return t, nil
}

// escape takes a backslash and what it stands for.
func (l *lexer) escape(built *strings.Builder) error {
	rest := l.rest()
	escaped := byte(0)
	if len(rest) > 1 {
		escaped = rest[1]
	}
	if i := strings.IndexByte(`"\/bfnrt`, escaped); i >= 0 {
		l.advance(2)
		built.WriteByte("\"\\/\b\f\n\r\t"[i])
		return nil
	}
	char, size := utf16Escape(rest)
	if size == 0 {
		end := min(2, len(rest))
		if escaped == 'u' {
			end = min(6, len(rest))
		}
		for end < len(rest) && !utf8.RuneStart(rest[end]) {
			end++
		}
		return errorf(l.site(), `expected \", \\, \/, \b, \f, \n, \r, \t or \u and four hexadecimal digits, found %s `+
			`(write \\ for a backslash)`, strings.ReplaceAll(glimpse(rest[:end]), `\\`, `\`))
	}
	l.advance(size)
	built.WriteRune(char)
	return nil
}

// utf16Escape reads \u and four digits, or two of them that are a pair. Half of
// a pair is U+FFFD, as in encoding/json. The size is 0 if text does not begin
// with an escape.
func utf16Escape(text []byte) (rune, int) {
	char, size := unicodeEscape(text)
	if utf16.IsSurrogate(char) {
		low, lowSize := unicodeEscape(text[size:])
		if pair := utf16.DecodeRune(char, low); pair != utf8.RuneError {
			return pair, size + lowSize
		}
		return utf8.RuneError, size
	}
	return char, size
}

// unicodeEscape reads \u and four digits. The size is 0 if text does not begin
// with them.
func unicodeEscape(text []byte) (rune, int) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, 0
	}
	char, err := strconv.ParseUint(string(text[2:6]), 16, 32)
	if err != nil {
		return 0, 0
	}
	return rune(char), 6
}
