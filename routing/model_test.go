package routing_test

import (
	"math"
	"net/http"
	"slices"
	"strings"
)

// node is a node of the model: Ktor's routing tree and its depth-first
// resolution. It is written from the rules, without a thought for speed, to be
// compared with.
type node struct {
	// "/abc", "/{p}", "/*", "/{t...}", "/" for a slash, a method, or a condition
	// that begins with ?.
	selector string
	children []*node
	leaf     string     // the name of the handler, if there is one
	routes   [][]string // of the root: the selectors of every route
}

// add adds a route by its selectors.
func (n *node) add(selectors []string, leaf string) {
	n.routes = append(n.routes, selectors)
	at := n
	for _, selector := range selectors {
		at = at.child(selector)
	}
	if at.leaf == "" { // of two handlers the first one answers
		at.leaf = leaf
	}
}

func (n *node) child(selector string) *node {
	for _, known := range n.children {
		if known.selector == selector {
			return known
		}
	}
	n.children = append(n.children, &node{selector: selector})
	return n.children[len(n.children)-1]
}

// segments of a path without escapes: a trailing slash is an empty one.
func segments(path string) []string {
	var found []string
	for piece := range strings.SplitSeq(path, "/") {
		if piece != "" {
			found = append(found, piece)
		}
	}
	if len(found) > 0 && strings.HasSuffix(path, "/") {
		found = append(found, "")
	}
	return found
}

// A request is what a call asks of the model.
type request struct {
	method   string
	segments []string
	// The quality of the conditions that hold, and the status of those that do
	// not, by their selectors.
	holds map[string]float64
	fails map[string]int
}

// isMethod reports whether a selector is neither a piece of a path nor a
// condition.
func isMethod(selector string) bool { return selector[0] != '/' && selector[0] != '?' }

// nameOf returns the name of a parameter or tail, "" for anything else.
func nameOf(selector string) string {
	name, found := strings.CutPrefix(selector, "/{")
	if !found {
		return ""
	}
	return strings.TrimSuffix(strings.TrimSuffix(name, "}"), "...")
}

const transparent = -1.0

// evaluate returns the quality of a selector at an index, 0 for a failure, and
// how many segments it takes.
func (q request) evaluate(selector string, index int) (quality float64, taken int) {
	remain := q.segments[index:]
	switch {
	case selector[0] == '?':
		return q.holds[selector], 0
	case isMethod(selector):
		if selector == q.method {
			return 1, 0
		}
		return 0, 0
	case strings.HasSuffix(selector, "...}"):
		if len(remain) == 0 {
			return 0.2, 0
		}
		return 0.1, len(remain)
	case selector == "/":
		switch {
		case len(q.segments) == 0:
			return 1, 0
		case len(remain) == 0: // a second slash says nothing, as one in the middle
			if q.segments[len(q.segments)-1] == "" {
				return transparent, 0
			}
			return 0, 0
		case remain[0] != "":
			return transparent, 0
		default:
			return 1, 1
		}
	case len(remain) == 0 || remain[0] == "":
		return 0, 0
	case nameOf(selector) != "":
		return 0.8, 1
	case selector == "/*":
		return 0.5, 1
	case selector == "/"+remain[0]:
		return 1, 1
	default:
		return 0, 0
	}
}

// resolution is a walk through the tree of the model.
type resolution struct {
	request
	trail  []float64 // what is transparent left out
	caught []string  // by the selectors of the trail that have a name
	best   []float64
	leaf   string // the handler of the best trail, with what was caught on the way
}

// resolve returns the handler that Ktor chooses and what its path caught, as in
// "H p=x tail=y/z", or "". A name that appears twice has both values.
func (n *node) resolve(q request) string {
	r := resolution{request: q}
	r.walk(n, 0, math.Inf(-1))
	return r.leaf
}

