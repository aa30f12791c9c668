package routing

import (
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Where conditions have a say, chi cannot choose: the tree is walked as Ktor
// walks it, depth first, each node with the quality of its match, and the best
// list of qualities wins. Where they have none the walk would find what chi
// finds, but for paths that stand there twice in different words, of which chi
// knows one.

// The qualities of matches, under Ktor's names.
const (
	qualityConstant    = 1.0
	qualityLike        = 0.99 // of a method that is served like another one, which Ktor does not have
	qualityParameter   = 0.8
	qualityWildcard    = 0.5
	qualityMissing     = 0.2 // of what a call may lack, and lacks
	qualityTailcard    = 0.1
	qualityTransparent = -1.0 // counts as if it were not there
	qualityGap         = -2.0 // of what is worse than no match at that place, which Ktor does not have
)

// resolution is one walk.
type resolution struct {
	call     *app.Call
	method   string
	segments []string // decoded; a trailing slash is an empty one
	trail    []match  // from the root to where the walk is
	tails    int      // of them in the trail

	found *leaf
	best  []match // the trail that led to found

	missed  []miss // conditions that failed
	failure int    // the status for a call that nothing serves
	depth   int    // of the trail where it failed
	weight  int
}

// match is a node of a trail, with the segments that it took.
type match struct {
	route    *Route
	quality  float64
	from, to int
}

// resolve walks the tree for a method at a path that routePath has returned.
// The resolution is empty.
func (r *resolution) resolve(root *Route, c *app.Call, method, path string) {
	r.call, r.method, r.failure = c, method, http.StatusNotFound
	if path != "/" {
		for segment := range strings.SplitSeq(path[1:], "/") {
			r.segments = append(r.segments, unescape(segment))
		}
	}
	r.walk(root, 0, math.Inf(-1))
	if r.found == nil {
		for _, m := range r.missed {
			r.blame(m, m.route, m.index)
		}
	}
}

// reset makes the resolution empty.
func (r *resolution) reset() {
	clear(r.segments)
	clear(r.best)
	clear(r.missed)
	*r = resolution{segments: r.segments[:0], trail: r.trail[:0], best: r.best[:0], missed: r.missed[:0]}
}

// walk tries a node from an index on. Bar is what its quality has to reach, and
// the one that it returns is that of a success, or 0.
func (r *resolution) walk(node *Route, index int, bar float64) float64 {
	quality, taken, failure := r.evaluate(node, index)
	if failure != 0 {
		switch {
		case r.tails > 0: // behind a tail nothing is to blame, or no path beside it would be 404
		case node.selector.kind == conditional && failure != http.StatusNotFound:
			r.missed = append(r.missed, miss{node, index, len(r.trail), failure})
		case node.selector.kind == byMethod && index == len(r.segments):
			r.fail(failure, len(r.trail))
		}
		return 0
	}
	if quality != qualityTransparent && quality < bar && node.selector.kind != byMethod { // a likeness is still more than no method
		return 0
	}
	next := index + taken
	if len(node.children) == 0 && next != len(r.segments) {
		return 0
	}
	isTail := node.selector.kind == tail || node.selector.kind == mounted
	if isTail {
		r.tails++
	}
	r.trail = append(r.trail, match{node, quality, index, next})
	own := math.Inf(-1)
	if node.leaf != nil && next == len(r.segments) && r.better() {
		own = quality
		r.found = node.leaf
		r.best = append(r.best[:0], r.trail...)
	}
	for _, child := range node.children {
		if found := r.walk(child, next, own); found > 0 {
			own = max(own, found)
		}
	}
	r.trail = r.trail[:len(r.trail)-1]
	if isTail {
		r.tails--
	}
	if own <= 0 {
		return 0
	}
	return quality
}

// evaluate asks a node at an index: how good its match is and how many segments
// it takes, or the status that says why it does not match.
func (r *resolution) evaluate(node *Route, index int) (quality float64, taken, failure int) {
	if node.parent == nil {
		return qualityConstant, 0, 0
	}
	remain := r.segments[index:]
	switch kind := node.selector.kind; kind {
	case byMethod:
		quality, failure = r.evaluateMethod(node)
		return quality, 0, failure
	case conditional:
		r.vary(node.selector.header)
		if quality, failure = node.selector.holds(r.call); quality > 0 {
			failure = 0
		}
		return quality, 0, failure
	case tail, mounted:
		if len(remain) == 0 {
			return qualityMissing, 0, 0
		}
		return qualityTailcard, len(remain), 0
	case slash:
		return r.evaluateSlash(remain)
	default:
		switch {
		case len(remain) == 0 || remain[0] == "":
		case kind == parameter:
			return qualityParameter, 1, 0
		case kind == wildcard:
			return qualityWildcard, 1, 0
		case remain[0] == node.selector.text:
			return qualityConstant, 1, 0
		}
		return 0, 0, http.StatusNotFound
	}
}

func (r *resolution) evaluateMethod(node *Route) (quality float64, failure int) {
	switch {
	case node.gap && node.selector.text == r.method:
		return qualityGap, 0
	case node.selector.text == r.method:
		return qualityConstant, 0
	case slices.Contains(node.likes, r.method):
		return qualityLike, 0
	case r.method == http.MethodHead && node.streams():
		return qualityGap, 0
	default:
		return 0, http.StatusMethodNotAllowed
	}
}

// evaluateSlash matches a trailing slash, and the root, which has no other. One
// in the middle of a path says nothing, nor does a second one.
func (r *resolution) evaluateSlash(remain []string) (quality float64, taken, failure int) {
	switch {
	case len(r.segments) == 0:
		return qualityConstant, 0, 0
	case len(remain) == 1 && remain[0] == "":
		return qualityConstant, 1, 0
	case len(remain) > 0 || r.segments[len(r.segments)-1] == "":
		return qualityTransparent, 0, 0
	default:
		return 0, 0, http.StatusNotFound
	}
}

// better reports whether the trail is better than the best one: the first
// difference decides, and where one of them ends any match is better than none,
// but for one that only fills gaps.
func (r *resolution) better() bool {
	if r.found == nil {
		return true
	}
	best, trail := r.best, r.trail
	for {
		var have, now float64
		have, best = next(best)
		now, trail = next(trail)
		if have != now {
			return now > have
		}
		if have == 0 {
			return false
		}
	}
}

// next returns the first quality of a trail that is not transparent, 0 if there
// is none, and what follows it.
func next(trail []match) (quality float64, rest []match) {
	for i := range trail {
		if trail[i].quality != qualityTransparent {
			return trail[i].quality, trail[i+1:]
		}
	}
	return 0, nil
}

// captured returns what the parameters, wildcards and tails of the best trail
// have taken, in order.
func (r *resolution) captured() []string {
	var values []string
	for _, m := range r.best {
		switch m.route.selector.kind {
		case parameter, wildcard, tail:
			values = append(values, strings.Join(r.segments[m.from:m.to], "/"))
		}
	}
	return values
}

// vary tells caches that the answer depends on a header of the request: RFC
// 9110 section 12.5.5.
func (r *resolution) vary(name string) {
	if header := r.call.Header(); name != "" && !slices.Contains(header["Vary"], name) {
		header.Add("Vary", name)
	}
}
