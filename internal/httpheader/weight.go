package httpheader

import (
	"iter"
	"strconv"
	"strings"
)

// CutParameters cuts an element of a list into its value and the parameters
// behind it, for [Weight].
func CutParameters(element string) (value, parameters string) {
	value, parameters = cutUnquoted(element, ';')
	return trim(value), parameters
}

// Weight returns the weight among parameters, which is the first one named q
// (RFC 9110 section 12.4.2), between 0 and 1. It is 1 if there is none that can
// be read, as in Ktor. What cannot be read as a number costs an allocation.
func Weight(parameters string) float64 {
	for name, value := range parametersOf(parameters) {
		if !EqualFold(name, "q") {
			continue
		}
		if q, err := strconv.ParseFloat(value, 64); err == nil && q >= 0 && q <= 1 {
			return q
		}
		return 1
	}
	return 1
}

// parametersOf yields the parameters between semicolons (RFC 9110 section
// 5.6.6), their names and values as they were sent.
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
