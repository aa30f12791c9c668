package httpheader

import (
	"iter"
	"strings"
)

// Elements yields the elements of a header that is a comma-separated list, in
// the order of its lines, without the white space around them. Empty ones are
// left out (RFC 9110 section 5.6.1.2). A comma in a quoted string separates
// nothing.
func Elements(lines []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, line := range lines {
			for line != "" {
				var element string
				element, line = cutUnquoted(line, ',')
				if element = trim(element); element != "" && !yield(element) {
					return
				}
			}
		}
	}
}

// Lists reports whether the lines of such a header name an element, without
// regard to case.
func Lists(lines []string, element string) bool {
	for found := range Elements(lines) {
		if EqualFold(found, element) {
			return true
		}
	}
	return false
}

// cutUnquoted cuts text at the first separator outside of quoted strings (RFC
// 9110 section 5.6.4). Without one all of text is before it.
func cutUnquoted(text string, separator byte) (before, after string) {
	end := strings.IndexByte(text, separator)
	if end < 0 {
		return text, ""
	}
	if strings.IndexByte(text[:end], '"') < 0 {
		return text[:end], text[end+1:]
	}
	quoted := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == separator && !quoted:
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}

// unquote returns the text of a quoted string, and any other text as it is. It
// allocates where a backslash is to be removed.
func unquote(text string) string {
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return text
	}
	text = text[1 : len(text)-1]
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		plain.WriteByte(text[i])
	}
	return plain.String()
}
