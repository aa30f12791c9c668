package httpheader

import (
	"iter"
	"strconv"
	"strings"
)

// Weighted cuts an element of a list into its value and its weight, the q
// parameter (RFC 9110 section 12.4.2), between 0 and 1. The weight is 1 if
// there is none that can be read, as in Ktor. Of several the first counts.
func Weighted(element string) (value string, weight float64) {
	value, parameters := cutUnquoted(element, ';')
	return trim(value), weightOf(parameters)
}

func weightOf(parameters string) float64 {
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
