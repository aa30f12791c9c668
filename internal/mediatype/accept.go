package mediatype

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// A Range is one element of an Accept header.
type Range struct {
	Type
	// Quality is the q-value, 1 if there is none that can be read.
	Quality float64

	parameters string
}

// Parameters yields the parameters of the range but q, names in lower case and
// values without their quotes.
func (r Range) Parameters() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for name, value := range parametersOf(r.parameters) {
			if !strings.EqualFold(name, "q") && !yield(strings.ToLower(name), unquote(value)) {
				return
			}
		}
	}
}

// Ranges yields the elements of an Accept header, the lines of which have been
// joined by commas. One that is no media range is an error, and the last that
// is yielded.
func Ranges(accept string) iter.Seq2[Range, error] {
	return func(yield func(Range, error) bool) {
		for entry := range Elements(accept) {
			name, parameters := cutUnquoted(entry, ';')
			if name = trim(name); name == "" && trim(parameters) == "" {
				continue
			}
			read, ok := parseRange(name)
			if !ok {
				yield(Range{}, fmt.Errorf("accept %q: %w", accept, errNone))
				return
			}
			if !yield(Range{Type: read, Quality: weight(parameters), parameters: parameters}, nil) {
				return
			}
		}
	}
}

// Elements yields the elements of a header that is a comma-separated list.
// Empty ones are ignored: RFC 9110 section 5.6.1.2.
func Elements(list string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for rest := list; rest != ""; {
			var entry string
			entry, rest = cutUnquoted(rest, ',')
			if entry = trim(entry); entry != "" && !yield(entry) {
				return
			}
		}
	}
}

// Weighted cuts an element of a list into its value and its q-value, which is 1
// if there is none that can be read.
func Weighted(element string) (value string, quality float64) {
	value, parameters := cutUnquoted(element, ';')
	return trim(value), weight(parameters)
}

// parseRange reads a media range. Old clients send * alone.
func parseRange(text string) (Type, bool) {
	if text == "*" {
		return Type{"*", "*"}, true
	}
	return Parse(text)
}

// weight returns the q-value among parameters.
func weight(parameters string) float64 {
	for name, value := range parametersOf(parameters) {
		if !strings.EqualFold(name, "q") {
			continue
		}
		if q, err := strconv.ParseFloat(value, 64); err == nil && q >= 0 && q <= 1 {
			return q
		}
		return 1
	}
	return 1
}

// parametersOf yields what stands between semicolons, as name and value.
func parametersOf(parameters string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for rest := parameters; rest != ""; {
			var parameter string
			parameter, rest = cutUnquoted(rest, ';')
			name, value, _ := strings.Cut(parameter, "=")
			if name = trim(name); name != "" && !yield(name, trim(value)) {
				return
			}
		}
	}
}

// unquote returns the text of a quoted string (RFC 9110 section 5.6.4), and any
// other text as it is.
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

// cutUnquoted cuts text at the first separator that stands outside of a quoted
// string (RFC 9110 section 5.6.4). Without one all of it is before.
func cutUnquoted(text string, separator byte) (before, after string) {
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

// trim removes the white space that RFC 9110 section 5.6.3 allows around
// elements.
func trim(text string) string { return strings.Trim(text, " \t") }
