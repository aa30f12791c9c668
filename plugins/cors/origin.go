package cors

import (
	"errors"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// An origin is a parsed Origin header: scheme and host in lower case, and the
// port, which may be the default of the scheme.
type origin struct {
	scheme, host string
	port         int // 0 where the scheme has no default
}

// parseOrigin reads an origin. A slash at the end is allowed, as in Ktor;
// anything else behind the port is not.
func parseOrigin(text string) (origin, bool) {
	scheme, rest, ok := strings.Cut(strings.ToLower(text), "://")
	if !ok || !isScheme(scheme) {
		return origin{}, false
	}
	return originOf(scheme, strings.TrimSuffix(rest, "/"))
}

// originOf returns the origin of a scheme in lower case and what a Host header
// says.
func originOf(scheme, authority string) (origin, bool) {
	host, port, ok := httpheader.ParseHost(authority)
	if port == 0 {
		port = map[string]int{"http": 80, "https": 443}[scheme]
	}
	return origin{scheme, host, port}, ok
}

func isScheme(text string) bool {
	for i, r := range text {
		if !isAlphanumeric(r) && !strings.ContainsRune("-+.", r) || i == 0 && (r < 'a' || r > 'z') {
			return false
		}
	}
	return text != ""
}

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// ownOrigin returns the origin that a call was sent to, which the client has to
// have named.
func ownOrigin(c *app.Call) (origin, bool) {
	own := c.Origin()
	return origin{own.Scheme, own.Host, own.Port}, own.Host != ""
}

// allowedOrigins are those that a configuration allows.
type allowedOrigins struct {
	any        bool
	patterns   []pattern
	predicates []func(origin string) bool
}

// contain reports whether o is allowed. Text is the header that it was read
// from: "null" for an opaque origin, whose parsed form is zero.
func (a *allowedOrigins) contain(o origin, text string) bool {
	return a.any ||
		slices.ContainsFunc(a.patterns, func(allowed pattern) bool { return allowed.matches(o) }) ||
		a.pick(text)
}

// pick reports whether a function of the application's own allows an origin.
func (a *allowedOrigins) pick(text string) bool {
	return slices.ContainsFunc(a.predicates, func(allows func(string) bool) bool { return allows(text) })
}

// A pattern is an allowed origin, or with a wildcard all those of the domains
// below it.
type pattern struct {
	origin   origin
	wildcard bool
}

func (p pattern) matches(o origin) bool {
	if !p.wildcard {
		return o == p.origin
	}
	below, ok := strings.CutSuffix(o.host, "."+p.origin.host)
	return ok && below != "" && o.scheme == p.origin.scheme && o.port == p.origin.port
}

// checkWildcard returns what is wrong with the * of a host, in Ktor's words.
func checkWildcard(host string) error {
	switch {
	case !strings.Contains(host, "*"):
		return nil
	case !strings.HasPrefix(host, "*.") || strings.HasSuffix(host, "*."):
		return errors.New("wildcard must appear in front of the domain, e.g. *.domain.com")
	case strings.Count(host, "*") > 1:
		return errors.New("wildcard cannot appear more than once")
	default:
		return nil
	}
}
