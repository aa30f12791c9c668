package static

import (
	"io/fs"
	"net/url"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// maxName is how long a name may be in all. No system that is served from takes
// a longer path.
const maxName = 4096

// A request is what a call asks for, below a content.
type request struct {
	name   string // as fs.ValidPath has it, "." for the content itself
	folder bool   // the path ends in a slash, so it is no file
}

// requested returns what the call asks for by the tail of its route, and whether
// that may be a name at all.
func requested(c *app.Call, dotFiles bool) (request, bool) {
	tail := c.PathParam("*")
	if hidesSlash(c.Request.URL, tail) {
		return request{}, false
	}
	return parse(tail, dotFiles)
}

// parse reads the part of a path behind that of the content, decoded. What is
// not a plain name is refused, whatever a file system would make of it, alike on
// every system:
//
//	""              the content
//	"css/"          the folder css
//	"css/a.css"     that file
//	"../a", "a/./b" refused, as all that is no fs.ValidPath
//	`..\a`, "a\x00" refused: backslashes and control characters
//	".git/config"   refused, without DotFiles
func parse(tail string, dotFiles bool) (request, bool) {
	name, folder := strings.CutSuffix(tail, "/")
	if name == "" {
		return request{".", folder}, true
	}
	if len(name) > maxName || name == "." || !fs.ValidPath(name) || strings.ContainsFunc(name, isForbidden) {
		return request{}, false
	}
	return request{name, folder}, dotFiles || !hasDotFile(name)
}

func isForbidden(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }

// hasDotFile reports whether part of a name begins with a dot. A .well-known at
// the beginning does not count (RFC 8615).
func hasDotFile(name string) bool {
	if name == ".well-known" {
		return false
	}
	name = strings.TrimPrefix(name, ".well-known/")
	return strings.HasPrefix(name, ".") || strings.Contains(name, "/.")
}

// hidesSlash reports whether a segment of the tail has an encoded slash in it.
// Routing has not taken it for one that separates, and neither does a file: what
// is declared for /files/private is not to be passed by /files%2Fprivate.
func hidesSlash(u *url.URL, tail string) bool {
	if u.RawPath == "" || !strings.Contains(tail, "/") {
		return false
	}
	escaped := u.EscapedPath()
	if !strings.Contains(escaped, "%2f") && !strings.Contains(escaped, "%2F") {
		return false
	}
	// The tail is the end of the path: as many segments as decode to it.
	wanted := strings.Trim(tail, "/")
	segments := strings.FieldsFunc(escaped, func(r rune) bool { return r == '/' })
	for first := range slices.Backward(segments) {
		behind := strings.Join(segments[first:], "/")
		if decoded, err := url.PathUnescape(behind); err == nil && decoded == wanted {
			return strings.Contains(behind, "%2f") || strings.Contains(behind, "%2F")
		}
	}
	return true
}