// walk returns the quality with which the node succeeded, or less than 0.
func (r *resolution) walk(n *node, index int, bar float64) float64 {
	quality, taken := 1.0, 0
	if n.selector != "" {
		quality, taken = r.evaluate(n.selector, index)
		if quality == 0 || quality != transparent && quality < bar {
			return math.Inf(-1)
		}
		trail, caught := r.trail, r.caught
		if quality != transparent {
			r.trail = append(slices.Clip(r.trail), quality)
		}
		if name := nameOf(n.selector); name != "" {
			r.caught = catch(r.caught, name, strings.Join(r.segments[index:index+taken], "/"))
		}
		defer func() { r.trail, r.caught = trail, caught }()
	}
	index += taken
	own := math.Inf(-1)
	if n.leaf != "" && index == len(r.segments) && r.better() {
		own = quality
		r.best = slices.Clone(r.trail)
		r.leaf = strings.Join(append([]string{n.leaf}, r.caught...), " ")
	}
	for _, child := range n.children {
		if found := r.walk(child, index, own); found > 0 {
			own = max(own, found)
		}
	}
	if own <= 0 {
		return math.Inf(-1)
	}
	return quality
}

// catch adds what a name has caught.
func catch(caught []string, name, value string) []string {
	caught = slices.Clone(caught)
	for i, known := range caught {
		if strings.HasPrefix(known, name+"=") {
			if value != "" {
				caught[i] += "/" + value
			}
			return caught
		}
	}
	return append(caught, name+"="+value)
}

// better compares the trail with the best one: the first difference decides,
// then the length, then who was first.
func (r *resolution) better() bool {
	if r.leaf == "" {
		return true
	}
	for i := range min(len(r.trail), len(r.best)) {
		if r.trail[i] != r.best[i] {
			return r.trail[i] > r.best[i]
		}
	}
	return len(r.trail) > len(r.best)
}

// A shortfall is what keeps a request from a route whose path it fits.
type shortfall struct {
	method string // of the route, "" for any
	wrong  bool   // it is another one than the request's
	fails  []int  // the statuses of its conditions that fail
	rest   bool   // a tail takes a part of the path, or what is left of it
	// early says that one of them is behind the whole path and in front of the
	// method.
	early bool
}

// short returns what keeps a request from a route, and whether the path fits.
func (q request) short(route []string) (found shortfall, fits bool) {
	index := 0
	for _, selector := range route {
		if isMethod(selector) {
			found.method, found.wrong = selector, selector != q.method
			continue
		}
		if status, fails := q.fails[selector]; fails {
			found.fails = append(found.fails, status)
			found.early = found.early || index == len(q.segments) && !found.wrong
			continue
		}
		quality, taken := q.evaluate(selector, index)
		if quality == 0 {
			return found, false
		}
		found.rest = found.rest || strings.HasSuffix(selector, "...}")
		index += taken
	}
	return found, index == len(q.segments)
}

// refuse returns the status and the Allow for a request that nothing serves.
// No order decides about them.
func (n *node) refuse(q request) (status int, allow string) {
	var near, wrong, far []shortfall
	var allowed, possible []string
	for _, route := range n.routes {
		found, fits := q.short(route)
		if !fits || slices.Contains(found.fails, http.StatusNotFound) {
			continue
		}
		if found.wrong && len(found.fails) == 0 {
			allowed = append(allowed, found.method)
		}
		switch {
		case found.rest:
			continue
		case found.wrong && !found.early:
			wrong = append(wrong, found)
		case found.wrong || found.method == "":
			far = append(far, found)
		default:
			near = append(near, found)
		}
		if found.wrong {
			possible = append(possible, found.method)
		}
	}
	if len(allowed) == 0 {
		allowed = possible
	}
	slices.Sort(allowed)
	switch {
	case len(near) > 0:
		return most(near), ""
	case len(wrong) > 0:
		return http.StatusMethodNotAllowed, strings.Join(slices.Compact(allowed), ", ")
	case len(far) > 0:
		return most(far), ""
	default:
		return http.StatusNotFound, ""
	}
}

// most returns the greatest status.
func most(of []shortfall) int {
	status := 0
	for _, s := range of {
		status = max(status, slices.Max(s.fails))
	}
	return status
}
