package cors

import (
	"net/http"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// settle is the hook that makes the policy the only one to say what a page may
// do when the response leaves: a service behind a proxy, or a handler that was
// written for another server, may have said something else, and a browser
// refuses a response that says two things.
func (p *policy) settle(c *app.Call, out *app.Outgoing) error {
	header := out.Header
	named, foreign := p.inspect(c, header)
	if foreign {
		for name := range header {
			if isAccess(name) {
				delete(header, name)
			}
		}
		from := p.standing(c)
		named = p.concerns(c.Request, from) && p.permit(c.Request, header, from) == ""
	}
	if !named || !p.isForEveryOrigin() {
		httpheader.AddVary(header, "Origin")
	}
	return nil
}

// inspect reports whether the header of a response names who may read it, and
// whether it says something of that kind which permit would not have said.
func (p *policy) inspect(c *app.Call, header http.Header) (named, foreign bool) {
	r := c.Request
	origin := r.Header["Origin"]
	trusted := p.credentials && !slices.Contains(origin, opaque)
	if p.isForEveryOrigin() {
		origin = anyValue[:]
	}
	preflight := isPreflight(r)
	for name, said := range header {
		if !isAccess(name) {
			continue
		}
		var same bool
		switch name {
		case "Access-Control-Allow-Origin":
			named = true
			same = len(origin) == 1 && slices.Equal(said, origin) && p.admits(c)
		case "Access-Control-Allow-Credentials":
			same = trusted && slices.Equal(said, trueValue[:])
		case "Access-Control-Expose-Headers":
			same = !preflight && slices.Equal(said, p.exposedValue)
		case "Access-Control-Allow-Methods":
			same = preflight && slices.Equal(said, p.methodsValue)
		case "Access-Control-Allow-Headers":
			same = preflight && len(said) == 1
		case "Access-Control-Max-Age":
			same = preflight && slices.Equal(said, p.maxAgeValue)
		}
		if !same {
			return named, true
		}
	}
	return named, false
}

// admits reports whether the page that a call comes from may read the response.
// One that check has not let in may have been named by what it sent itself: a
// middleware in front of the plugin may answer whatever origin there is.
func (p *policy) admits(c *app.Call) bool {
	if by, known := pickedKey.Get(c); known && by == p {
		return true
	}
	return p.isForEveryOrigin() || p.standing(c) > stranger
}

// isAccess reports whether a header of a response is one that says what pages
// may do.
func isAccess(name string) bool {
	const prefix = "Access-Control-"
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}
