package routing

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/internal/httpheader"
)

const methodQuery = "QUERY"

// anyMethod is the method of what serves any.
const anyMethod = ""

// chiMethods are those that chi can route, the most common ones first. Others
// are routed beside those: see table.routes.
var chiMethods = [...]string{
	http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch,
	http.MethodHead, http.MethodOptions, methodQuery, http.MethodConnect, http.MethodTrace,
}

func isChis(method string) bool { return slices.Contains(chiMethods[:], method) }

// checkMethod returns why nothing can serve a method, nil if something can.
func checkMethod(method string) error {
	upper := strings.ToUpper(method)
	switch {
	case method == "":
		return errors.New("the method is empty: Handle is for any method")
	case !httpheader.IsToken(method):
		return fmt.Errorf("%q is no method: it is one word of letters, digits and marks (RFC 9110, section 9.1)", method)
	case upper != method && isChis(upper):
		return fmt.Errorf("methods are told apart by case: write %s", upper)
	default:
		return nil
	}
}

// ForMethod returns the part of r for calls with a method, one that
// [Route.Method] takes: Handle("", handler) there is a handler for it, and
// conditions there are looked at only once the method fits. A call that lacks
// only this is answered with 405.
//
// Ktor: method.
func (r *Route) ForMethod(method string) *Route {
	site, what := r.caller(), "route "+method
	if err := checkMethod(method); err != nil {
		return r.refuse(site, fmt.Errorf("%s: %w", what, err))
	}
	return r.below(site, what, byMethod(method))
}

// byMethod takes the calls with that method, and those with another one that a
// leaf below serves as well.
type byMethod string

func (s byMethod) key() any   { return s }
func (s byMethod) role() role { return onMethod }

func (s byMethod) extend(above *outline) error {
	above.shift()
	if above.method != anyMethod && above.method != string(s) {
		above.spoil(fmt.Errorf("it asks for the methods %s and %s at once", above.method, s))
	}
	above.method = string(s)
	return nil
}

func (s byMethod) match(w *walk, at *node, _ int) fit {
	if quality, serves := at.services.quality(w.method); serves {
		return fit{quality: quality}
	}
	return fit{failure: http.StatusMethodNotAllowed}
}

// A service is a method that a leaf serves, and how good it is at that.
type service struct {
	method  string
	quality float64
}

type services []service

// quality returns how good one of them is at a method, and whether there is
// one.
func (s services) quality(method string) (quality float64, serves bool) {
	for i := range s {
		if s[i].method == method {
			return s[i].quality, true
		}
	}
	return 0, false
}

// with returns the services with another one. Of two for one method the better
// one counts.
func (s services) with(added service) services {
	for i := range s {
		if s[i].method == added.method {
			s[i].quality = max(s[i].quality, added.quality)
			return s
		}
	}
	return append(s, added)
}
