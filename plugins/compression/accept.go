package compression

import "github.com/chitor-go/chitor/internal/httpheader"

// choose returns the coding that the lines of Accept-Encoding ask for among
// those whose conditions hold, nil for the plain body, and whether the response
// would be encoded for some client.
func (e *encoding) choose(r response, lines []string) (chosen *coding, varies bool) {
	var best float64
	others, _ := quality(lines, "*")
	for _, candidate := range e.codings { // the greatest priority first
		encodes := candidate.newWriter != nil
		q, named := quality(lines, candidate.name)
		if !named && !candidate.unasked {
			q = others
		}
		if q <= best && (varies || !encodes) || !allHold(candidate.conditions, r) {
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
// to a coding, 0 if they do not name it, and whether they do. The first element
// of a name counts. To read the lines again for each coding is cheaper than to
// remember what they say: they are short, and there are few codings.
func quality(lines []string, coding string) (q float64, named bool) {
	for element := range httpheader.Elements(lines) {
		if name, parameters := httpheader.CutParameters(element); isNamed(name, coding) {
			return httpheader.Weight(parameters), true
		}
	}
	return 0, false
}

// isNamed compares as RFC 9110 section 8.4.1 does; x-gzip is an old name of
// gzip.
func isNamed(name, coding string) bool {
	return httpheader.EqualFold(name, coding) || coding == "gzip" && httpheader.EqualFold(name, "x-gzip")
}
