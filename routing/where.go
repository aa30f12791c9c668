package routing

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// A Condition asks something of a call that no method of [Route] asks for: a
// cookie, the address of the client, a feature that is switched on. It is a
// value, and [Route.Where] declares it; what is wrong with it is a mistake of
// that line.
//
// Ktor: RouteSelector, of a class of one's own.
type Condition struct {
	// Words say what is asked, as in "cookie theme: dark": messages, the trace
	// and [AllRoutes] show them. Conditions with equal Words, Header and Status
	// are the same one, whoever made them, and the Quality of any of them is
	// asked, so the words name everything that their answer depends on. They are
	// never sent to a client.
	Words string

	// Header is the name of the request's header that Quality looks at. It is
	// listed in Vary, so that no cache gives one client what was chosen for
	// another. Empty stands for none: the answer does not depend on a header.
	Header string

	// Status is that of the response to calls that lack this alone, from 400 to
	// 499; 0 is 400. With 404 the routes below are hidden from calls that do not
	// fit, as those of [Route.Host] are, whatever else the calls lack. Of several
	// conditions that fail the greatest status counts.
	Status int

	// Quality returns how well a call fits, from 0, not at all, to 1, as a
	// constant of a path does. What is less, or no number, counts as 0, and what
	// is more as 1. It is asked at most once for each call, from the goroutines
	// of many calls at once, and only where the path leads to the route. It sees
	// the call before a route is known, without path parameters, and neither
	// reads the body nor answers. If it panics the call fails like one whose
	// handler has.
	Quality func(c *app.Call) float64
}

// Where returns the part of r for calls that meet a condition of your own. It is
// declared, compared and answered for like [Route.Header]. Empty words, a header
// that has no such name, a status other than 4xx and a nil Quality are mistakes.
//
// Ktor: createChild with a RouteSelector of one's own.
func (r *Route) Where(asked Condition) *Route {
	words := cmp.Or(strings.TrimSpace(asked.Words), "Where")
	header := http.CanonicalHeaderKey(asked.Header)
	status := cmp.Or(asked.Status, http.StatusBadRequest)
	return r.where(r.caller(), asking(words, header, status, func(w *walk) (float64, *app.Error) {
		return inRange(asked.Quality(w.call)), nil
	}), asked.check())
}

// check returns what is wrong with the condition, nil if it can be asked.
func (c Condition) check() error {
	switch {
	case strings.TrimSpace(c.Words) == "":
		return errors.New("the condition has no words")
	case c.Header != "" && !httpheader.IsToken(c.Header):
		return fmt.Errorf("%q is no name of a header", c.Header)
	case strings.EqualFold(c.Header, "Host"): // net/http takes it out of the header
		return errors.New("no response varies by Host: leave the header out")
	case c.Status != 0 && (c.Status < 400 || c.Status > 499):
		return fmt.Errorf("%d is no status of a call that lacks something: those are 400 to 499", c.Status)
	case c.Quality == nil:
		return errors.New("the function is nil")
	default:
		return nil
	}
}

// inRange returns a quality between 0 and 1. What is no number is 0.
func inRange(quality float64) float64 {
	if quality > 0 { // false for NaN
		return min(quality, qualityConstant)
	}
	return 0
}
