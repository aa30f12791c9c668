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
// dropped, a trailing slash kept. An ordinary path is returned as it is.
func routePath(path string, escaped bool) string {
	if !escaped && ordinary(path) {
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

// ordinary reports whether routePath would change nothing in a decoded path.
func ordinary(path string) bool {
	if path == "" || path[0] != '/' {
		return false
	}
	for i := 1; i < len(path); i++ {
		if c := path[i]; '0' <= c && c <= 'z' { // most are, and none of these is special
			continue
		}
		switch path[i] {
		case '/':
			if path[i-1] == '/' {
				return false
			}
		case '%', '*', '{', '}':
			return false
		}
	}
	return true
}

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
