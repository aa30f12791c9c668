package compression

import (
	"strconv"
	"strings"
)

// choose returns the coding that the lines of Accept-Encoding ask for among
// those whose conditions hold, nil for the plain body, and whether the answer
// would be encoded for some client.
func (p *plan) choose(a answer, lines []string) (chosen *coding, varies bool) {
	var best float64
	others, _ := quality(lines, "*")
	for _, candidate := range p.codings { // the greatest priority first
		encodes := candidate.newWriter != nil
		q, named := quality(lines, candidate.name)
		if !named && !candidate.unasked {
			q = others
		}
		if q <= best && (varies || !encodes) || !allHold(candidate.conditions, a) {
			continue
		}
		varies = varies || encodes
		if q > best {
			best, chosen = q, candidate
		}
	}
	if chosen != nil && chosen.newWriter == nil {
		chosen = nil
	}
	return chosen, varies
}

// quality returns the q-value that the lines of an Accept-Encoding header give
// to a coding, 0 if they do not name it, and whether they do. The first entry
// of a name counts. Rereading the lines for each coding is cheaper than taking
// notes: they are short, and there are few codings.
func quality(lines []string, coding string) (q float64, named bool) {
	for _, line := range lines {
		for more := true; more; {
			var entry string
			entry, line, more = strings.Cut(line, ",")
			name, parameters, _ := strings.Cut(entry, ";")
			if isNamed(trim(name), coding) {
				return weight(parameters), true
			}
		}
	}
	return 0, false
}

// isNamed compares as RFC 9110 section 8.4.1 does; x-gzip is an old name of
// gzip.
func isNamed(name, coding string) bool {
	return equalFold(name, coding) || coding == "gzip" && equalFold(name, "x-gzip")
}

// equalFold folds ASCII only: what folds to it from elsewhere takes more bytes.
func equalFold(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// weight returns the q-value among the parameters of an entry.
func weight(parameters string) float64 {
	for more := true; more; {
		var parameter string
		parameter, parameters, more = strings.Cut(parameters, ";")
		name, value, _ := strings.Cut(parameter, "=")
		if !strings.EqualFold(trim(name), "q") {
			continue
		}
		if q, err := strconv.ParseFloat(trim(value), 64); err == nil && q >= 0 && q <= 1 {
			return q
		}
		return 1
	}
	return 1
}

// trim removes the white space that RFC 9110 section 5.6.3 allows around
// elements.
func trim(s string) string {
	for s != "" && isBlank(s[0]) {
		s = s[1:]
	}
	for s != "" && isBlank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
