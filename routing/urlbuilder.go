package routing

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// urlBuilder writes the URL of a route.
type urlBuilder struct {
	written strings.Builder

	pairs []pair // those that are left
	slash bool   // one is to follow

	// missing is the parameter that was left out, so that nothing can follow.
	missing string
}

type pair struct {
	name  string
	value any
}

// newURLBuilder returns one for the paths inside a frame.
func newURLBuilder(around frame, pairs []any) (*urlBuilder, error) {
	b := &urlBuilder{}
	for i := 0; i < len(pairs); i += 2 {
		name, is := pairs[i].(string)
		switch {
		case !is:
			return nil, fmt.Errorf("the name of a pair is a %T, not a string", pairs[i])
		case name == "":
			return nil, errors.New("the name of a pair is empty")
		case i+1 == len(pairs):
			return nil, fmt.Errorf("%s has no value", name)
		}
		b.pairs = append(b.pairs, pair{name, pairs[i+1]})
	}
	for segment := range strings.SplitSeq(around.root, "/") {
		if segment != "" {
			b.written.WriteString("/" + url.PathEscape(unescape(segment)))
		}
	}
	return b, nil
}

// take returns the value of the first pair with a name, which is then taken.
func (b *urlBuilder) take(name string) (value any, given bool) {
	i := slices.IndexFunc(b.pairs, func(p pair) bool { return p.name == name })
	if i < 0 {
		return nil, false
	}
	value = b.pairs[i].value
	b.pairs = slices.Delete(b.pairs, i, i+1)
	return value, true
}

// path writes the path of a route.
func (b *urlBuilder) path(r *Route) error {
	if err := b.selectors(r); err != nil {
		return err
	}
	if b.slash || b.written.Len() == 0 {
		b.written.WriteByte('/')
	}
	for _, c := range r.outline.captures {
		if _, given := b.take(c.name); given && c.name != "" {
			return fmt.Errorf("parameter %s is given too often", c.name)
		}
	}
	return nil
}

// selectors writes what a route asks for, from the root on.
func (b *urlBuilder) selectors(r *Route) error {
	if r.parent != nil {
		if err := b.selectors(r.parent); err != nil {
			return err
		}
	}
	switch s := r.selector.(type) {
	case constant:
		return b.segment(s.text)
	case parameter:
		return b.parameter(s, nil)
	case expression:
		return b.parameter(s.parameter, s.compiled.MatchString)
	case wildcard, span:
		return fmt.Errorf("nothing says what stands for %v", s)
	case tail:
		return b.tail(s)
	case slash:
		b.slash = true
	}
	return nil
}

// parameter writes the next value of a parameter, which has to match.
func (b *urlBuilder) parameter(s parameter, matches func(string) bool) error {
	value, given := b.take(s.name)
	switch {
	case !given && s.optional:
		b.missing = s.name
		return nil
	case !given:
		return fmt.Errorf("parameter %s is missing", s.name)
	}
	text, err := textOf(value)
	if err == nil && matches != nil && !matches(text) {
		err = fmt.Errorf("%q is not what the expression matches", text)
	}
	if err == nil {
		err = b.segment(s.prefix + text + s.suffix)
	}
	if err != nil {
		return fmt.Errorf("parameter %s: %w", s.name, err)
	}
	return nil
}

// tail writes the segments that remain. A slash in front of it counts where none
// do.
func (b *urlBuilder) tail(s tail) error {
	segments, err := b.remaining(s.name)
	if err == nil && s.prefix != "" {
		if len(segments) == 0 {
			segments = []string{""}
		}
		segments = append([]string{s.prefix + segments[0]}, segments[1:]...)
	}
	for i, segment := range segments {
		if segment == "" && i > 0 && i == len(segments)-1 { // a trailing slash is an empty one
			b.slash = true
		} else if err == nil {
			err = b.segment(segment)
		}
	}
	if err != nil {
		return fmt.Errorf("parameter %s: %w", s.name, err)
	}
	return nil
}

// remaining returns the segments of a tail.
func (b *urlBuilder) remaining(name string) ([]string, error) {
	value, given := b.take(name)
	if !given {
		return nil, nil
	}
	if segments, is := value.([]string); is {
		return segments, nil
	}
	text, err := textOf(value)
	if text == "" {
		return nil, err
	}
	return strings.Split(text, "/"), err
}

func (b *urlBuilder) segment(text string) error {
	switch {
	case b.missing != "":
		return fmt.Errorf("parameter %s is missing, and the path goes on behind it", b.missing)
	case text == "":
		return errors.New("no segment is empty")
	case text == "." || text == "..":
		return fmt.Errorf("clients resolve %q as a segment", text)
	}
	b.written.WriteString("/" + url.PathEscape(text))
	b.slash = false
	return nil
}

// query writes the pairs that no parameter of the path has taken.
func (b *urlBuilder) query() error {
	mark := byte('?')
	for _, p := range b.pairs {
		values, several := p.value.([]string)
		if !several {
			text, err := textOf(p.value)
			if err != nil {
				return fmt.Errorf("%s of the query: %w", p.name, err)
			}
			values = []string{text}
		}
		for _, value := range values {
			b.written.WriteByte(mark)
			b.written.WriteString(url.QueryEscape(p.name) + "=" + url.QueryEscape(value))
			mark = '&'
		}
	}
	return nil
}
