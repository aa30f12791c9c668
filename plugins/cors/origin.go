package cors

import (
	"errors"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// ownOrigin returns the origin that a call was sent to, which the client has to
// have named.
func ownOrigin(c *app.Call) (httpheader.Origin, bool) {
	own := c.Origin()
	return httpheader.Origin{Scheme: own.Scheme, Host: own.Host, Port: own.Port}, own.Host != ""
}

// allowedOrigins are those that a configuration allows.
type allowedOrigins struct {
	any        bool
	patterns   []pattern
	predicates []func(origin string) bool
}

// contain reports whether o is allowed. Text is the header that it was read
// from: "null" for an opaque origin, whose parsed form is zero.
func (a *allowedOrigins) contain(o httpheader.Origin, text string) bool {
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
	origin   httpheader.Origin
	wildcard bool
}

func (p pattern) matches(o httpheader.Origin) bool {
	if !p.wildcard {
		return o == p.origin
	}
	below, ok := strings.CutSuffix(o.Host, "."+p.origin.Host)
	return ok && below != "" && o.Scheme == p.origin.Scheme && o.Port == p.origin.Port
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
