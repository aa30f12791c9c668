package routing

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/chitor-go/chitor/app"
)

const methodQuery = "QUERY"

// anyMethod is the method of what serves any.
const anyMethod = ""

// methods are those that chi can route.
var methods = map[string]bool{
	http.MethodGet: true, http.MethodPost: true, http.MethodPut: true,
	http.MethodPatch: true, http.MethodDelete: true, methodQuery: true,
	http.MethodHead: true, http.MethodOptions: true,
	http.MethodConnect: true, http.MethodTrace: true,
}

// ForMethod returns the part of r for calls with a method, one of those that
// [Route.Method] takes: Handle("", handler) there is a handler for it, and
// conditions there are looked at only once the method fits. A call that lacks
// only this is answered with 405.
//
// Ktor: method.
func (r *Route) ForMethod(method string) *Route {
	site, what := app.Caller(1), "route "+method
	if !methods[method] {
		return r.refuse(site, fmt.Errorf("%s: the method is unknown", what))
	}
	return r.below(site, what, byMethod(method))
}

// byMethod takes the calls with that method, and at the node of an event
// stream, or where a plugin has asked for it, those with another one as well.
type byMethod string

func (s byMethod) same(other selector) bool { return s == other }
func (s byMethod) role() role               { return onMethod }

func (s byMethod) extend(above *outline) error {
	if above.method != anyMethod && above.method != string(s) {
		above.spoil(fmt.Errorf("it asks for the methods %s and %s at once", above.method, s))
	}
	above.method = string(s)
	return nil
}

func (s byMethod) match(w *walk, at *node, _ int) fit {
	switch {
	case w.method == string(s) && at.leaf != nil && at.leaf.origin == originFiller:
		return fit{quality: qualityFiller}
	case w.method == string(s):
		return fit{quality: qualityConstant}
	case slices.Contains(at.aliases, w.method):
		return fit{quality: qualityAlias}
	case w.method == http.MethodHead && at.leaf != nil && at.leaf.stream:
		return fit{quality: qualityFiller}
	default:
		return fit{failure: http.StatusMethodNotAllowed}
	}
}
