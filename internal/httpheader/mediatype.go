package httpheader

import (
	"errors"
	"mime"
	"strings"
)

// A MediaType is a media type without its parameters (RFC 9110 section 8.3.1),
// or a range of them, which has "*" for its subtype or both parts. The parts
// are in lower case. The zero MediaType is neither.
type MediaType struct{ Type, Subtype string }

var errNoMediaType = errors.New("it is not a media type")

// ParseMediaType reads a media type or range without parameters, and reports
// whether text is one. It allocates for letters in upper case.
func ParseMediaType(text string) (MediaType, bool) {
	kind, subtype, slash := strings.Cut(text, "/")
	if !slash || !IsToken(kind) || !IsToken(subtype) {
		return MediaType{}, false
	}
	return MediaType{strings.ToLower(kind), strings.ToLower(subtype)}, true
}

// ParseContentType reads a media type with its parameters, whose names are
// returned in lower case. It allocates the parameters.
func ParseContentType(text string) (MediaType, map[string]string, error) {
	name, parameters, err := mime.ParseMediaType(text)
	if err != nil {
		return MediaType{}, nil, err
	}
	parsed, ok := ParseMediaType(name)
	if !ok {
		return MediaType{}, nil, errNoMediaType
	}
	return parsed, parameters, nil
}

// SplitContentType returns the two parts of the media type that a Content-Type
// names, as they were sent. It checks nothing: where there is no slash, subtype
// is empty.
func SplitContentType(text string) (kind, subtype string) {
	name, _, _ := strings.Cut(text, ";")
	kind, subtype, _ = strings.Cut(trim(name), "/")
	return kind, subtype
}

// IsEventStream reports whether a Content-Type names the media type
// text/event-stream: in any case, and with any parameters.
func IsEventStream(contentType string) bool {
	kind, subtype := SplitContentType(contentType)
	return EqualFold(kind, "text") && EqualFold(subtype, "event-stream")
}

// String returns the type as it is sent. It allocates.
func (m MediaType) String() string { return m.Type + "/" + m.Subtype }

// IsRange reports whether m stands for several types.
func (m MediaType) IsRange() bool { return m.Type == "*" || m.Subtype == "*" }

// Contains reports whether m is other, or a range that contains it.
func (m MediaType) Contains(other MediaType) bool {
	return (m.Type == "*" || m.Type == other.Type) && (m.Subtype == "*" || m.Subtype == other.Subtype)
}

// ContainsParts is [MediaType.Contains] for the parts that [SplitContentType]
// returns, in any case.
func (m MediaType) ContainsParts(kind, subtype string) bool {
	return (m.Type == "*" || EqualFold(m.Type, kind)) && (m.Subtype == "*" || EqualFold(m.Subtype, subtype))
}

// Precision orders ranges: 2 for a whole type, 1 for all subtypes of one, 0 for
// everything.
func (m MediaType) Precision() int {
	switch {
	case !m.IsRange():
		return 2
	case m.Type != "*":
		return 1
	default:
		return 0
	}
}

// HaveParameters reports whether a media type's parameters include all that are
// wanted, in any case; the value "*" stands for any. The names in both are in
// lower case, as [ParseContentType] returns them.
func HaveParameters(parameters, wanted map[string]string) bool {
	for name, value := range wanted {
		has, ok := parameters[name]
		if !ok || value != "*" && !strings.EqualFold(has, value) {
			return false
		}
	}
	return true
}
