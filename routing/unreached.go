package routing

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Start warns of routes that no call can reach, where that is certain. Where chi
// alone chooses, register knows it. Where a walk does, it is asked here.

// mostSteps is how many steps the walks of all routes may take together, so that
// Start stays quick with thousands of conditions. Routes beyond are not asked.
const mostSteps = 1 << 20

// unlikely is a segment that no constant is.
const unlikely = "\x00any"

// warnUnreached warns of the contested leaves that can never be reached.
func (c *compiler) warnUnreached(t *table) {
	p := prober{table: t, compiler: c, alike: map[string]*leaf{}, depth: t.root.depth()}
	p.walk.replies = make([]reply, t.conditions)
	for i := range p.walk.replies {
		p.walk.replies[i] = missed()
	}
	for _, l := range slices.Concat(c.leaves.verbs, c.leaves.anyMethod) {
		if !l.contested {
			continue
		}
		if first := p.before(l); first != nil {
			warn(c.log, "a route can never be reached", l, l.site, first.site)
		}
	}
}

// A prober looks for what always serves the calls of a leaf.
type prober struct {
	table    *table
	compiler *compiler
	walk     walk
	alike    map[string]*leaf // the first one that asks for the same, by what that is
	depth    int              // more segments are only a tail's
}

// before returns the leaf that serves all calls that the other one might serve,
// or nil if it may be reached, or nobody knows.
func (p *prober) before(l *leaf) *leaf {
	asks := l.asks()
	if first := p.alike[asks]; first != nil {
		return first
	}
	p.alike[asks] = l
	var first *leaf
	for _, method := range l.methods() {
		for _, segments := range l.probes(p.depth, p.table.ignoresSlash) {
			first = p.instead(l, method, segments)
			if first == nil {
				return nil
			}
		}
	}
	return first
}

// instead returns the leaf that serves a call in place of another one, whatever
// the values of its path and the rest of it are, or nil if that is not certain.
//
// It is, where it has no conditions, and its path asks for nothing but constants
// that the other one asks for as well. The call that is tried is the best for the
// other one: its conditions hold with quality 1, and no other does.
func (p *prober) instead(l *leaf, method string, segments []string) *leaf {
	w := &p.walk
	if w.steps > mostSteps {
		return nil
	}
	asked := p.conditions(l)
	for _, number := range asked {
		w.replies[number] = reply{asked: true, quality: qualityConstant}
	}
	w.method, w.ignoresSlash, w.segments, w.text = method, p.table.ignoresSlash, segments, ""
	w.found, w.best = nil, w.best[:0]
	w.visit(p.table.root, 0, math.Inf(-1))
	for _, number := range asked {
		w.replies[number] = missed()
	}
	if w.found == nil || w.found.route == l.route || len(w.found.conditions) > 0 || w.found.picky() {
		return nil
	}
	return w.found
}

// missed is what a condition says of a call that lacks it.
func missed() reply {
	return reply{asked: true, refusal: &app.Error{Status: http.StatusNotFound}}
}

// conditions returns the numbers of those that a leaf has.
func (p *prober) conditions(l *leaf) (numbers []int) {
	for r := l.route; r != nil; r = r.parent {
		if asked, is := r.selector.(condition); is {
			numbers = append(numbers, p.compiler.conditions.of(asked.key()))
		}
	}
	return numbers
}

// selectors returns those from the root to the leaf, without groups.
func (l *leaf) selectors() (all []selector) {
	for r := l.route; r != nil; r = r.parent {
		if r.selector.role() != onNothing {
			all = append(all, r.selector)
		}
	}
	slices.Reverse(all)
	return all
}

// asks returns what the leaf asks for, one selector after the other. It is equal
// for leaves that serve the same calls with the same qualities: the names of
// parameters make no difference.
func (l *leaf) asks() string {
	var asks strings.Builder
	for _, s := range l.selectors() {
		key := s.key()
		switch s := s.(type) {
		case parameter:
			s.name = ""
			key = s
		case expression:
			s.name = ""
			key = s.key()
		case tail:
			s.name = ""
			key = s
		}
		fmt.Fprintf(&asks, "%T %#v\n", s, key)
	}
	return asks.String()
}

// picky reports whether the leaf looks into a segment.
func (l *leaf) picky() bool {
	return slices.ContainsFunc(l.selectors(), func(s selector) bool {
		switch s := s.(type) {
		case parameter:
			return s.prefix+s.suffix != ""
		case tail:
			return s.prefix != ""
		case expression, span:
			return true
		default:
			return false
		}
	})
}

// methods returns those that the leaf serves, and for any method one that nobody
// else names.
func (l *leaf) methods() (methods []string) {
	for _, s := range l.services {
		if s.quality > 0 {
			methods = append(methods, s.method)
		}
	}
	if l.method == anyMethod {
		return []string{unlikely}
	}
	return methods
}

// probes returns paths, as their segments, of which the leaf serves one if it
// serves any. There are none where nobody can tell: of what an expression
// matches, and of optional parameters that are not the last thing in the path.
func (l *leaf) probes(depth int, ignoresSlash bool) [][]string {
	var segments []string
	optional, slashed, rest := false, false, false
	for _, s := range l.selectors() {
		onPath := s.role() == onPath || s.role() == onRest
		if onPath && optional {
			return nil
		}
		switch s := s.(type) {
		case constant:
			segments, slashed = append(segments, s.text), false
		case parameter:
			segments, slashed = append(segments, s.prefix+unlikely+s.suffix), false
			optional = s.optional
		case wildcard:
			segments, slashed = append(segments, unlikely), false
		case slash:
			slashed = !ignoresSlash
		case tail:
			if s.prefix != "" { // there is one segment at least
				segments, slashed = append(segments, s.prefix+unlikely), false
			}
			rest = true
		case mount:
			rest = true
		case expression, span:
			return nil
		}
	}
	switch {
	case rest:
		var probes [][]string
		for more := range depth + 2 {
			longer := slices.Concat(segments, slices.Repeat([]string{unlikely}, more))
			probes = append(probes, longer, append(slices.Clone(longer), ""))
		}
		return probes
	case optional:
		absent := segments[:len(segments)-1]
		return [][]string{segments, absent, append(slices.Clone(absent), "")}
	case slashed && len(segments) > 0:
		return [][]string{append(segments, "")}
	default:
		return [][]string{segments}
	}
}

// depth returns how many nodes are below each other, with this one.
func (n *node) depth() int {
	deepest := 0
	for _, child := range n.children {
		deepest = max(deepest, child.depth())
	}
	return deepest + 1
}
