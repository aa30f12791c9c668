package routing

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// condition asks something of a call besides its path and method. Conditions
// that ask the same in words are the same.
type condition struct {
	words  string // what it asks, as in "header X: 1"
	header string // the one that it looks at, or empty
	holds  check
}

// check returns how good a call fits, above 0 and at most 1, or the status that
// says why it does not, which is none that a method fails with.
type check func(*app.Call) (quality float64, failure int)

func (s condition) same(other selector) bool {
	known, is := other.(condition)
	return is && known.words == s.words
}

func (s condition) role() role { return onCall }

func (s condition) extend(above *outline) error {
	above.conditions = append(above.conditions, s.words)
	return nil
}

func (s condition) match(w *walk, _ *node, _ int) fit {
	w.vary(s.header)
	quality, failure := s.holds(w.call)
	if quality > 0 {
		return fit{quality: quality}
	}
	return fit{failure: failure}
}

// holds is the result of a check that is perfect or fails with a status.
func holds(ok bool, failure int) (float64, int) {
	if ok {
		return 1, 0
	}
	return 0, failure
}

// where returns the child of r with a condition, unless there is something
// wrong with it.
func (r *Route) where(site app.Site, asked condition, wrong error) *Route {
	if wrong != nil {
		return r.refuse(site, fmt.Errorf("route %s: %w", asked.words, wrong))
	}
	return r.below(site, "route "+asked.words, asked)
}

// Header returns the part of r for calls that have a header with a value among
// its comma-separated ones, in upper or lower case. A q-value in the header
// says how good the match is, and 0 that there is none. A call that lacks only
// this is answered with 400.
//
// Ktor: header.
func (r *Route) Header(name, value string) *Route {
	name = http.CanonicalHeaderKey(name)
	var err error
	switch name {
	case "":
		err = errors.New("the header has no name")
	case "Host": // net/http takes it out of the header
		err = errors.New("ask by Host")
	}
	return r.where(app.Caller(1), condition{"header " + name + ": " + value, name, func(c *app.Call) (float64, int) {
		best := 0.0
		for element := range httpheader.Elements(c.Request.Header[name]) {
			if found, parameters := httpheader.CutParameters(element); strings.EqualFold(found, value) {
				best = max(best, httpheader.Weight(parameters))
			}
		}
		return best, http.StatusBadRequest
	}}, err)
}

// Param returns the part of r for calls whose query has a parameter, with any
// value. It looks at the query alone. A call that lacks only this is answered
// with 400.
//
// Ktor: param.
func (r *Route) Param(name string) *Route {
	return r.where(app.Caller(1), condition{"param " + name, "", func(c *app.Call) (float64, int) {
		return holds(c.Query().Has(name), http.StatusBadRequest)
	}}, checkParam(name))
}

// ParamValue is [Route.Param] for a parameter that has a value among its
// values.
//
// Ktor: param.
func (r *Route) ParamValue(name, value string) *Route {
	return r.where(app.Caller(1), condition{"param " + name + "=" + value, "", func(c *app.Call) (float64, int) {
		return holds(slices.Contains(c.Query()[name], value), http.StatusBadRequest)
	}}, checkParam(name))
}

// OptionalParam returns a part of r for all calls, which is the better choice
// for those whose query has a parameter, and the worse one for those without
// it.
//
// Ktor: optionalParam.
func (r *Route) OptionalParam(name string) *Route {
	return r.where(app.Caller(1), condition{"optional param " + name, "", func(c *app.Call) (float64, int) {
		if c.Query().Has(name) {
			return 1, 0
		}
		return qualityMissing, 0
	}}, checkParam(name))
}

func checkParam(name string) error {
	if name == "" {
		return errors.New("the parameter has no name")
	}
	return nil
}
