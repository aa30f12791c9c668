package routing

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// A lack is what keeps a call from a leaf to which its path leads.
type lack struct {
	method    bool       // the leaf serves another one
	condition *app.Error // of the conditions that do not hold, nil if all do
	first     bool       // one of those is behind the whole path, in front of the method
	rest      bool       // the path leads there by what takes all that remains
}

// without returns what is lacking when one more condition does not hold.
func (l lack) without(condition *app.Error, first bool) lack {
	l.condition = clearer(l.condition, condition)
	l.first = l.first || first && !l.method
	return l
}

// clearer returns the error that says more, whichever is asked for first: 415
// before 406 before 400, and a 400 with a text before one without.
func clearer(a, b *app.Error) *app.Error {
	switch {
	case a == nil, b != nil && b.Status > a.Status, b != nil && b.Status == a.Status && b.Message > a.Message:
		return b
	default:
		return a
	}
}

// A refusal is what a call is told that nothing serves: what is lacking at the
// leaves to which its path leads, all told. The order of their declaration, and
// that of the conditions of one, makes no difference.
type refusal struct {
	condition *app.Error // of leaves for the very method
	method    bool       // some leaf lacks the method
	other     *app.Error // of other leaves

	allowed  []string // the methods of leaves that lack the method alone
	possible []string // those of leaves that lack conditions as well
}

// refuse returns why nothing serves the call of a walk that has found nothing.
func (w *walk) refuse(root *node) refusal {
	var r refusal
	w.explain(&r, root, 0, lack{})
	return r
}

// explain adds what is lacking at a node and below it, where the path leads
// there. Above it, lacking is. A condition that fails with 404 hides what is
// below it, whatever else is lacking.
func (w *walk) explain(r *refusal, n *node, index int, lacking lack) {
	found := n.selector.match(w, n, index)
	switch role := n.selector.role(); {
	case role == onMethod:
		lacking.method = lacking.method || found.failure != 0
	case role == onCall && found.failure != 0 && found.failure != http.StatusNotFound:
		lacking = lacking.without(w.replies[n.asked].refusal, index == len(w.segments))
	case found.failure != 0:
		return
	case role == onRest:
		lacking.rest = true
	}
	next := index + found.taken
	if next == len(w.segments) {
		for _, l := range n.leaves {
			here := lacking
			here.method = lacking.method || !l.serves(w.method)
			r.add(l, here)
		}
	}
	n.try(w.segment(next), func(child *node) { w.explain(r, child, next, lacking) })
}

// add adds what is lacking at a leaf. Where both the method and a condition do
// not fit, the method is to blame, unless the condition fails first, as in
// Ktor. For instance PUT /deep without X is 400 and PUT /x/deep is 405 where
// the routes are
//
//	r.Route("/deep", func(r *routing.Route) { r.Header("X", "1").Get("", a) })
//	r.Header("X", "1").Get("/x/deep", b)
//
// Beside a tail nothing is to blame, or no path there would be 404.
func (r *refusal) add(l *leaf, lacking lack) {
	if l.origin == originFiller || lacking.rest && (!lacking.method || lacking.condition != nil) {
		return
	}
	if lacking.method {
		into := &r.allowed
		if lacking.condition != nil {
			into = &r.possible
		}
		for _, s := range l.services {
			*into = append(*into, s.method)
		}
	}
	switch {
	case lacking.rest:
	case lacking.method && !lacking.first:
		r.method = true
	case lacking.method || l.method == anyMethod:
		r.other = clearer(r.other, lacking.condition)
	default:
		r.condition = clearer(r.condition, lacking.condition)
	}
}

// tell gives the call the status of the refusal: that of a route for the very
// method whose conditions do not hold, or else 405, or else that of one for any
// method. That of a condition comes with a text.
func (r *refusal) tell(c *app.Call) {
	switch condition := cmp.Or(r.condition, r.other); {
	case r.method && r.condition == nil:
		c.Header().Set("Allow", r.allow())
		c.SetStatus(http.StatusMethodNotAllowed)
	case condition != nil:
		told := *condition
		c.Refuse(&told)
	default:
		c.SetStatus(http.StatusNotFound)
	}
}

// allow returns the value of Allow, RFC 9110 section 10.2.1: the methods whose
// conditions hold, or else those that there are.
func (r *refusal) allow() string {
	offered := r.allowed
	if len(offered) == 0 {
		offered = r.possible
	}
	slices.Sort(offered)
	return strings.Join(slices.Compact(offered), ", ")
}
