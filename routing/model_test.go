package routing_test

import (
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// node is a node of the model: Ktor's routing tree and its depth-first
// resolution. It is written from the rules, without a thought for speed, to be
// compared with.
type node struct {
	// "/abc", "/{p}", "/x{p?}y", "/{p:a+}", "/*", "/{t...}", "/" for a slash, ~ and
	// an expression, a method, a condition that begins with ?, or ( for a group.
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
		if known.selector == selector && selector != group {
			return known
		}
	}
	n.children = append(n.children, &node{selector: selector})
	return n.children[len(n.children)-1]
}

// seen returns the node with the children and the handler that it has for a
// walk, which does not see groups, nor slashes that are ignored.
func (n *node) seen(ignoresSlash bool) (children []*node, leaf string) {
	leaf = n.leaf
	for _, child := range n.children {
		if child.selector != group && (child.selector != "/" || !ignoresSlash) {
			children = append(children, child)
			continue
		}
		further, inside := child.seen(ignoresSlash)
		children = append(children, further...)
		if leaf == "" {
			leaf = inside
		}
	}
	return children, leaf
}

// segments of a path, decoded: a trailing slash is an empty one.
func segments(path string, ignoresSlash bool) []string {
	var found []string
	for piece := range strings.SplitSeq(path, "/") {
		if piece != "" {
			decoded, _ := url.PathUnescape(piece)
			found = append(found, decoded)
		}
	}
	if len(found) > 0 && strings.HasSuffix(path, "/") && !ignoresSlash {
		found = append(found, "")
	}
	return found
}

// A request is what a call asks of the model.
type request struct {
	method       string
	segments     []string
	ignoresSlash bool
	// The quality of the conditions that hold, and the status of those that do
	// not, by their selectors.
	holds map[string]float64
	fails map[string]int
}

// group is the selector of one.
const group = "("

// isMethod reports whether a selector is neither a piece of a path, an
// expression, a condition nor a group.
func isMethod(selector string) bool { return !strings.ContainsAny(selector[:1], "/~?(") }

// isRest reports whether a selector takes all that remains.
func isRest(selector string) bool { return strings.Contains(selector, "...}") }

// A piece is what a selector of a path says about a segment.
type piece struct {
	prefix, name, suffix string
	optional             bool
	expression           string
}

func pieceOf(selector string) (p piece) {
	p.prefix, p.name, _ = strings.Cut(selector[1:], "{")
	p.name, p.suffix, _ = strings.Cut(p.name, "}")
	p.name, p.expression, _ = strings.Cut(strings.TrimSuffix(p.name, "..."), ":")
	p.name, p.optional = strings.CutSuffix(p.name, "?")
	return p
}

// nameOf returns the name that a selector captures, "" if there is none.
func nameOf(selector string) string {
	switch selector[0] {
	case '~':
		_, name, _ := strings.Cut(selector, "(?<")
		name, _, _ = strings.Cut(name, ">")
		return name
	case '/':
		return pieceOf(selector).name
	default:
		return ""
	}
}

const transparent = -1.0

// evaluate returns the quality of a selector at an index, 0 for a failure, how
// many segments it takes, and the value of its name.
func (q request) evaluate(selector string, index int) (quality float64, taken int, value string) {
	remain := q.segments[index:]
	switch {
	case selector[0] == '?':
		return q.holds[selector], 0, ""
	case isMethod(selector):
		if selector == q.method {
			return 1, 0, ""
		}
		return 0, 0, ""
	case selector[0] == '~':
		return q.match(selector[1:], remain)
	case isRest(selector):
		value, fits := strings.CutPrefix(strings.Join(remain, "/"), pieceOf(selector).prefix)
		switch {
		case !fits:
			return 0, 0, ""
		case len(remain) == 0:
			return 0.2, 0, ""
		default:
			return 0.1, len(remain), value
		}
	case selector == "/":
		switch {
		case len(q.segments) == 0:
			return 1, 0, ""
		case len(remain) == 0: // a second slash says nothing, as one in the middle
			if q.segments[len(q.segments)-1] == "" {
				return transparent, 0, ""
			}
			return 0, 0, ""
		case remain[0] != "":
			return transparent, 0, ""
		default:
			return 1, 1, ""
		}
	case selector == "/*":
		if len(remain) == 0 || remain[0] == "" {
			return 0, 0, ""
		}
		return 0.5, 1, ""
	case nameOf(selector) == "":
		if len(remain) == 0 || selector != "/"+remain[0] {
			return 0, 0, ""
		}
		return 1, 1, ""
	default:
		return pieceOf(selector).evaluate(remain)
	}
}

