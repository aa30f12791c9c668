package routing

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// URL returns the path of the route that [Route.Named] has given a name, with
// the query, from pairs of a name and a value:
//
//	routing.URL(a, "user", "id", 7)                    // /users/7
//	routing.URL(a, "user", "id", "a/b", "tab", "mail") // /users/a%2Fb?tab=mail
//
// A name that the path has is its parameter; all others become the query, in
// the order of the pairs. Values are texts, numbers, booleans, of a type of your
// own as well, and what is an [encoding.TextMarshaler] or a [fmt.Stringer], in
// that order: what [app.PathParam] reads. They are written so that each stays in
// its segment. A tail takes a []string of its segments, or a text that is split
// at its slashes; nothing remains for it if it is empty or left out. A pair of
// the query may have a []string as well, and an empty value.
//
// Errors are a name that no route has, a pair without a value or with a value
// of another type, and a path that no request can have: a parameter that is
// missing, given twice or empty, an empty segment of a tail, and "." and ".." as
// a whole segment, which clients resolve. A route with a * has no URL, since
// nothing names what stands there. URL does not look whether another route is
// better for the path: that of /users/{id} with the id me is /users/me.
//
// The path begins where the application's own paths begin: what a router around
// it takes away is not known here. Before Start URL is called where routes are
// declared, and afterwards from any goroutine.
func URL(a *app.Application, name string, pairs ...any) (string, error) {
	built, err := buildURL(a, name, pairs)
	if err != nil {
		return "", fmt.Errorf("url of %q: %w", name, err)
	}
	return built, nil
}

func buildURL(a *app.Application, name string, pairs []any) (string, error) {
	var known map[string]naming
	if t, routed := treeKey.Get(a); routed {
		known = t.names
	}
	named, is := known[name]
	if !is {
		return "", errors.New("no route has that name")
	}
	b := urlBuilder{outline: &named.route.outline}
	if err := b.read(pairs); err != nil {
		return "", err
	}
	if err := b.writePath(); err != nil {
		return "", fmt.Errorf("%s: %w", b.outline.pattern(), err)
	}
	if err := b.writeQuery(); err != nil {
		return "", err
	}
	return b.written.String(), nil
}

// urlBuilder writes the URL of a route.
type urlBuilder struct {
	outline *outline
	pairs   []pair // those that are left
	written strings.Builder
}

type pair struct {
	name  string
	value any
}

func (b *urlBuilder) read(pairs []any) error {
	for i := 0; i < len(pairs); i += 2 {
		name, is := pairs[i].(string)
		switch {
		case !is:
			return fmt.Errorf("the name of a pair is a %T, not a string", pairs[i])
		case name == "":
			return errors.New("the name of a pair is empty")
		case i+1 == len(pairs):
			return fmt.Errorf("%s has no value", name)
		}
		b.pairs = append(b.pairs, pair{name, pairs[i+1]})
	}
	return nil
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

func (b *urlBuilder) writePath() error {
	for _, s := range b.outline.segments {
		text := s.text
		switch {
		case s.isConstant():
		case s.isWildcard():
			return errors.New("nothing names what stands for a *")
		default:
			var err error
			if text, err = b.parameter(s.text); err != nil {
				return err
			}
		}
		if err := b.writeSegment(text); err != nil {
			return err
		}
	}
	tail, err := b.tail()
	if err != nil {
		return err
	}
	for i, segment := range tail {
		if segment == "" && i > 0 && i == len(tail)-1 { // a trailing slash is an empty one
			b.written.WriteByte('/')
		} else if err := b.writeSegment(segment); err != nil {
			return fmt.Errorf("parameter %s: %w", b.outline.tail, err)
		}
	}
	if b.outline.slash && len(tail) == 0 || b.written.Len() == 0 {
		b.written.WriteByte('/')
	}
	for _, c := range b.outline.captures() {
		if _, given := b.take(c.name); given && c.name != "" {
			return fmt.Errorf("parameter %s is given too often", c.name)
		}
	}
	return nil
}

// parameter returns the text of the next value of a parameter.
func (b *urlBuilder) parameter(name string) (string, error) {
	value, given := b.take(name)
	if !given {
		return "", fmt.Errorf("parameter %s is missing", name)
	}
	text, err := textOf(value)
	if err == nil && text == "" {
		err = errors.New("no segment is empty")
	}
	if err != nil {
		return "", fmt.Errorf("parameter %s: %w", name, err)
	}
	return text, nil
}

// tail returns the segments that remain.
func (b *urlBuilder) tail() ([]string, error) {
	if b.outline.tail == "" {
		return nil, nil
	}
	value, given := b.take(b.outline.tail)
	if !given {
		return nil, nil
	}
	if segments, is := value.([]string); is {
		return segments, nil
	}
	text, err := textOf(value)
	if err != nil {
		return nil, fmt.Errorf("parameter %s: %w", b.outline.tail, err)
	}
	if text == "" {
		return nil, nil
	}
	return strings.Split(text, "/"), nil
}

func (b *urlBuilder) writeSegment(text string) error {
	switch text {
	case "":
		return errors.New("no segment is empty")
	case ".", "..":
		return fmt.Errorf("clients resolve %q as a segment", text)
	default:
		b.written.WriteString("/" + url.PathEscape(text))
		return nil
	}
}

// writeQuery writes the pairs that no parameter of the path has taken.
func (b *urlBuilder) writeQuery() error {
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
