package localpath

import (
	"fmt"
	"net/url"
	"strings"
)

// ReturnTo is the name of the query parameter that says to a page which path was
// asked for.
const ReturnTo = "return_to"

// maxPath is how many bytes a path may have, escaped: it stands in URLs and
// cookies.
const maxPath = 1024

// Clean returns a path of the application, perhaps with a query, as it stands in
// Location, and reports whether it is one. What a browser could read as the
// address of another site is none: //evil, /\evil, and what becomes that when the
// browser drops tabs and line breaks. Nor is one of more than 1,024 bytes.
func Clean(path string) (string, bool) {
	if len(path) > maxPath || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") {
		return "", false
	}
	for i := range len(path) {
		if path[i] < ' ' || path[i] == 0x7f || path[i] == '\\' {
			return "", false
		}
	}
	parsed, err := url.Parse(path)
	if err != nil || parsed.Scheme != "" || parsed.Host != "" || parsed.User != nil {
		return "", false
	}
	clean := escaped(parsed.String())
	if len(clean) > maxPath || !strings.HasPrefix(clean, "/") || strings.HasPrefix(clean, "//") {
		return "", false
	}
	return clean, true
}

// escaped escapes what stands unescaped in a query: spaces, and what is not ASCII.
func escaped(address string) string {
	var b strings.Builder
	for i := range len(address) {
		if address[i] <= ' ' || address[i] >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", address[i])
		} else {
			b.WriteByte(address[i])
		}
	}
	return b.String()
}
