package routing

import "net/http"

// miss is a condition that failed with a status.
type miss struct {
	node    *node
	index   int // where the walk was
	depth   int
	failure int
}

// note keeps how a node failed, where that may be the status of the response.
func (w *walk) note(failure int, n *node, index int) {
	switch {
	case failure == http.StatusNotFound:
	case w.rests > 0: // beside a tail nothing is to blame, or no path there would be 404
	case n.selector.role() != onMethod:
		w.missed = append(w.missed, miss{n, index, len(w.trail), failure})
	case index == len(w.segments):
		w.fail(failure, len(w.trail))
	}
}

// blame looks below a condition that failed for leaves that the path leads to:
// they make its status the response's. A method that does not fit there is 405,
// unless no segment is between: then the condition is what the call fails
// first, as in Ktor. For instance PUT /deep without X is 400 and PUT /x/deep is
// 405 where the routes are
//
//	r.Route("/deep", func(r *routing.Route) { r.Header("X", "1").Get("", a) })
//	r.Header("X", "1").Get("/x/deep", b)
func (w *walk) blame(m miss, n *node, index int) {
	if n.leaf != nil && index == len(w.segments) {
		w.fail(m.failure, m.depth)
	}
	for _, child := range n.children {
		switch role := child.selector.role(); role {
		case onRest:
		case onCall:
			w.blame(m, child, index)
		default:
			found := child.selector.match(w, child, index)
			switch {
			case found.failure == 0, role == onMethod && m.index == len(w.segments):
				w.blame(m, child, index+found.taken)
			case role == onMethod && index == len(w.segments):
				w.fail(found.failure, m.depth)
			}
		}
	}
}

// fail notes a status for a call that nothing serves: the one of a method
// counts more than those of conditions, and what failed deeper in the tree
// counts more.
func (w *walk) fail(status, depth int) {
	weight := 1
	if status == http.StatusMethodNotAllowed {
		weight = 2
	}
	if weight > w.weight || depth > w.depth {
		w.failure, w.weight, w.depth = status, weight, depth
	}
}
