package routing

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/chitor-go/chitor/app"
)

// A leaf is a route that serves calls: what a look-up finds. Once compile has
// returned it never changes.
type leaf struct {
	// What most calls look at is in front: less memory is waited for.

	endpoint *app.Endpoint
	path     string // the pattern as the route shows it

	// contested says that a call for this path may be another leaf's in a way
	// that chi knows nothing of, so that its choice is none.
	contested bool

	outline

	route  *Route   // what was declared, or what it would be
	site   app.Site // of its first handler, or of the plugin that asks for it
	origin origin
	head   bool   // it answers HEAD itself, as an event stream does
	shown  string // the pattern as chi would show it

	// services are the methods that it serves: its own, HEAD if it answers that
	// itself, and what plugins have asked for. None stands for any.
	services services
}

// origin is where a leaf comes from.
type origin uint8

const (
	originDeclared origin = iota
	originAlias           // a plugin asks that a declared one serves another method as well
	originFiller          // a plugin asks for it wherever nothing else serves the method
)

func newLeaf(r *Route, from origin, site app.Site, around frame) *leaf {
	l := &leaf{outline: r.outline, route: r, site: site, origin: from}
	l.path, l.shown = around.whole(&l.outline, l.pattern()), around.whole(&l.outline, l.outline.shown())
	if around.ignoresSlash {
		l.slash = false
	}
	return l
}

// serves reports whether a method is one of those that it serves.
func (l *leaf) serves(method string) bool {
	_, serves := l.services.quality(method)
	return serves || l.method == anyMethod
}

// isBelow reports whether the leaf was declared on a route, or below it.
func (l *leaf) isBelow(route *Route) bool {
	for around := l.route; around != nil; around = around.parent {
		if around == route {
			return true
		}
	}
	return false
}

// capture gives the request what the leaf's pattern has caught, decoded.
func (l *leaf) capture(r *http.Request, values []string) {
	r.Pattern = l.path
	for i, capture := range l.captures {
		value := ""
		if i < len(values) { // nothing may remain for a tail
			value = values[i]
		}
		if l.rest == restTail && i == len(l.captures)-1 {
			r.SetPathValue("*", value)
		}
		switch {
		case capture.again && value != "":
			r.SetPathValue(capture.name, r.PathValue(capture.name)+"/"+value)
		case !capture.again && capture.name != "":
			r.SetPathValue(capture.name, value)
		}
	}
}

// complete makes a chi context what it would be below chi: with the leaf's
// captures and pattern, behind those of the routers around.
func (l *leaf) complete(context *chi.Context, r *http.Request) {
	if context.RouteMethod == "" {
		context.RouteMethod = r.Method
	}
	context.RoutePatterns = append(context.RoutePatterns, l.shown)
	for _, capture := range l.captures {
		if capture.name != "" && !capture.again {
			context.URLParams.Add(capture.name, r.PathValue(capture.name))
		}
	}
	switch l.rest {
	case restTail:
		context.URLParams.Add("*", r.PathValue("*"))
	case restMount:
		context.URLParams.Add("*", "")
	}
}
