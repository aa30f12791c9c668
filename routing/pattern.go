package routing

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// selector is what a node of the tree asks of a call. Nodes with the same
// selector below one node are the same.
type selector struct {
	kind   selectorKind
	text   string    // the constant, decoded, or the name; of a condition what it asks, in full
	holds  condition // of a condition
	header string    // that the condition looks at, or empty
}

func (s selector) same(other selector) bool { return s.kind == other.kind && s.text == other.text }

type selectorKind uint8

const (
	constant  selectorKind = iota
	parameter              // one segment, named
	wildcard               // one segment, without a name
	tail                   // all that remain, named or not
	slash                  // a trailing slash
	byMethod
	mounted     // everything that remains, any method
	conditional // something else about the request
)

// String returns the selector as it is written in a pattern.
func (s selector) String() string {
	switch s.kind {
	case parameter:
		return "{" + s.text + "}"
	case wildcard:
		return "*"
	case tail:
		return "{" + s.text + "...}"
	case slash, byMethod, mounted, conditional:
		return ""
	default:
		return escape(s.text)
	}
}

// parse returns the selectors of a path.
func parse(path string) ([]selector, error) {
	var selectors []selector
	for piece := range strings.SplitSeq(path, "/") {
		if piece == "" {
			continue
		}
		parsed, err := parsePiece(piece)
		if err != nil {
			return nil, err
		}
		selectors = append(selectors, parsed)
	}
	if strings.HasSuffix(path, "/") {
		selectors = append(selectors, selector{kind: slash})
	}
	for i, selector := range selectors {
		if selector.kind == tail && i < len(selectors)-1 {
			return nil, fmt.Errorf("nothing can follow %s, which takes all that remains", selector)
		}
	}
	return selectors, nil
}

func parsePiece(piece string) (selector, error) {
	switch {
	case piece == "*":
		return selector{kind: wildcard}, nil
	case !strings.ContainsAny(piece, "{}"):
		text, err := url.PathUnescape(piece)
		if err != nil {
			return selector{}, fmt.Errorf("%q: %w", piece, err)
		}
		return selector{text: text}, nil
	case strings.Count(piece, "{") != strings.Count(piece, "}") || strings.Index(piece, "{") > strings.Index(piece, "}"):
		return selector{}, fmt.Errorf("%q: the braces do not match", piece)
	case !strings.HasPrefix(piece, "{") || !strings.HasSuffix(piece, "}") || strings.Count(piece, "{") > 1:
		return selector{}, fmt.Errorf("%q: a parameter takes a whole segment", piece)
	}
	name, isTail := strings.CutSuffix(piece[1:len(piece)-1], "...")
	if isTail && name == "" {
		return selector{kind: tail}, nil
	}
	if err := checkName(name); err != nil {
		return selector{}, fmt.Errorf("%q: %w", piece, err)
	}
	if isTail {
		return selector{kind: tail, text: name}, nil
	}
	return selector{kind: parameter, text: name}, nil
}

func checkName(name string) error {
	if name == "" {
		return errors.New("the parameter has no name")
	}
	for i, r := range name {
		letter := r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return errors.New("a parameter's name is letters, digits, - and _, a letter or _ first")
		}
	}
	return nil
}

// pattern returns the full pattern of the route.
func (r *Route) pattern() string {
	var pattern strings.Builder
	trailing := ""
	for _, selector := range r.way() {
		switch selector.kind {
		case byMethod, mounted, conditional:
		case slash:
			trailing = "/"
		default:
			pattern.WriteString("/" + selector.String())
			trailing = ""
		}
	}
	if pattern.Len() == 0 {
		return "/"
	}
	return pattern.String() + trailing
}

// describe returns what r asks for, for messages: its method, pattern and
// conditions.
func (r *Route) describe() string {
	method, conditions := "any method", ""
	for _, selector := range r.way() {
		switch selector.kind {
		case byMethod:
			method = selector.text
		case mounted:
			method = "mount"
		case conditional:
			conditions += " (" + selector.text + ")"
		}
	}
	return method + " " + r.pattern() + conditions
}

// way returns the selectors from the root to r.
func (r *Route) way() []selector {
	if r.parent == nil {
		return nil
	}
	return append(r.parent.way(), r.selector)
}
