package routing

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An outline is what the selectors on the way from the root to a route add up
// to: what messages show, and what chi is asked for. That of the route of
//
//	r.Header("X", "1").Get("/users/{id}/", user)
//
// has the condition "header X: 1", the segments users and {id}, a slash and the
// method GET. Its pattern is /users/{id}/, in words it is
// "GET /users/{id}/ (header X: 1)".
type outline struct {
	captures   []capture
	segments   []segment // those that chi is asked for
	rest       rest
	slash      bool // a slash is behind the last piece, in front of the rest
	precision  precision
	shifted    bool     // a selector counts where chi does not expect one, as behind a method
	method     string   // or anyMethod
	pieces     []string // of the path as it is written
	conditions []string // in words
	spoilt     error    // why no handler can have such a route, nil if one can
}

// plain reports whether the path and the method alone decide about the route,
// the path first, as they do for chi.
func (o *outline) plain() bool {
	return len(o.conditions) == 0 && !o.shifted && o.precision == exact
}

// A precision is how well the segments and the rest of an outline tell which
// paths are the route's.
type precision uint8

const (
	exact   precision = iota // they are all that there is to say
	bySize                   // as many segments as there are
	byFront                  // whatever comes behind the segments
)

// with returns the outline with one more selector, or why there can be none.
func (o *outline) with(next selector) (outline, error) {
	if err := o.openBelow(); err != nil {
		return outline{}, err
	}
	extended := *o
	extended.conditions, extended.pieces = slices.Clip(o.conditions), slices.Clip(o.pieces)
	extended.segments, extended.captures = slices.Clip(o.segments), slices.Clip(o.captures)
	err := next.extend(&extended)
	return extended, err
}

// openBelow returns why there can be nothing below the route, nil if there can.
func (o *outline) openBelow() error {
	if o.rest == restMount {
		return errors.New("nothing can be declared below a mount")
	}
	return nil
}

// openEnd returns why the path cannot be longer, nil if it can.
func (o *outline) openEnd() error {
	if o.rest == restTail {
		return fmt.Errorf("nothing can follow {%s...}, which takes all that remains", o.captures[len(o.captures)-1].name)
	}
	return nil
}

// lengthen begins to make the path longer, by what is written so. A slash in
// front of a segment says nothing, and what is optional can only be missing at
// the end for chi.
func (o *outline) lengthen(written string) error {
	if err := o.openEnd(); err != nil {
		return err
	}
	o.shift()
	if o.rest == restOptional {
		o.segments, o.rest = o.segments[:len(o.segments)-1], restNone
		o.precision = byFront
	}
	if written != "" {
		o.pieces = append(o.pieces, written)
	}
	return nil
}

// addSegment adds a segment that is written so.
func (o *outline) addSegment(written string, added segment) error {
	if err := o.lengthen(written); err != nil {
		return err
	}
	if added.quality == qualityAffixed && added.expression == "" {
		o.precision = max(o.precision, bySize)
	}
	o.slash = false
	if o.precision != byFront {
		o.segments = append(o.segments, added)
	}
	return nil
}

// addOptional adds a segment that may be missing.
func (o *outline) addOptional(written string, added segment) error {
	slash := o.slash
	if err := o.addSegment(written, added); err != nil {
		return err
	}
	if o.precision == exact {
		o.rest, o.slash = restOptional, slash
	} else {
		o.openFront(len(o.segments) - 1)
	}
	return nil
}

// openFront leaves to a walk what comes behind the first segments.
func (o *outline) openFront(segments int) {
	if o.precision != byFront {
		o.segments, o.precision = o.segments[:segments], byFront
	}
}

// shift notes that a selector is behind the method, if there is one: then the
// method is compared before what is behind it.
func (o *outline) shift() { o.shifted = o.shifted || o.method != anyMethod }

// spoil notes why no handler can have such a route.
func (o *outline) spoil(reason error) {
	if o.spoilt == nil {
		o.spoilt = reason
	}
}

// A capture is one of the values that a path captures.
type capture struct {
	name  string // empty for a * and for a tail without a name
	again bool   // it is a further value of a name that has one already
}

