package hocon

import (
	"errors"
	"slices"
)

// find returns what the document has at a path, unresolved, and nil if it has
// nothing there. It resolves nothing but what is on the way, so that an object
// may refer to its own fields.
func (r *resolver) find(path []string) (node, error) {
	var at node = r.root
	for _, key := range path {
		var found []node
		if _, err := r.peek(at, key, &found); err != nil {
			return nil, err
		}
		switch len(found) {
		case 0:
			return nil, nil // nothing is there
		case 1:
			at = found[0]
		default:
			slices.Reverse(found)
			at = &merge{layers: found}
		}
	}
	return at, nil
}

// peek appends what a value has at a key, highest first, and says whether
// nothing below the value can add to it.
func (r *resolver) peek(n node, key string, found *[]node) (bool, error) {
	if err := r.step(n.at(), 1); err != nil {
		return false, err
	}
	switch n := n.(type) {
	case *object:
		field, ok := n.fields[key]
		if ok {
			*found = append(*found, field)
		}
		return n.hides || ok && final(field), nil
	case *reference:
		return r.peekThrough(n, key, found)
	case *concat:
		return r.peekPieces(n, key, found)
	case *merge:
		return r.peekMerge(n, key, found)
	}
	return true, nil
}

// peekMerge looks below the layers that are busy. Where nothing is there, what
// is above them may still say it, so that the template of a value may ask for
// what the value adds to it:
//
//	server = ${template}
//	template { url = "http://"${server.host} }
//	server { host = localhost }
//
// Only a reference that asks for its own field looks nowhere but below.
func (r *resolver) peekMerge(n *merge, key string, found *[]node) (bool, error) {
	below, err := r.visible(n)
	if err != nil {
		return false, err
	}
	before := len(*found)
	stop, err := r.peekAll(below, key, found)
	if err != nil || len(below) == len(n.layers) || len(*found) > before {
		return stop, err
	}
	above := n.layers[len(below):]
	if r.isPart(above[0]) {
		return false, nil
	}
	return r.peekAll(above, key, found)
}

// isPart is whether the reference that is looked up now is part of a value.
func (r *resolver) isPart(n node) bool {
	switch n := n.(type) {
	case *reference:
		return n == r.current
	case *concat:
		return slices.ContainsFunc(n.pieces, r.isPart)
	}
	return false
}

// peekThrough looks at what a reference refers to.
func (r *resolver) peekThrough(n *reference, key string, found *[]node) (bool, error) {
	switch {
	case n.done && n.value == nil:
		return false, nil
	case n.done:
		return r.peek(n.value, key, found)
	case n.busy:
		return false, errCycle
	}
	if r.chain++; r.chain > maxChain {
		return false, errorf(n.site, "expected a value to which at most %d others lead, found more", maxChain)
	}
	outer := r.current
	n.busy, r.current = true, n
	defer func() { n.busy, r.current = false, outer; r.chain-- }()
	for _, path := range n.paths() {
		target, err := r.find(path)
		stop := false
		if target != nil {
			stop, err = r.peek(target, key, found)
		}
		if n.optional && errors.Is(err, errCycle) {
			return false, nil // undefined
		}
		if target != nil || err != nil {
			return stop, err
		}
	}
	_, ok := r.variable(n)
	return ok, nil
}

// peekPieces looks at the objects of a concatenation.
func (r *resolver) peekPieces(n *concat, key string, found *[]node) (bool, error) {
	var objects []node
	for _, piece := range n.pieces {
		if s, ok := piece.(*scalar); !ok || !s.space {
			objects = append(objects, piece)
		}
	}
	return r.peekAll(objects, key, found)
}

// peekAll looks at layers, of which the last is the highest. One that leads
// back to what is being resolved is passed over, if another has the key.
func (r *resolver) peekAll(layers []node, key string, found *[]node) (bool, error) {
	var cycle error
	before := len(*found)
	for _, layer := range slices.Backward(layers) {
		stop, err := r.peek(layer, key, found)
		switch {
		case errors.Is(err, errCycle):
			cycle = err
			r.hidden++
		case err != nil:
			return false, err
		case stop:
			return true, nil
		}
	}
	if len(*found) > before {
		return false, nil
	}
	return false, cycle
}
