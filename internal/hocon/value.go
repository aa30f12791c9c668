package hocon

import (
	"encoding/json"
	"slices"
	"strings"
)

// value takes the value of a field or an array, of one or several pieces in one
// line.
func (p *parser) value() (node, error) {
	if err := p.skipNewlines(); err != nil {
		return nil, err
	}
	var pieces []node
	afterSimple := false
	for {
		start := p.token
		simple := true
		var piece node
		var err error
		switch {
		case start.simple():
			piece = newScalar(start)
			err = p.advance()
		case start.kind == substitution || start.kind == optional:
			piece, err = p.substitution()
		case start.kind == '{':
			simple = false
			piece, err = p.object()
		case start.kind == '[':
			simple = false
			piece, err = p.array()
		case len(pieces) == 0:
			return nil, errorf(start.site, "expected a value, found %s", start)
		default:
			return joinWritten(pieces)
		}
		if err != nil {
			return nil, err
		}
		if afterSimple && simple && start.before != "" {
			pieces = append(pieces, &scalar{site: start.site, value: start.before, text: start.before, space: true})
		}
		pieces = append(pieces, piece)
		afterSimple = simple
	}
}

func newScalar(t token) *scalar {
	n := &scalar{site: t.site, value: t.text, text: t.text}
	switch {
	case t.kind == number:
		n.value = json.Number(t.text)
	case t.kind != text:
	case t.text == "true":
		n.value = true
	case t.text == "false":
		n.value = false
	case t.text == "null":
		n.value = nil
	}
	return n
}

// substitution takes ${path} or ${?path}.
func (p *parser) substitution() (node, error) {
	start := p.token
	if p.source.inArray {
		return nil, errorf(start.site, "expected no substitution in a file that is included in an array, whose elements "+
			"have no path that it could refer to")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	path, err := p.pathExpression("a path")
	if err != nil {
		return nil, err
	}
	if p.token.kind != '}' {
		return nil, errorf(p.token.site, "expected } at the end of the substitution, found %s", p.token)
	}
	if len(p.source.prefix)+len(path) > maxDepth {
		return nil, errorf(start.site, "expected at most %d elements of a path, found more", maxDepth)
	}
	return p.reference(start, append(slices.Clip(p.source.prefix), path...)), p.advance()
}

func (p *parser) array() (node, error) {
	n := &array{site: p.token.site}
	if err := p.enter(1); err != nil {
		return nil, err
	}
	defer p.leave(1)
	p.arrays++
	defer func() { p.arrays-- }()
	if err := p.advance(); err != nil {
		return nil, err
	}
	for separated := true; ; {
		if err := p.skipNewlines(); err != nil {
			return nil, err
		}
		if p.token.kind == ']' {
			return n, p.advance()
		}
		if !separated {
			return nil, errorf(p.token.site, "expected a comma, the end of the line or ], found %s%s", p.token, p.token.hint())
		}
		if p.token.kind == ',' || p.token.kind == endOfFile {
			return nil, errorf(p.token.site, "expected a value or ], found %s", p.token)
		}
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		n.elements = append(n.elements, value)
		if separated, err = p.separator(); err != nil {
			return nil, err
		}
	}
}

// joinWritten joins the pieces of a value that are known when it is read. What
// is left is one value, or a concatenation with a reference in it.
func joinWritten(pieces []node) (node, error) {
	var joined []node
	var run []node // without references, of one kind
	flush := func() error {
		if len(run) == 0 {
			return nil
		}
		n, err := joinRun(run)
		joined = append(joined, n)
		run = nil
		return err
	}
	for _, piece := range pieces {
		if _, ok := piece.(*reference); ok {
			if err := flush(); err != nil {
				return nil, err
			}
			joined = append(joined, piece)
			continue
		}
		run = append(run, piece)
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if len(joined) == 1 {
		return joined[0], nil
	}
	return &concat{pieces: joined}, nil
}

// joinRun joins values of which none is a reference.
func joinRun(run []node) (node, error) {
	if len(run) == 1 {
		return run[0], nil
	}
	switch first := run[0].(type) {
	case *array:
		for _, n := range run[1:] {
			next, ok := n.(*array)
			if !ok {
				if o, isObject := n.(*object); isObject {
					next, ok = numbered(o)
				}
			}
			if !ok {
				return nil, cannotJoin(first, n)
			}
			first.elements = append(first.elements, next.elements...)
		}
		return first, nil
	case *object:
		for i, n := range run[1:] {
			switch next := n.(type) {
			case *object:
				first = over(next, first).(*object)
			case *array:
				if list, ok := numbered(first); ok {
					return joinRun(append([]node{list}, run[i+1:]...))
				}
				return nil, cannotJoin(first, n)
			default:
				return nil, cannotJoin(first, n)
			}
		}
		return first, nil
	}
	var built strings.Builder
	for _, n := range run {
		s, ok := n.(*scalar)
		if !ok {
			return nil, cannotJoin(run[0], n)
		}
		built.WriteString(s.text)
	}
	return &scalar{site: run[0].at(), value: built.String(), text: built.String()}, nil
}

func cannotJoin(left, right node) error {
	return errorf(right.at(), "expected a comma, the end of the line or a value that can be joined with %s, found %s",
		kindOf(left), kindOf(right))
}

func kindOf(n node) string {
	switch n.(type) {
	case *object:
		return "an object"
	case *array:
		return "an array"
	}
	return "a text, number, boolean or null"
}
