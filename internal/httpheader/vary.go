package httpheader

import (
	"net/http"
	"strings"
)

// varyLines are Vary headers of one field, shared by all responses, so that
// adding a usual one to a header without Vary allocates nothing. They are never
// written.
var varyLines = map[string][]string{
	"Accept":          {"Accept"},
	"Accept-Encoding": {"Accept-Encoding"},
	"Origin":          {"Origin"},
}

// AddVary adds the name of a request header to those that Vary lists (RFC 9110
// section 12.5.5). It changes nothing if Vary lists that name, in any case, or
// "*". Otherwise Vary becomes one line: what its lines list, and then field.
func AddVary(header http.Header, field string) {
	before := header["Vary"]
	if Lists(before, field) || Lists(before, "*") {
		return
	}
	listed := strings.Trim(strings.Join(before, ", "), ", \t")
	if listed == "" {
		header["Vary"] = varyLine(field)
		return
	}
	header["Vary"] = []string{listed + ", " + field}
}

func varyLine(field string) []string {
	if line, usual := varyLines[field]; usual {
		return line
	}
	return []string{field}
}
