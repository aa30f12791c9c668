package routing

import (
	"math"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// The qualities of matches, under Ktor's names.
const (
	qualityConstant    = 1.0
	qualityAlias       = 0.99 // of a method that is served like another one; not Ktor's
	qualityAffixed     = 0.9  // of a parameter with text around it, or an expression
	qualityParameter   = 0.8
	qualityWildcard    = 0.5
	qualityMissing     = 0.2 // of what a call may lack, and lacks
	qualityTailcard    = 0.1
	qualityTransparent = -1.0 // counts as if it were not there
	qualityFiller      = -2.0 // of what is worse than no match at that place; not Ktor's
)

// A walk looks for a leaf as Ktor does: through all nodes that fit, depth
// first, and the best list of qualities wins. It chooses where conditions have
// a say, of which chi knows nothing. For GET /users/me with X: 1;q=0.5 the
// routes
//
//	r.Get("/users/me", me)
//	r.Get("/users/{id}", user)
//	r.Header("X", "1").Get("/users/{id}", preview)
//
// give the trails, the root left out,
//
//	users 1.0, me 1.0, GET 1.0                me
//	users 1.0, {id} 0.8, GET 1.0              user
//	header 0.5, users 1.0, {id} 0.8, GET 1.0  preview
//
// The first difference decides: 1.0 beats 0.5, which leaves me and user, and
// then 1.0 beats 0.8. With X: 1 preview begins with 1.0, 1.0 and 0.8: user
// falls behind it at the second place, and me, with 1.0 at the third one, wins.
//
// Between routes that are plain and stand at different places for chi a walk
// would choose what chi chooses.
type walk struct {
	call         *app.Call
	method       string
	segments     []string // decoded; a trailing slash is an empty one
	text         string   // the segments as joined has them, empty before it is asked
	replies      []reply  // of the conditions, by their numbers
	headers      headers
	ignoresSlash bool    // at the end of the path
	varied       []bool  // the headers that Vary names, by their numbers
	trail        []match // from the root to where the walk is

	found *leaf
	best  []match // the trail that led to found

	steps   int         // how many there were
	watched *Resolution // what Trace is to be told, nil if there is none
}

// match is a node of a trail, with how it fits from an index on.
type match struct {
	fit
	node *node
	from int
}

// begin makes the walk one for a method at a path that routePath has returned.
// The walk is empty.
func (w *walk) begin(t *table, c *app.Call, method, path string) {
	w.call, w.method, w.ignoresSlash = c, method, t.ignoresSlash
	w.replies = slices.Grow(w.replies, t.conditions)[:t.conditions]
	w.varied = slices.Grow(w.varied, t.headers)[:t.headers]
	if path != "/" {
		for segment := range strings.SplitSeq(path[1:], "/") {
			w.segments = append(w.segments, unescape(segment))
		}
	}
}

// reset makes the walk empty, and keeps room for a path of an ordinary length.
func (w *walk) reset() {
	clear(w.replies)
	clear(w.varied)
	clear(w.best)
	w.headers.reset()
	*w = walk{
		headers: w.headers, segments: emptied(w.segments),
		replies: w.replies[:0], varied: w.varied[:0], trail: w.trail[:0], best: w.best[:0],
	}
}

// segment returns the segment at an index, or "" where none remains.
func (w *walk) segment(index int) string {
	if index == len(w.segments) {
		return ""
	}
	return w.segments[index]
}

// visit tries a node from an index on. Bar is what its quality has to reach,
// and the one that it returns is that of a success, or 0.
func (w *walk) visit(n *node, index int, bar float64) float64 {
	found := n.selector.match(w, n, index)
	next := index + found.taken
	w.steps++
	judged := w.judge(n, found, next, bar)
	if w.watched != nil {
		w.watched.step(w, n, index, found, judged)
	}
	if judged != goesOn {
		return 0
	}
	w.trail = append(w.trail, match{found, n, index})
	own := math.Inf(-1)
	if next == len(w.segments) {
		here := n.serving(w.method)
		if here != nil && w.watched != nil {
			w.watched.Candidates = append(w.watched.Candidates, here.route)
		}
		if here != nil && w.better() {
			own = found.quality
			w.found = here
			w.best = append(w.best[:0], w.trail...)
		}
	}
	below := func(child *node) {
		if reached := w.visit(child, next, own); reached > 0 {
			own = max(own, reached)
		}
	}
	if w.watched == nil {
		n.try(w.segment(next), below)
	} else {
		n.tryAll(below)
	}
	w.trail = w.trail[:len(w.trail)-1]
	if own <= 0 {
		return 0
	}
	return found.quality
}

// A judgement is whether a walk goes on below a node, or why not.
type judgement uint8

const (
	goesOn   judgement = iota
	doesNot            // fit
	isWorse            // than what was found already beside it
	isTooFew           // segments remain, and nothing is below
)

func (w *walk) judge(n *node, found fit, next int, bar float64) judgement {
	switch {
	case found.failure != 0:
		return doesNot
	// A method may fit worse than what has no method, and is still more.
	case found.quality != qualityTransparent && found.quality < bar && n.selector.role() != onMethod:
		return isWorse
	case len(n.children) == 0 && next != len(w.segments):
		return isTooFew
	default:
		return goesOn
	}
}

// better reports whether the trail is better than the best one: the first
// difference decides, and where one of them ends any match is better than none,
// but for a filler's.
func (w *walk) better() bool {
	if w.found == nil {
		return true
	}
	best, trail := w.best, w.trail
	for {
		var have, now float64
		have, best = nextQuality(best)
		now, trail = nextQuality(trail)
		if have != now {
			return now > have
		}
		if have == 0 {
			return false
		}
	}
}

// nextQuality returns the first quality of a trail that is not transparent, 0
// if there is none, and what follows it.
func nextQuality(trail []match) (quality float64, following []match) {
	for i := range trail {
		if trail[i].quality != qualityTransparent {
			return trail[i].quality, trail[i+1:]
		}
	}
	return 0, nil
}

// captured returns the values that the best trail has captured, in order.
func (w *walk) captured() []string {
	var values []string
	for _, m := range w.best {
		if m.captures {
			values = append(values, m.value(strings.Join(w.segments[m.from:m.from+m.taken], "/")))
		}
		values = append(values, m.groups...)
	}
	return values
}

// vary tells caches that the response depends on the header of a condition: RFC
// 9110 section 12.5.5.
func (w *walk) vary(at *node, header string) {
	if header != "" && !w.varied[at.header] {
		w.varied[at.header] = true
		httpheader.AddVary(w.call.Header(), header)
	}
}
