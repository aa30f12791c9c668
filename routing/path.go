package routing

import (
	"net/http"
	"net/url"
	"strings"
)

// special are the bytes of a decoded segment that a path, or a pattern of chi,
// cannot hold as they are.
const special = "%/*{}"

// sourcePath returns the path as it is written in the request, or chosen, which
// a middleware or a router around has put in its place, and whether it is
// escaped. A RawPath that a middleware has left behind counts no more.
func sourcePath(r *http.Request, chosen string) (path string, escaped bool) {
	path = r.URL.Path
	if r.URL.RawPath != "" {
		decoded, err := url.PathUnescape(r.URL.RawPath)
		if escaped = err == nil && decoded == path; escaped {
			path = r.URL.RawPath
		}
	}
	if chosen != "" {
		path = chosen
	}
	return path, escaped
}

// routePath returns the path that chi searches for: each segment decoded and
// then written by escape, so that an encoded slash never splits; empty segments
// dropped, a trailing slash kept. An ordinary path is returned as it is. Specials
// says that a constant has a special byte other than %.
func routePath(path string, escaped, specials bool) string {
	if !escaped && ordinary(path, specials) {
		return path
	}
	var normal strings.Builder
	normal.Grow(len(path) + 1)
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" {
			continue
		}
		if escaped {
			if decoded, err := url.PathUnescape(segment); err == nil {
				segment = decoded
			}
		}
		normal.WriteByte('/')
		normal.WriteString(escape(segment))
	}
	if strings.HasSuffix(path, "/") || normal.Len() == 0 {
		normal.WriteByte('/')
	}
	return normal.String()
}

// ordinary reports whether routePath would change nothing in a decoded path that
// matters: where no constant has a *, a { or a }, they are like any other byte.
func ordinary(path string, specials bool) bool {
	return path != "" && path[0] == '/' && strings.IndexByte(path, '%') < 0 && !strings.Contains(path, "//") &&
		(!specials || !hasSpecial(path))
}

// hasSpecial reports whether a text has a special byte other than %, and than
// the slash, which a segment has only where it is escaped in the path.
func hasSpecial(text string) bool { return strings.ContainsAny(text, "*{}") }

// escape writes a decoded segment so that it holds none of the special bytes
// but the %, and unescape takes it back.
func escape(segment string) string {
	if !strings.ContainsAny(segment, special) {
		return segment
	}
	return url.PathEscape(segment)
}

func unescape(segment string) string {
	if strings.IndexByte(segment, '%') < 0 {
		return segment
	}
	decoded, err := url.PathUnescape(segment)
	if err != nil { // not written by escape
		return segment
	}
	return decoded
}

// below returns what remains of a path behind the first segments, as chi's own
// Mount would hand it to the router below.
func below(path string, segments int) string {
	for range segments {
		path = strings.TrimLeft(path, "/")
		if slash := strings.IndexByte(path, '/'); slash >= 0 {
			path = path[slash:]
		} else {
			path = ""
		}
	}
	return "/" + strings.TrimLeft(path, "/")
}
