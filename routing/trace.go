package routing

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Trace has told be called with how the route of each call was chosen, once it
// is and before anything of the route runs, on the goroutine of the call:
//
//	routing.Trace(a, func(c *app.Call, r *routing.Resolution) { fmt.Println(r) })
//
// It is for finding out why a call is served by another route than it should
// be. What serves the call is the same as without; but the whole tree is walked
// for it, so that the conditions of all routes are asked on the way, and each
// call costs many times more. A program without a trace pays nothing. Several
// functions are called in the order in which they were given. A call outside of
// [app.Config.RootPath] has no route to be chosen, and nobody is told. A nil
// function is a mistake.
//
// Ktor: trace.
func Trace(a *app.Application, told func(c *app.Call, r *Resolution)) {
	site, t := app.Caller(1), treeOf(a)
	switch {
	case !t.open(site, "trace"):
	case told == nil:
		t.fail(site, errors.New("trace: the function is nil"))
	default:
		t.tracers = append(t.tracers, told)
	}
}

type tracer func(*app.Call, *Resolution)

// A Resolution is how the route of a call was chosen: the walk through the tree
// of all routes, and what came of it. It belongs to who was told, and nothing of
// it changes later.
//
// Ktor: RoutingResolveTrace.
type Resolution struct {
	// Method is the method that was asked for.
	Method string

	// Segments are those of the path, decoded. A slash at its end is an empty
	// one.
	Segments []string

	// Steps are what was tried, in order. Groups are no steps: no walk sees them.
	Steps []Step

	// Candidates are the routes that would have served the call, in the order in
	// which they were found.
	Candidates []*Route

	// Route is the one that serves it, nil if there is none. It may be one that
	// was not declared: what a plugin has asked for.
	Route *Route

	// Status is the one that the call has where there is no route, 0 where there
	// is one.
	Status int
}

// A Step is one selector that a walk has tried: a piece of a path, a method or
// a condition.
type Step struct {
	// Depth is how many steps it is below the root.
	Depth int

	// Selector is what was asked for: "users", "{id}", "GET", "(header X: 1)".
	Selector string

	// Index is where in the segments it was tried, and Taken how many of them it
	// took.
	Index, Taken int

	// Quality is how well it fits, from 0 to 1, or negative for what says nothing
	// about the choice, and for what a plugin has asked for wherever there is
	// nothing else. It is 0 where it does not fit.
	Quality float64

	// Failure is why the walk did not go on behind it, empty if it did.
	Failure string
}

// watch walks through the tree as if a walk had to choose, for those that want
// to be told; nil if nobody does. Vary is left to the choice itself, and what
// conditions have said is kept for it.
func (t *table) watch(s *search, c *app.Call, method, path string) *Resolution {
	if t.tracers == nil {
		return nil
	}
	w := &s.walk
	w.begin(t, c, method, path)
	watched := &Resolution{Method: method, Segments: append([]string(nil), w.segments...)}
	w.watched = watched
	w.visit(t.root, 0, math.Inf(-1))
	if w.found != nil {
		watched.Route = w.found.route
	}
	w.found, w.watched = nil, nil
	w.segments, w.best = w.segments[:0], w.best[:0]
	return watched
}

// report tells what has become of a call.
func (t *table) report(s *search, c *app.Call, watched *Resolution, found *leaf) {
	if watched == nil {
		return
	}
	s.walk.reset()
	if found == nil {
		watched.Status = c.Status()
	}
	for _, told := range t.tracers {
		told(c, watched)
	}
}

// step adds one that a walk tries.
func (r *Resolution) step(w *walk, n *node, index int, found fit, judged judgement) {
	added := Step{Depth: len(w.trail), Selector: words(n.selector), Index: index, Taken: found.taken, Quality: found.quality}
	switch judged {
	case goesOn:
	case doesNot:
		added.Failure = "does not fit"
		if role := n.selector.role(); role == onMethod || role == onCall {
			added.Failure += ", " + strconv.Itoa(found.failure)
		}
	case isWorse:
		added.Failure = "a better one was found, " + quality(found.quality)
	case isTooFew:
		added.Failure = "segments remain"
	}
	r.Steps = append(r.Steps, added)
}

// String returns the whole of it, a step a line, each below the one that led to
// it. The text is for people, and may change.
func (r *Resolution) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %q\n", r.Method, "/"+strings.Join(r.Segments, "/"))
	for _, step := range r.Steps {
		text.WriteString(strings.Repeat("  ", step.Depth+1) + step.Selector + ": " + r.said(step) + "\n")
	}
	for _, candidate := range r.Candidates {
		text.WriteString("could serve: " + candidate.outline.String() + "\n")
	}
	if r.Route != nil {
		text.WriteString("serves: " + r.Route.outline.String())
	} else {
		text.WriteString("serves: nothing, " + strconv.Itoa(r.Status))
	}
	return text.String()
}

// said returns what came of a step, in words.
func (r *Resolution) said(step Step) string {
	switch {
	case step.Failure != "":
		return step.Failure
	case step.Taken > 0:
		return fmt.Sprintf("%s of %q", quality(step.Quality), strings.Join(r.Segments[step.Index:step.Index+step.Taken], "/"))
	default:
		return quality(step.Quality)
	}
}

// quality returns a quality in words.
func quality(quality float64) string {
	switch quality {
	case qualityTransparent:
		return "says nothing"
	case qualityFiller:
		return "if there is nothing else"
	default:
		return strconv.FormatFloat(quality, 'g', -1, 64)
	}
}

// words returns a selector as it is written.
func words(s selector) string {
	if written, is := s.(fmt.Stringer); is {
		return written.String()
	}
	return fmt.Sprint(s.key())
}

func (root) String() string        { return "/" }
func (s constant) String() string  { return escape(s.text) }
func (wildcard) String() string    { return "*" }
func (slash) String() string       { return "/" }
func (s tail) String() string      { return escape(s.prefix) + "{" + s.name + "...}" }
func (s span) String() string      { return "Regexp(" + s.expression + ")" }
func (mount) String() string       { return "mount" }
func (s byMethod) String() string  { return string(s) }
func (s condition) String() string { return "(" + s.words + ")" }
