package hocon

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// parseProperties reads Java's properties. Each key is split at its periods,
// each value is a text, and an object at a key hides a text there.
func parseProperties(into *object, from source) error {
	l := newLexer(from.name, from.text)
	for {
		l.skipLinesOfProperties()
		if len(l.rest()) == 0 {
			return nil
		}
		site := l.site()
		key, err := l.propertyText(" \t\f=:")
		if err != nil {
			return err
		}
		l.skipAny(" \t\f")
		if rest := l.rest(); len(rest) > 0 && (rest[0] == '=' || rest[0] == ':') {
			l.advance(1)
			l.skipAny(" \t\f")
		}
		value, err := l.propertyText("")
		if err != nil {
			return err
		}
		path := strings.Split(key, ".")
		if from.depth+len(path) > maxDepth {
			return errorf(site, "expected at most %d elements of a key, found more", maxDepth)
		}
		into.setProperty(path, &scalar{site: site, value: value, text: value})
	}
}

// setProperty puts a text at a path, unless there is an object.
func (n *object) setProperty(path []string, value *scalar) {
	for _, name := range path[:len(path)-1] {
		branch, ok := n.fields[name].(*object)
		if !ok {
			branch = &object{site: value.site}
			n.set(name, branch)
			branch.hides = false
		}
		n = branch
	}
	last := path[len(path)-1]
	if _, ok := n.fields[last].(*object); !ok {
		n.set(last, value)
	}
}

func (l *lexer) skipAny(chars string) {
	l.advance(len(l.rest()) - len(bytes.TrimLeft(l.rest(), chars)))
}

// skipLinesOfProperties takes empty lines, comments and the space before a key.
func (l *lexer) skipLinesOfProperties() {
	for {
		l.skipAny(" \t\f\r\n")
		rest := l.rest()
		if len(rest) == 0 || rest[0] != '#' && rest[0] != '!' {
			return
		}
		end := bytes.IndexAny(rest, "\r\n")
		if end < 0 {
			end = len(rest)
		}
		l.advance(end)
	}
}

// propertyText takes the text up to the end of the line or one of the
// characters. A backslash at the end of a line joins it with the next.
func (l *lexer) propertyText(end string) (string, error) {
	var built strings.Builder
	for {
		rest := l.rest()
		n := bytes.IndexAny(rest, end+"\\\r\n")
		if n < 0 {
			built.Write(l.advance(len(rest)))
			return built.String(), nil
		}
		built.Write(l.advance(n))
		if rest[n] != '\\' {
			return built.String(), nil
		}
		if err := l.propertyEscape(&built); err != nil {
			return "", err
		}
	}
}

// propertyEscape takes a backslash and what it stands for, which is the next
// character itself but for a few.
func (l *lexer) propertyEscape(built *strings.Builder) error {
	rest := l.rest()
	if len(rest) == 1 {
		l.advance(1)
		return nil
	}
	switch rest[1] {
	case 'u':
		char, size := utf16Escape(rest)
		if size == 0 {
			return errorf(l.site(), `expected four hexadecimal digits after \u, found %s`, glimpse(rest[2:]))
		}
		l.advance(size)
		built.WriteRune(char)
	case '\r', '\n':
		size := 2
		if bytes.HasPrefix(rest[1:], []byte("\r\n")) {
			size = 3
		}
		l.advance(size)
		l.skipAny(" \t\f")
	case 'f', 'n', 'r', 't':
		l.advance(2)
		built.WriteByte("\f\n\r\t"[strings.IndexByte("fnrt", rest[1])])
	default:
		_, size := utf8.DecodeRune(rest[1:])
		built.Write(l.advance(1 + size)[1:])
	}
	return nil
}
