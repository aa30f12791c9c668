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
	"Cookie":          {"Cookie"},
	"Origin":          {"Origin"},
}

// AddVary adds the name of a request header to those that Vary lists (RFC 9110
// section 12.5.5). It changes nothing if Vary is one line that lists the name,
// in any case, or "*". Otherwise Vary becomes one line that lists each name
// once: those that its lines list, and then field; or "*" alone if that is
// among them.
func AddVary(header http.Header, field string) {
	before := header["Vary"]
	if len(before) == 1 && (Lists(before, field) || Lists(before, "*")) {
		return
	}
	if Lists(before, "*") {
		header["Vary"] = []string{"*"}
		return
	}
	var names []string
	known := map[string]bool{} // a service behind a proxy may list any number
	add := func(name string) {
		if key := http.CanonicalHeaderKey(name); !known[key] {
			known[key] = true
			names = append(names, name)
		}
	}
	for name := range Elements(before) {
		add(name)
	}
	if len(names) == 0 {
		header["Vary"] = varyLine(field)
		return
	}
	add(field)
	header["Vary"] = []string{strings.Join(names, ", ")}
}

func varyLine(field string) []string {
	if line, usual := varyLines[field]; usual {
		return line
	}
	return []string{field}
}
