package routing

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/chitor-go/chitor/app"
)

// leaf is a route with handlers: what a look-up finds.
type leaf struct {
	route     *Route
	endpoint  *app.Endpoint
	pattern   string
	method    string     // empty for any
	derived   bool       // serves a method that it was not declared for
	depends   bool       // on conditions
	contested bool       // with leaves that depend on conditions: chi's choice is none
	pieces    []selector // one for each segment
	slash     bool       // a trailing slash follows them
	rest      rest       // or all that remains does
	names     []string   // what chi captures, in order: empty for a * and for a rest without a name
	shown     string     // the pattern as chi would show it
}

// rest says what a leaf does with the segments that follow its own.
type rest uint8

const (
	none  rest = iota
	takes      // a tail
	mount
)

// newLeaf makes the leaf of a route without its endpoint, or returns what keeps
// it from being one.
func newLeaf(r *Route) (*leaf, error) {
	l := &leaf{route: r, pattern: r.pattern()}
	seen := map[string]bool{}
	for _, selector := range r.way() {
		switch selector.kind {
		case byMethod:
			if l.method != "" && l.method != selector.text {
				return nil, fmt.Errorf("it asks for the methods %s and %s at once", l.method, selector.text)
			}
			l.method = selector.text
			continue
		case slash:
			l.slash = true
			continue
		case mounted:
			l.rest = mount
			continue
		case conditional:
			l.depends = true
			continue
		case tail:
			l.rest = takes
		default:
			l.pieces = append(l.pieces, selector)
		}
		l.slash = false // a slash in the middle says nothing
		if selector.kind == constant {
			continue
		}
		if selector.text != "" && seen[selector.text] {
			return nil, fmt.Errorf("the parameter %s stands there twice", selector.text)
		}
		seen[selector.text] = true
		l.names = append(l.names, selector.text)
	}
	l.shown = l.shape(true, captured)
	return l, nil
}

// shape returns the leaf's chi pattern. Whole says that something remains for
// its rest, if it has one. Write turns the parameter or * at a position into
// text.
func (l *leaf) shape(whole bool, write func(position int, piece selector) string) string {
	var shape strings.Builder
	for i, piece := range l.pieces {
		shape.WriteByte('/')
		if piece.kind == constant {
			shape.WriteString(escape(piece.text))
		} else {
			shape.WriteString(write(i, piece))
		}
	}
	switch {
	case l.rest != none && whole:
		shape.WriteString("/*")
	case l.rest == none && l.slash || shape.Len() == 0:
		shape.WriteByte('/')
	}
	return shape.String()
}

// overlaps reports whether some path belongs to both leaves.
func (l *leaf) overlaps(other *leaf) bool {
	for i := range min(len(l.pieces), len(other.pieces)) {
		a, b := l.pieces[i], other.pieces[i]
		if a.kind == constant && b.kind == constant && a.text != b.text {
			return false
		}
	}
	switch {
	case len(l.pieces) < len(other.pieces):
		return l.rest != none
	case len(l.pieces) > len(other.pieces):
		return other.rest != none
	default:
		return l.slash == other.slash || l.rest != none || other.rest != none || len(l.pieces) == 0
	}
}

// captured is how a parameter or * is written in a chi pattern. A name of ours
// never begins with *.
func captured(position int, piece selector) string {
	if piece.kind == wildcard {
		return "{*" + strconv.Itoa(position) + "}"
	}
	return "{" + piece.text + "}"
}

// capture gives the request what the leaf's pattern has caught, decoded.
func (l *leaf) capture(r *http.Request, values []string) {
	r.Pattern = l.pattern
	for i, name := range l.names {
		value := ""
		if i < len(values) { // nothing may remain for a tail
			value = values[i]
		}
		if name != "" {
			r.SetPathValue(name, value)
		}
		if l.rest == takes && i == len(l.names)-1 {
			r.SetPathValue("*", value)
		}
	}
}

// complete makes a chi context what it would be below chi: with the leaf's
// captures and pattern, behind those of the routers around. Path is the one
// that was routed, as it stood in the request.
func (l *leaf) complete(context *chi.Context, r *http.Request, path string) {
	if context.RouteMethod == "" {
		context.RouteMethod = r.Method
	}
	context.RoutePatterns = append(context.RoutePatterns, l.shown)
	for _, name := range l.names {
		if name != "" {
			context.URLParams.Add(name, r.PathValue(name))
		}
	}
	switch l.rest {
	case takes:
		context.URLParams.Add("*", r.PathValue("*"))
	case mount:
		context.URLParams.Add("*", "")
		context.RoutePath = below(path, len(l.pieces))
	}
}
