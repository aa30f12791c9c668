package compression

import "github.com/chitor-go/chitor/internal/httpheader"

// choose returns the coding that the lines of Accept-Encoding ask for among
// those whose conditions hold, nil for the plain body, and whether the response
// would be encoded for some client.
func (e *encoding) choose(r response, lines []string) (chosen *coding, varies bool) {
	var best float64
	others, _ := httpheader.CodingWeight(lines, "*")
	for _, candidate := range e.codings { // the greatest priority first
		encodes := candidate.newWriter != nil
		q, named := httpheader.CodingWeight(lines, candidate.name)
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