// evaluate does it for a parameter.
func (p piece) evaluate(remain []string) (quality float64, taken int, value string) {
	if len(remain) > 0 && remain[0] != "" {
		fits := len(remain[0]) >= len(p.prefix+p.suffix) && strings.HasPrefix(remain[0], p.prefix) && strings.HasSuffix(remain[0], p.suffix)
		if fits {
			value = remain[0][len(p.prefix) : len(remain[0])-len(p.suffix)]
		}
		switch {
		case fits && p.expression != "":
			if !regexp.MustCompile("^(" + p.expression + ")$").MatchString(value) {
				return 0, 0, ""
			}
			return 0.9, 1, value
		case fits && p.prefix+p.suffix != "":
			return 0.9, 1, value
		case fits:
			return 0.8, 1, value
		}
	}
	switch {
	case !p.optional:
		return 0, 0, ""
	case len(remain) > 0 && remain[0] == "":
		return 0.2, 1, ""
	default:
		return 0.2, 0, ""
	}
}

// match does it for an expression over segments, as Ktor does, but that it has
// to begin with the first one. It is tried on one segment more after the other.
func (q request) match(expression string, remain []string) (quality float64, taken int, value string) {
	front := ""
	if expression[0] == '/' {
		front = "/"
	}
	text := front + strings.Join(remain, "/")
	if q.ignoresSlash && strings.HasSuffix(expression, "/") {
		text += "/"
	}
	compiled := regexp.MustCompile("^(?:" + expression + ")")
	found := compiled.FindStringSubmatch(text)
	if found == nil {
		return 0, 0, ""
	}
	if len(found) > 1 {
		value = found[1]
	}
	if found[0] == text {
		return 1, len(remain), value
	}
	for n := 1; n <= len(remain); n++ {
		segments := front + strings.Join(remain[:n], "/")
		if found[0] == segments || found[0] == segments+"/" {
			return 1, n, value
		}
	}
	return 0, 0, ""
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
	quality := 1.0
	if n.selector != "" {
		found, taken, value := r.evaluate(n.selector, index)
		quality = found
		if quality == 0 || quality != transparent && quality < bar {
			return math.Inf(-1)
		}
		trail, caught := r.trail, r.caught
		if quality != transparent {
			r.trail = append(slices.Clip(r.trail), quality)
		}
		if name := nameOf(n.selector); name != "" {
			r.caught = catch(r.caught, name, value)
		}
		defer func() { r.trail, r.caught = trail, caught }()
		index += taken
	}
	own := math.Inf(-1)
	children, leaf := n.seen(r.ignoresSlash)
	if leaf != "" && index == len(r.segments) && r.better() {
		own = quality
		r.best = slices.Clone(r.trail)
		r.leaf = strings.Join(append([]string{leaf}, r.caught...), " ")
	}
	for _, child := range children {
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
		if selector == group || selector == "/" && q.ignoresSlash {
			continue
		}
		if isMethod(selector) {
			found.method, found.wrong = selector, selector != q.method
			continue
		}
		if status, fails := q.fails[selector]; fails {
			found.fails = append(found.fails, status)
			found.early = found.early || index == len(q.segments) && !found.wrong
			continue
		}
		quality, taken, _ := q.evaluate(selector, index)
		if quality == 0 {
			return found, false
		}
		found.rest = found.rest || isRest(selector)
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
