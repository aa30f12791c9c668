package mediatype

import (
	"errors"
	"mime"
	"strings"
)

// A Type is a media type in lower case without parameters, or a range of them
// by "*". The zero value is neither.
type Type struct{ Kind, Subtype string }

var errNone = errors.New("it is not a media type")

// ParseContentType reads a media type with its parameters, whose names are
// returned in lower case.
func ParseContentType(text string) (Type, map[string]string, error) {
	name, parameters, err := mime.ParseMediaType(text)
	if err != nil {
		return Type{}, nil, err
	}
	parsed, ok := Parse(name)
	if !ok {
		return Type{}, nil, errNone
	}
	return parsed, parameters, nil
}

// Parse reads a media type without parameters, and reports whether it is one.
func Parse(text string) (Type, bool) {
	kind, subtype, slash := strings.Cut(text, "/")
	if !slash || !isToken(kind) || !isToken(subtype) {
		return Type{}, false
	}
	return Type{strings.ToLower(kind), strings.ToLower(subtype)}, true
}

// String returns the type as it is written in a header.
func (t Type) String() string { return t.Kind + "/" + t.Subtype }

// IsRange reports whether t stands for several types.
func (t Type) IsRange() bool { return t.Kind == "*" || t.Subtype == "*" }

// Contains reports whether the range t contains other.
func (t Type) Contains(other Type) bool {
	return (t.Kind == "*" || t.Kind == other.Kind) && (t.Subtype == "*" || t.Subtype == other.Subtype)
}

// Precision orders ranges: 2 for a whole type, 1 for all subtypes of one, 0 for
// everything.
func (t Type) Precision() int {
	switch {
	case !t.IsRange():
		return 2
	case t.Kind != "*":
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
