package httpheader

import (
	"net"
	"strconv"
	"strings"
)

// An Origin is what an Origin header names (RFC 6454): scheme and host in lower
// case, and the port, the scheme's own where the header names none. Two that are
// the same origin are equal.
type Origin struct {
	// Scheme is "https", for example.
	Scheme string
	// Host is a name or an address, an IPv6 address without its brackets.
	Host string
	// Port is 0 if none is named and the scheme has none of its own.
	Port int
}

// ParseOrigin reads an origin, such as "https://example.com:8443". A slash at the
// end is allowed, anything else behind the port is not. It reports false for what
// is none, "null" among it. It allocates for letters in upper case.
func ParseOrigin(text string) (Origin, bool) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || !isScheme(scheme) {
		return Origin{}, false
	}
	host, port, ok := ParseHost(strings.TrimSuffix(rest, "/"))
	if !ok {
		return Origin{}, false
	}
	scheme = strings.ToLower(scheme)
	if port == 0 {
		port = portOf(scheme)
	}
	return Origin{scheme, host, port}, true
}

// IsOwn reports whether a page of the origin is of the server that was called by
// scheme, host and port. Behind a proxy that is not trusted a server takes https
// for http, so a page of https is its own as well. A page of http is none of a
// server that is called by https: whoever is on the network could have made it.
func (o Origin) IsOwn(scheme, host string, port int) bool {
	if o.Host != host || host == "" {
		return false
	}
	switch o.Scheme {
	case scheme:
		return o.Port == port
	case "https":
		return o.Port == port || o.Port == 443 && port == 80
	default:
		return false
	}
}

// String returns the origin as browsers send it: without a port that is the
// scheme's own. It is "null" for the zero Origin. It allocates.
func (o Origin) String() string {
	switch {
	case o.Host == "":
		return "null"
	case o.Port != portOf(o.Scheme):
		return o.Scheme + "://" + net.JoinHostPort(o.Host, strconv.Itoa(o.Port))
	case strings.Contains(o.Host, ":"):
		return o.Scheme + "://[" + o.Host + "]"
	default:
		return o.Scheme + "://" + o.Host
	}
}

// portOf returns the port of a scheme, 0 if it has none of its own.
func portOf(scheme string) int {
	switch scheme {
	case "http":
		return 80
	case "https":
		return 443
	default:
		return 0
	}
}

// isScheme reports whether text is a scheme (RFC 3986 section 3.1).
func isScheme(text string) bool {
	for i := range len(text) {
		lower := text[i] | 0x20
		letter := 'a' <= lower && lower <= 'z'
		behind := i > 0 && ('0' <= text[i] && text[i] <= '9' || strings.IndexByte("+-.", text[i]) >= 0)
		if !letter && !behind {
			return false
		}
	}
	return text != ""
}
