package routing

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"github.com/chitor-go/chitor/app"
)

// A leaf is a route that serves calls: what a look-up finds. Once compile has
// returned it never changes.
type leaf struct {
	outline
	endpoint *app.Endpoint
	site     app.Site // of its first handler, or of the plugin that asks for it
	origin   origin
	stream   bool // an event stream, which answers HEAD itself

	// contested says that a condition may give a call for this path to another
	// leaf, so that chi's choice is none.
	contested bool

	path  string // the pattern as the route shows it
	shown string // the pattern as chi would show it

	// captures are the names of what the path captures, in order: empty for a
	// * and for a tail without a name.
	captures []string
}

// origin is where a leaf comes from.
type origin uint8

const (
	originDeclared origin = iota
	originAlias           // a plugin asks that a declared one serves another method as well
	originFiller          // a plugin asks for it wherever nothing else serves the method
)

func newLeaf(r *Route, from origin, site app.Site) *leaf {
	return &leaf{
		outline:  r.outline,
		site:     site,
		origin:   from,
		path:     r.outline.pattern(),
		shown:    r.outline.chiPattern(unranked),
		captures: r.outline.names(),
	}
}

// capture gives the request what the leaf's pattern has caught, decoded.
func (l *leaf) capture(r *http.Request, values []string) {
	r.Pattern = l.path
	for i, name := range l.captures {
		value := ""
		if i < len(values) { // nothing may remain for a tail
			value = values[i]
		}
		if name != "" {
			r.SetPathValue(name, value)
		}
		if l.rest == restTail && i == len(l.captures)-1 {
			r.SetPathValue("*", value)
		}
	}
}

// complete makes a chi context what it would be below chi: with the leaf's
// captures and pattern, behind those of the routers around. Path is the one
// that was routed, as it was written in the request.
func (l *leaf) complete(context *chi.Context, r *http.Request, path string) {
	if context.RouteMethod == "" {
		context.RouteMethod = r.Method
	}
	context.RoutePatterns = append(context.RoutePatterns, l.shown)
	for _, name := range l.captures {
		if name != "" {
			context.URLParams.Add(name, r.PathValue(name))
		}
	}
	switch l.rest {
	case restTail:
		context.URLParams.Add("*", r.PathValue("*"))
	case restMount:
		context.URLParams.Add("*", "")
		context.RoutePath = below(path, len(l.segments))
	}
}
