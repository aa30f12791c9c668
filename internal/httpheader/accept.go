package httpheader

import (
	"fmt"
	"iter"
	"strings"
)

// A MediaRange is one element of an Accept header (RFC 9110 section 12.5.1).
type MediaRange struct {
	MediaType

	// Weight is the q-value, 1 if there is none that can be read.
	Weight float64

	parameters string
}

// Parameters yields the parameters of the range but q, names in lower case and
// values without their quotes. It allocates for letters in upper case and
// backslashes.
func (r MediaRange) Parameters() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for name, value := range parametersOf(r.parameters) {
			if !EqualFold(name, "q") && !yield(strings.ToLower(name), unquote(value)) {
				return
			}
		}
	}
}

// Names returns how precisely the range names a media type, or -1 if it does not
// contain it: first by its parts, then by the parameters that the type has as
// well. A parameter that the type has with another value keeps it out. One that
// the type lacks, such as the charset that many clients send, does not, but a
// range without it is more precise. The names of the type's parameters are in
// lower case, as [ParseContentType] returns them. Where the type is a range
// itself, any type in it will do, with any parameters.
func (r MediaRange) Names(m MediaType, parameters map[string]string) int {
	if !r.Contains(m) && !m.Contains(r.MediaType) {
		return -1
	}
	shared, lacking := 0, 0
	for name, value := range r.Parameters() {
		switch has, known := parameters[name]; {
		case m.IsRange():
			shared++
		case !known:
			lacking = 1
		case !strings.EqualFold(has, value):
			return -1
		default:
			shared++
		}
	}
	return r.Precision()<<8 + 1 + min(shared, 254) - lacking
}

// MediaRanges yields the elements of an Accept header whose lines have been
// joined by commas. Old clients send * alone, for */*. An element that is no
// media range is an error, and the last that is yielded.
func MediaRanges(accept string) iter.Seq2[MediaRange, error] {
	return func(yield func(MediaRange, error) bool) {
		for element := range Elements([]string{accept}) {
			name, parameters := CutParameters(element)
			switch {
			case name == "" && trim(parameters) == "":
				continue
			case name == "*":
				name = "*/*"
			}
			read, ok := ParseMediaType(name)
			if !ok {
				yield(MediaRange{}, fmt.Errorf("accept %q: %w", accept, errNoMediaType))
				return
			}
			if !yield(MediaRange{MediaType: read, Weight: Weight(parameters), parameters: parameters}, nil) {
				return
			}
		}
	}
}
