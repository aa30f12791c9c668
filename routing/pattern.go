package routing

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// selector is what a node of the tree asks of a call. Equal selectors below one node are the same node.
type selector struct {
	kind selectorKind
	text string // the constant, decoded, or the name
}

type selectorKind uint8

const (
	constant  selectorKind = iota
	parameter              // one segment, named
	wildcard               // one segment, without a name
	tail                   // all that remain, named or not
	slash                  // a trailing slash
	byMethod
	mounted // everything that remains, any method
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
	case slash, byMethod, mounted:
		return ""
	default:
		return s.text
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
	return selectors, nil
}

func parsePiece(piece string) (selector, error) {
	switch {
	case piece == "*":
		return selector{kind: wildcard}, nil
	case !strings.ContainsAny(piece, "{}"):
		if strings.Contains(piece, "*") {
			return selector{}, fmt.Errorf("%q: * stands for a whole segment only", piece)
		}
		text, err := url.PathUnescape(piece)
		if err != nil {
			return selector{}, fmt.Errorf("%q: %w", piece, err)
		}
		if strings.ContainsAny(text, "{}*") {
			return selector{}, fmt.Errorf("%q: a constant cannot hold a brace or *", piece)
		}
		return selector{text: text}, nil
	case strings.Count(piece, "{") != strings.Count(piece, "}") || strings.Index(piece, "{") > strings.Index(piece, "}"):
		return selector{}, fmt.Errorf("%q: a brace is not closed", piece)
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
		if !letter && (i == 0 || r < '0' || r > '9') && (i == 0 || r != '-') {
			return errors.New("a parameter's name is letters, digits, - and _, a letter or _ first")
		}
	}
	return nil
}

// pattern returns the full pattern of the route.
func (r *Route) pattern() string {
	if r.parent == nil {
		return "/"
	}
	var pieces []string
	trailing := ""
	for route := r; route.parent != nil; route = route.parent {
		switch route.selector.kind {
		case slash:
			if len(pieces) == 0 {
				trailing = "/"
			}
		case byMethod, mounted:
		default:
			pieces = append(pieces, route.selector.String())
		}
	}
	if len(pieces) == 0 {
		return "/"
	}
	var pattern strings.Builder
	for _, piece := range slices.Backward(pieces) {
		pattern.WriteByte('/')
		pattern.WriteString(piece)
	}
	return pattern.String() + trailing
}
