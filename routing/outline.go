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
	conditions []string // in words
	segments   []segment
	rest       rest
	tail       string // its name, or empty
	slash      bool   // a trailing slash follows the segments
	spoilt     error  // why no handler can have such a route, nil if one can
}

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
	if !added.isConstant() {
		o.addName(added.text)
	}
	o.segments, o.slash = append(o.segments, added), false
	return nil
}

// addName notes the name of a parameter that is about to be added, if it has
// one.
func (o *outline) addName(name string) {
	if name != "" && slices.Contains(o.names(), name) {
		o.spoil(fmt.Errorf("the parameter %s appears twice", name))
	}
}

// spoil notes why no handler can have such a route.
func (o *outline) spoil(reason error) {
	if o.spoilt == nil {
		o.spoilt = reason
	}
}

// names returns the names of what the path captures, in order: empty for a *
// and for a tail without a name.
func (o *outline) names() []string {
	var names []string
	for _, segment := range o.segments {
		if !segment.isConstant() {
			names = append(names, segment.text)
		}
	}
	if o.rest == restTail {
		names = append(names, o.tail)
	}
	return names
}

// pattern returns the path as it is written in a route.
func (o *outline) pattern() string {
	var pattern strings.Builder
	for _, segment := range o.segments {
		pattern.WriteString("/" + segment.String())
	}
	if o.rest == restTail {
		pattern.WriteString("/{" + o.tail + "...}")
	}
	if o.slash || pattern.Len() == 0 {
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
// rest, of which chi's * knows nothing: /files of /files/{path...}.
func (o *outline) withoutRest() outline {
	bare := *o
	bare.rest, bare.slash = restNone, false
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
