package routing

import (
	"net/http"
	"net/url"
	"strings"
)

// routePath returns the path that chi searches for, and whether it is escaped: each segment decoded, then its %
// and / escaped again so that an encoded slash never splits, empty segments dropped, a trailing slash
// kept. An ordinary path is returned as it is. Chosen is a path that a middleware has put in its place.
func routePath(r *http.Request, chosen string) (path string, escaped bool) {
	path, raw := r.URL.Path, r.URL.RawPath != ""
	if raw {
		path = r.URL.RawPath
	}
	if chosen != "" {
		path = chosen
	}
	if path == "" {
		return "/", false
	}
	if !raw && !strings.Contains(path, "//") && strings.IndexByte(path, '%') < 0 {
		return path, false
	}
	var normal strings.Builder
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" {
			continue
		}
		if raw {
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
	return normal.String(), true
}

// escape writes a decoded segment in the alphabet of routePath.
func escape(segment string) string {
	if !strings.ContainsAny(segment, "%/") {
		return segment
	}
	return strings.NewReplacer("%", "%25", "/", "%2F").Replace(segment)
}

// unescape takes escape back.
func unescape(segment string) string {
	return strings.NewReplacer("%25", "%", "%2F", "/").Replace(segment)
}

// below returns what remains of the request's path behind the first segments, as chi's own Mount would hand
// it to the router below: escaped if the request's path is.
func below(r *http.Request, segments int) string {
	path := r.URL.Path
	if r.URL.RawPath != "" {
		path = r.URL.RawPath
	}
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