// capture notes that a value of a name is captured.
func (o *outline) capture(name string) {
	again := name != "" && slices.ContainsFunc(o.captures, func(c capture) bool { return c.name == name })
	o.captures = append(o.captures, capture{name, again})
}

// pattern returns the path as it is written in a route.
func (o *outline) pattern() string {
	path := "/" + strings.Join(o.pieces, "/")
	if o.slash && len(o.pieces) > 0 && (o.rest == restNone || o.rest == restMount) {
		return path + "/"
	}
	return path
}

// shown returns the path as chi would show it: a * is all that remains there.
func (o *outline) shown() string {
	pieces := slices.Clone(o.pieces)
	for i, piece := range pieces {
		if piece == "*" {
			pieces[i] = fmt.Sprintf("{*%d}", i)
		}
	}
	shown := outline{pieces: pieces, slash: o.slash}
	switch o.rest {
	case restTail:
		prefix, _, _ := strings.Cut(pieces[len(pieces)-1], "{")
		shown.pieces[len(pieces)-1], shown.slash = prefix+"*", false
	case restMount:
		shown.pieces, shown.slash = append(pieces, "*"), false
	}
	return shown.pattern()
}

// String returns what the route asks for, for messages: its method, pattern and
// conditions.
func (o *outline) String() string {
	words := o.method
	switch {
	case o.rest == restMount:
		words = "mount"
	case o.method == anyMethod:
		words = "any method"
	}
	words += " " + o.pattern()
	for _, condition := range o.conditions {
		words += " (" + condition + ")"
	}
	return words
}

// hasEnd reports whether the segments and the slash are the whole path.
func (o *outline) hasEnd() bool { return o.rest == restNone && o.precision != byFront }

// chiPattern returns the pattern that chi is asked for. Ranked are the positions
// of segments where a parameter has to beat a *. The first segment that is no
// constant has the name that is given.
func (o *outline) chiPattern(ranked map[int]bool, first string) string {
	var pattern strings.Builder
	name := first
	for i, segment := range o.segments {
		pattern.WriteString("/" + segment.chiPattern(name, ranked[i]))
		if !segment.isConstant() {
			name = "at" + strconv.Itoa(i+1) // chi wants another one
		}
	}
	switch {
	case o.rest == restOptional: // a slash is in front of it
	case !o.hasEnd():
		pattern.WriteString("/*")
	case o.slash || pattern.Len() == 0:
		pattern.WriteByte('/')
	}
	return pattern.String()
}

// withoutRest returns the outlines of the paths where nothing remains for the
// rest, if there is one, of which chi knows nothing: /files of /files/{path...},
// /files/ of a tail that is declared behind the slash, and both /users and
// /users/ of /users/{id?}.
func (o *outline) withoutRest() []outline {
	bare := *o
	bare.rest, bare.precision = restNone, exact
	switch {
	case o.hasEnd():
		return nil
	case o.rest == restOptional:
		bare.segments = o.segments[:len(o.segments)-1]
		slashed := bare
		slashed.slash = true
		if o.slash || len(bare.segments) == 0 {
			return []outline{slashed}
		}
		return []outline{bare, slashed}
	case o.precision == byFront:
		bare.slash = false
		return []outline{bare}
	default:
		return []outline{bare}
	}
}

// overlaps reports whether some path belongs to both, as far as that can be
// told.
func (o *outline) overlaps(other *outline) bool {
	for i := range min(len(o.segments), len(other.segments)) {
		if !o.segments[i].overlaps(other.segments[i]) {
			return false
		}
	}
	least, otherLeast := o.leastSegments(), other.leastSegments()
	switch {
	case len(o.segments) < otherLeast && (o.hasEnd() || o.rest == restOptional):
		return false
	case len(other.segments) < least && (other.hasEnd() || other.rest == restOptional):
		return false
	default:
		return !o.hasEnd() || !other.hasEnd() || o.slash == other.slash || len(o.segments) == 0
	}
}

func (o *outline) countSegments() int { return len(o.segments) }

// leastSegments returns how many segments a path has at least.
func (o *outline) leastSegments() int {
	if o.rest == restOptional {
		return len(o.segments) - 1
	}
	return len(o.segments)
}
