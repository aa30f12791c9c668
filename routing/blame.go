package routing

import "net/http"

// miss is a condition that failed with a status.
type miss struct {
	route   *Route
	index   int // where the walk was
	depth   int
	failure int
}

// blame looks below a condition that failed for handlers that the path leads
// to: they make its status the answer. A method that does not fit there is 405,
// unless no segment stands between: then the condition is what the call fails
// first, as in Ktor.
func (r *resolution) blame(m miss, node *Route, index int) {
	if node.leaf != nil && index == len(r.segments) {
		r.fail(m.failure, m.depth)
	}
	for _, child := range node.children {
		switch kind := child.selector.kind; kind {
		case tail, mounted:
		case conditional:
			r.blame(m, child, index)
		default:
			_, taken, failure := r.evaluate(child, index)
			switch {
			case failure == 0, kind == byMethod && m.index == len(r.segments):
				r.blame(m, child, index+taken)
			case kind == byMethod && index == len(r.segments):
				r.fail(failure, m.depth)
			}
		}
	}
}

// fail notes a status for a call that nothing serves: the one of a method
// counts more than those of conditions, and what failed deeper in the tree
// counts more.
func (r *resolution) fail(status, depth int) {
	weight := 1
	if status == http.StatusMethodNotAllowed {
		weight = 2
	}
	if weight > r.weight || depth > r.depth {
		r.failure, r.weight, r.depth = status, weight, depth
	}
}
