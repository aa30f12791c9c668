package hocon

import (
	"maps"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// concat resolves the pieces and joins them: simple values to a text, arrays to
// an array, objects to an object. One piece alone stays what it is.
func (r *resolver) concat(n *concat) (node, error) {
	var pieces []node
	for _, piece := range n.pieces {
		value, err := r.value(piece)
		if err != nil {
			return nil, err
		}
		if value != nil {
			pieces = append(pieces, value)
		}
	}
	composite := slices.ContainsFunc(pieces, func(n node) bool {
		_, ok := n.(*scalar)
		return !ok
	})
	if composite { // the space between objects or arrays means nothing
		pieces = slices.DeleteFunc(pieces, func(n node) bool {
			s, ok := n.(*scalar)
			return ok && s.space
		})
	}
	if len(pieces) == 0 {
		return nil, nil // undefined
	}
	joined := pieces[0]
	if len(pieces) == 1 {
		return joined, nil
	}
	if !composite {
		return joinTexts(n.at(), pieces)
	}
	for _, piece := range pieces[1:] {
		var err error
		if joined, err = r.join(joined, piece); err != nil {
			return nil, err
		}
	}
	if list, ok := joined.(*array); ok {
		list.site, list.resolved = n.at(), list
		return list, list.weigh()
	}
	return joined, nil
}

func joinTexts(site app.Site, pieces []node) (node, error) {
	var built strings.Builder
	for _, piece := range pieces {
		built.WriteString(piece.(*scalar).text)
		if built.Len() > maxSize {
			return nil, tooLarge(site)
		}
	}
	return &scalar{site: site, value: built.String(), text: built.String()}, nil
}

// join joins two resolved values, and leaves both as they are.
func (r *resolver) join(left, right node) (node, error) {
	leftList, leftIsList := left.(*array)
	rightList, rightIsList := right.(*array)
	leftObject, leftIsObject := left.(*object)
	rightObject, rightIsObject := right.(*object)
	switch {
	case leftIsObject && rightIsObject:
		return r.under(rightObject, leftObject)
	case leftIsObject && rightIsList:
		leftList, leftIsList = numbered(leftObject)
	case leftIsList && rightIsObject:
		rightList, rightIsList = numbered(rightObject)
	}
	if !leftIsList || !rightIsList {
		return nil, cannotJoin(left, right)
	}
	elements := len(leftList.elements) + len(rightList.elements)
	if err := r.step(right.at(), elements); err != nil {
		return nil, err
	}
	return &array{site: leftList.site, elements: slices.Concat(leftList.elements, rightList.elements)}, nil
}

// under merges a resolved value with one below it. What is not an object hides
// what is below.
func (r *resolver) under(upper, lower node) (node, error) {
	above, ok := upper.(*object)
	if !ok || above.hides {
		return upper, nil
	}
	below, ok := lower.(*object)
	if !ok {
		hiding := *above
		hiding.hides = true
		hiding.resolved = &hiding
		return &hiding, nil
	}
	if err := r.step(upper.at(), len(above.keys)+len(below.keys)); err != nil {
		return nil, err
	}
	merged := &object{site: above.site, keys: slices.Clone(below.keys), fields: maps.Clone(below.fields), hides: below.hides}
	for _, key := range above.keys {
		value := above.fields[key]
		if old, ok := merged.fields[key]; !ok {
			merged.keys = append(merged.keys, key)
		} else {
			var err error
			if value, err = r.under(value, old); err != nil {
				return nil, err
			}
		}
		merged.fields[key] = value
	}
	merged.resolved = merged
	return merged, merged.weigh()
}
