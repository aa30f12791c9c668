package contentnegotiation

import (
	"errors"
	"mime"
	"strings"
)

// mediaType is a media type in lower case, or a range of them by "*".
type mediaType struct{ kind, subtype string }

var errNoMediaType = errors.New("it is not a media type")

// parseContentType reads a media type with its parameters.
func parseContentType(text string) (mediaType, map[string]string, error) {
	name, parameters, err := mime.ParseMediaType(text)
	if err != nil {
		return mediaType{}, nil, err
	}
	parsed, ok := parseMediaType(name)
	if !ok {
		return mediaType{}, nil, errNoMediaType
	}
	return parsed, parameters, nil
}

// parseMediaType reads a media type without parameters, and reports whether it is one.
func parseMediaType(text string) (mediaType, bool) {
	kind, subtype, slash := strings.Cut(text, "/")
	if !slash || !isToken(kind) || !isToken(subtype) {
		return mediaType{}, false
	}
	return mediaType{strings.ToLower(kind), strings.ToLower(subtype)}, true
}

func (m mediaType) String() string { return m.kind + "/" + m.subtype }

func (m mediaType) isRange() bool { return m.kind == "*" || m.subtype == "*" }

// contains reports whether the range m contains other.
func (m mediaType) contains(other mediaType) bool {
	return (m.kind == "*" || m.kind == other.kind) && (m.subtype == "*" || m.subtype == other.subtype)
}

// precision orders ranges: the whole type, all subtypes of one, everything.
func (m mediaType) precision() int {
	switch {
	case !m.isRange():
		return 2
	case m.kind != "*":
		return 1
	default:
		return 0
	}
}

// isToken is RFC 9110 section 5.6.2's rule.
func isToken(text string) bool {
	for i := range len(text) {
		c := text[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return text != ""
}
