package routing

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// condition asks something of a call besides its path and method. Conditions
// that ask the same in words, of the same header and with the same status, are
// the same.
type condition struct {
	words  string // what it asks, as in "header X: 1"
	header string // the one that it looks at, or empty

	// refusal is for calls that lack this alone. With 404 the routes below are
	// hidden from calls that do not fit, whatever else those lack.
	refusal *app.Error

	check check
}

func asking(words, header string, status int, check check) condition {
	refusal := &app.Error{Status: status, Err: fmt.Errorf("the route asks for %s", words)}
	return condition{words, header, refusal, check}
}

// askedKey tells conditions apart.
type askedKey struct {
	words, header string
	status        int
}

// check returns how good a call fits, at most 1, and 0 if it does not. The
// error is for a call of which that cannot be told: it takes the place of the
// condition's refusal.
type check func(*walk) (quality float64, err *app.Error)

func (s condition) key() any { return askedKey{s.words, s.header, s.refusal.Status} }

func (s condition) role() role { return onCall }

func (s condition) extend(above *outline) error {
	above.conditions = append(above.conditions, s.words)
	return nil
}

// match asks once for each call: what is known it says again.
func (s condition) match(w *walk, at *node, _ int) fit {
	known := &w.replies[at.asked]
	if w.watched == nil && w.call != nil { // else the choice is made later, or for no call
		w.vary(at, s.header)
	}
	if !known.asked {
		quality, err := s.check(w)
		if err == nil && quality <= 0 {
			err = s.refusal
		}
		*known = reply{asked: true, quality: quality, refusal: err}
	}
	if known.refusal != nil {
		return fit{failure: known.refusal.Status}
	}
	return fit{quality: known.quality}
}

// reply is what a condition has said of a call.
type reply struct {
	asked   bool
	quality float64
	refusal *app.Error // nil if it holds
}

// holds is the result of a check that is perfect or fails.
func holds(ok bool) (float64, *app.Error) {
	if ok {
		return 1, nil
	}
	return 0, nil
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
	switch {
	case name == "":
		err = errors.New("the header has no name")
	case !httpheader.IsToken(name):
		err = fmt.Errorf("%q is no name of a header", name)
	case name == "Host": // net/http takes it out of the header
		err = errors.New("ask by Host")
	}
	return r.where(r.caller(), asking("header "+name+": "+value, name, http.StatusBadRequest, func(w *walk) (float64, *app.Error) {
		best := 0.0
		for _, found := range w.list(name) {
			if strings.EqualFold(found.value, value) {
				best = max(best, found.weight)
			}
		}
		return best, nil
	}), err)
}

// Param returns the part of r for calls whose query has a parameter, with any
// value. It looks at the query alone. A call that lacks only this is answered
// with 400.
//
// Ktor: param.
func (r *Route) Param(name string) *Route {
	return r.where(r.caller(), asking("param "+url.QueryEscape(name), "", http.StatusBadRequest, func(w *walk) (float64, *app.Error) {
		return holds(w.call.Query().Has(name))
	}), checkParam(name))
}

// ParamValue is [Route.Param] for a parameter that has a value among its
// values.
//
// Ktor: param.
func (r *Route) ParamValue(name, value string) *Route {
	return r.where(r.caller(), asking("param "+url.QueryEscape(name)+"="+value, "", http.StatusBadRequest, func(w *walk) (float64, *app.Error) {
		return holds(slices.Contains(w.call.Query()[name], value))
	}), checkParam(name))
}

// OptionalParam returns a part of r for all calls, which is the better choice
// for those whose query has a parameter, and the worse one for those without
// it.
//
// Ktor: optionalParam.
func (r *Route) OptionalParam(name string) *Route {
	return r.where(r.caller(), asking("optional param "+name, "", http.StatusBadRequest, func(w *walk) (float64, *app.Error) {
		if w.call.Query().Has(name) {
			return 1, nil
		}
		return qualityMissing, nil
	}), checkParam(name))
}

func checkParam(name string) error {
	if name == "" {
		return errors.New("the parameter has no name")
	}
	return nil
}
