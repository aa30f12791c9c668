package routing

import (
	"errors"
	"fmt"
	"slices"
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
	method     string   // or anyMethod
	shifted    bool     // a selector counts where chi does not expect one, as behind a method
	conditions []string // in words
	segments   []segment
	slash      bool // a slash follows the segments
	rest       rest
	tail       string // its name, or empty
	spoilt     error  // why no handler can have such a route, nil if one can
}

// plain reports whether the path and the method alone decide about the route,
// the path first, as they do for chi.
func (o *outline) plain() bool { return len(o.conditions) == 0 && !o.shifted }

// with returns the outline with one more selector, or why there can be none.
func (o *outline) with(next selector) (outline, error) {
	if err := o.openBelow(); err != nil {
		return outline{}, err
	}
	extended := *o
	extended.conditions, extended.segments = slices.Clip(o.conditions), slices.Clip(o.segments)
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
		return fmt.Errorf("nothing can follow {%s...}, which takes all that remains", o.tail)
	}
	return nil
}

// addSegment adds a segment. A slash in front of it says nothing.
func (o *outline) addSegment(added segment) error {
	if err := o.openEnd(); err != nil {
		return err
	}
	o.shift()
	added.again = added.isParameter() && slices.ContainsFunc(o.segments, added.sameName)
	o.segments, o.slash = append(o.segments, added), false
	return nil
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

// captures returns what the path captures, in order.
func (o *outline) captures() []capture {
	var found []capture
	for _, segment := range o.segments {
		if !segment.isConstant() {
			found = append(found, capture{segment.text, segment.again})
		}
	}
	if o.rest == restTail {
		last := segment{text: o.tail, quality: qualityTailcard}
		again := o.tail != "" && slices.ContainsFunc(o.segments, last.sameName)
		found = append(found, capture{o.tail, again})
	}
	return found
}

// pattern returns the path as it is written in a route.
func (o *outline) pattern() string {
	var pattern strings.Builder
	for _, segment := range o.segments {
		pattern.WriteString("/" + segment.String())
	}
	switch {
	case o.rest == restTail:
		pattern.WriteString("/{" + o.tail + "...}")
	case o.slash || pattern.Len() == 0:
		pattern.WriteByte('/')
	}
	return pattern.String()
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

// chiPattern returns the pattern for chi, with each segment as write writes it.
func (o *outline) chiPattern(write func(position int, s segment) string) string {
	var pattern strings.Builder
	for i, segment := range o.segments {
		pattern.WriteString("/" + write(i, segment))
	}
	switch {
	case o.rest != restNone:
		pattern.WriteString("/*")
	case o.slash || pattern.Len() == 0:
		pattern.WriteByte('/')
	}
	return pattern.String()
}

// withoutRest returns the outline of the path where nothing remains for the
// rest, of which chi's * knows nothing: /files of /files/{path...}, and /files/
// of a tail that is declared behind the slash.
func (o *outline) withoutRest() outline {
	bare := *o
	bare.rest = restNone
	return bare
}

// overlaps reports whether some path belongs to both.
func (o *outline) overlaps(other *outline) bool {
	for i := range min(len(o.segments), len(other.segments)) {
		a, b := o.segments[i], other.segments[i]
		if a.isConstant() && b.isConstant() && a.text != b.text {
			return false
		}
	}
	switch {
	case len(o.segments) < len(other.segments):
		return o.rest != restNone
	case len(o.segments) > len(other.segments):
		return other.rest != restNone
	default:
		open := o.rest != restNone || other.rest != restNone
		return open || o.slash == other.slash || len(o.segments) == 0
	}
}
