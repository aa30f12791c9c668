package forwardedheaders

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// An element is what one proxy has appended to the header (RFC 7239 section 4).
// What it does not say is empty.
type element struct {
	client string // for=, which is a word of Go
	host   string
	scheme string // proto=
}

// backwards yields the elements of the header's lines from the last to the
// first. It reads no more than is asked for: a client that has written something
// malformed to the left of a proxy's element cannot keep that from being read.
// An element that is malformed is an error, and the last that is yielded.
func backwards(lines []string) iter.Seq2[element, error] {
	return func(yield func(element, error) bool) {
		for _, line := range slices.Backward(lines) {
			for more := true; more; {
				var text string
				var found element
				var err error
				line, text, more, err = cutLast(line)
				if err == nil {
					found, err = parseElement(text)
				}
				if err == nil && strings.Trim(text, " \t") == "" {
					continue // lists may have empty elements (RFC 9110 section 5.6.1.2)
				}
				if !yield(found, err) || err != nil {
					return
				}
			}
		}
	}
}

var errQuote = errors.New("a quoted text has no beginning")

// cutLast cuts a line at its last comma that is not quoted, of which more says
// whether there is one. Read from the end, a quotation mark ends a quoted text
// that begins with the nearest one to its left which no backslash escapes:
// inside of a quoted text they all are escaped. In
//
//	for="_a,\"b", for="_c"
//
// the element behind the comma has _c, and what is in front of it does not
// matter.
func cutLast(line string) (rest, last string, more bool, err error) {
	for i := len(line) - 1; i >= 0; i-- {
		switch line[i] {
		case ',':
			return line[:i], line[i+1:], true, nil
		case '"':
			if i = beginning(line, i); i < 0 {
				return "", "", false, errQuote
			}
		}
	}
	return "", line, false, nil
}

// beginning returns where the quoted text begins that ends at line[end], and -1
// if it does not.
func beginning(line string, end int) int {
	for i := end - 1; i >= 0; i-- {
		if line[i] == '"' && !isEscaped(line, i) {
			return i
		}
	}
	return -1
}

// isEscaped reports whether an odd number of backslashes stands in front of
// text[i].
func isEscaped(text string, i int) bool {
	before := text[:i]
	return (len(before)-len(strings.TrimRight(before, `\`)))%2 == 1
}

// parseElement reads the pairs of an element.
func parseElement(text string) (e element, err error) {
	known := map[string]*string{"for": &e.client, "host": &e.host, "proto": &e.scheme}
	seen := map[string]bool{}
	for {
		text = strings.TrimLeft(text, " \t;")
		if text == "" {
			return e, nil
		}
		name, rest, ok := strings.Cut(text, "=")
		if !ok || !httpheader.IsToken(name) {
			return element{}, fmt.Errorf("%.100q is no pair", text)
		}
		name = strings.ToLower(name)
		var value string
		if value, text, ok = cutValue(rest); !ok {
			return element{}, fmt.Errorf("%s has no value that can be read", name)
		}
		if seen[name] {
			return element{}, fmt.Errorf("%s stands in one element twice", name)
		}
		seen[name] = true
		if field := known[name]; field != nil {
			*field = value
		}
	}
}

// cutValue reads the value that text begins with, which ends with a semicolon
// or with text. It is a token, in which colons and brackets are let pass, or a
// quoted text.
func cutValue(text string) (value, rest string, ok bool) {
	if strings.HasPrefix(text, `"`) {
		value, rest, ok = cutQuoted(text)
	} else {
		end := len(text)
		if i := strings.IndexAny(text, "; \t"); i >= 0 {
			end = i
		}
		value, rest = text[:end], text[end:]
		ok = httpheader.IsToken(strings.Map(withoutMarks, value))
	}
	rest = strings.TrimLeft(rest, " \t")
	return value, rest, ok && value != "" && (rest == "" || rest[0] == ';')
}

// withoutMarks drops what addresses have and tokens do not.
func withoutMarks(r rune) rune {
	if r == ':' || r == '[' || r == ']' {
		return -1
	}
	return r
}

// cutQuoted reads the quoted text that text begins with (RFC 9110 section
// 5.6.4).
func cutQuoted(text string) (value, rest string, ok bool) {
	var plain strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return plain.String(), text[i+1:], true
		case c == '\\' && i+1 < len(text):
			i++
			plain.WriteByte(text[i])
		case c < ' ' && c != '\t' || c == 0x7f:
			return "", "", false
		default:
			plain.WriteByte(c)
		}
	}
	return "", "", false
}
