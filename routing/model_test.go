package routing_test

import (
	"slices"
	"strings"
)

// node is a node of the model: Ktor's routing tree and its depth-first
// resolution, for constants, {p}, *, a final tail, a final slash and methods.
// It is written from the rules, without a thought for speed, to be compared
// with.
type node struct {
	selector string // "/abc", "/{p}", "/*", "/{t...}", "/" or a method
	children []*node
	leaf     string // the name of the handler, if there is one
}

// add adds a route: a method, or "" for any, and a path.
func (n *node) add(method, path, leaf string) {
	at := n
	for _, selector := range selectors(path) {
		at = at.child(selector)
	}
	if method != "" {
		at = at.child(method)
	}
	if at.leaf == "" { // of two handlers the first one answers
		at.leaf = leaf
	}
}

func selectors(path string) []string {
	var found []string
	for piece := range strings.SplitSeq(path, "/") {
		if piece != "" {
			found = append(found, "/"+piece)
		}
	}
	if strings.HasSuffix(path, "/") {
		found = append(found, "/")
	}
	return found
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

// evaluate returns the quality of a selector at an index, 0 for a failure, and
// how many segments it takes.
func (r *resolution) evaluate(n *node, index int) (quality float64, taken int) {
	segments := r.segments
	remain := segments[index:]
	name, isParameter := strings.CutPrefix(n.selector, "/{")
	switch {
	case n.selector == "/?header":
		return r.header, 0
	case n.selector == "/?param" && r.param:
		return 1, 0
	case n.selector == "/?param":
		return 0.2, 0
	case isParameter && strings.HasSuffix(name, "...}"):
		if len(remain) == 0 {
			return 0.2, 0
		}
		return 0.1, len(remain)
	case n.selector == "/":
		if len(segments) == 0 {
			return 1, 0
		}
		if len(remain) == 1 && remain[0] == "" {
			return 1, 1
		}
		return 0, 0
	case !strings.HasPrefix(n.selector, "/"):
		if n.selector == r.method {
			return 1, 0
		}
		return 0, 0
	case len(remain) == 0 || remain[0] == "":
		return 0, 0
	case isParameter:
		return 0.8, 1
	case n.selector == "/*":
		return 0.5, 1
	case n.selector == "/"+remain[0]:
		return 1, 1
	default:
		return 0, 0
	}
}

// resolution is a walk through the tree of the model.
type resolution struct {
	method   string
	segments []string
	header   float64 // the quality of the header, 0 if it is missing
	param    bool    // the query has the parameter
	trail    []float64
	caught   []string // by the selectors of the trail that have a name
	best     []float64
	leaf     string // the handler of the best trail, with what was caught on the way
}

// resolve returns the handler that Ktor chooses and what its path caught, as in
// "H p=x tail=y/z", or "".
func (n *node) resolve(method, path string, header float64, param bool) string {
	r := resolution{method: method, segments: segments(path), header: header, param: param}
	r.walk(n, 0, 0)
	return r.leaf
}

// walk returns the quality with which the node succeeded, or 0.
func (r *resolution) walk(n *node, index int, bar float64) float64 {
	quality, taken := 1.0, 0
	if n.selector != "" {
		quality, taken = r.evaluate(n, index)
		if quality == 0 || quality < bar {
			return 0
		}
		trail, caught := r.trail, r.caught
		r.trail = append(r.trail, quality)
		if name, isParameter := strings.CutPrefix(n.selector, "/{"); isParameter {
			name = strings.TrimSuffix(strings.TrimSuffix(name, "}"), "...")
			r.caught = append(r.caught, name+"="+strings.Join(r.segments[index:index+taken], "/"))
		}
		defer func() { r.trail, r.caught = trail, caught }()
	}
	index += taken
	succeeded, own := false, 0.0
	if n.leaf != "" && index == len(r.segments) {
		succeeded, own = true, quality
		if r.better() {
			r.best = slices.Clone(r.trail)
			r.leaf = strings.Join(append([]string{n.leaf}, r.caught...), " ")
		}
	}
	for _, child := range n.children {
		if found := r.walk(child, index, own); found > 0 {
			succeeded, own = true, max(own, found)
		}
	}
	if !succeeded {
		return 0
	}
	return quality
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

// matches reports whether the path of some route without a tail fits, whatever
// its method: then a failure is 405.
func (n *node) matches(segments []string, index int) bool {
	taken := 0
	if strings.HasPrefix(n.selector, "/") {
		if strings.HasSuffix(n.selector, "...}") {
			return false
		}
		var quality float64
		if quality, taken = (&resolution{segments: segments}).evaluate(n, index); quality == 0 {
			return false
		}
	}
	index += taken
	if n.leaf != "" && index == len(segments) {
		return true
	}
	for _, child := range n.children {
		if child.matches(segments, index) {
			return true
		}
	}
	return false
}
