package hocon

import "github.com/chitor-go/chitor/app"

// node is a value as it was written: a *scalar, *array, *object, *reference,
// *concat or *merge. A resolved one is made of the first three alone.
type node interface{ at() app.Site }

// scalar is a text, a number, a boolean or null.
type scalar struct {
	site  app.Site
	value any    // string, json.Number, bool or nil
	text  string // as it was written, or what a quoted text says
	space bool   // whether it is the space between two pieces of a concatenation
}

type array struct {
	site     app.Site
	elements []node

	weight          // when it is resolved
	resolved *array // the memo; of itself once it is resolved
}

// object has its keys in the order in which they were written first, so that
// what is resolved and what is reported does not change from run to run.
type object struct {
	site   app.Site
	keys   []string
	fields map[string]node
	// hides is whether there was a value below that is no object: nothing that
	// stands further below can be merged.
	hides bool

	weight           // when it is resolved
	resolved *object // the memo; of itself once it is resolved
}

// reference is a substitution, ${path} or ${?path}.
type reference struct {
	site     app.Site
	key      []string // of the field that it is in
	path     []string
	prefix   int // the elements of the path that stand for the including object
	optional bool

	busy  bool // it is being resolved: whoever finds it looks below it
	done  bool
	value node // when done; nil if it is undefined
}

// concat is several values in a row, of which one at least is a reference.
type concat struct {
	pieces []node

	busy  bool // as of reference
	value node // the memo; nil if it is not resolved, or undefined
}

// merge is what was given to one key, lowest first, where references keep it
// from being merged when it is read.
type merge struct {
	layers []node

	value node // as of concat
}

func (n *scalar) at() app.Site    { return n.site }
func (n *array) at() app.Site     { return n.site }
func (n *object) at() app.Site    { return n.site }
func (n *reference) at() app.Site { return n.site }
func (n *concat) at() app.Site    { return n.pieces[0].at() }
func (n *merge) at() app.Site     { return n.layers[len(n.layers)-1].at() }

// set puts a value over what the object has at the key.
func (n *object) set(key string, value node) {
	below, ok := n.fields[key]
	if ok {
		value = over(value, below)
	} else {
		if n.fields == nil {
			n.fields = map[string]node{}
		}
		n.keys = append(n.keys, key)
	}
	n.fields[key] = value
}

// over puts a value that is written later over an earlier one. It may change
// and return either: each belongs to its place in the document alone.
func over(upper, lower node) node {
	switch upper := upper.(type) {
	case *scalar, *array:
		return upper // what is hidden is never resolved
	case *object:
		if upper.hides {
			return upper
		}
		switch lower := lower.(type) {
		case *scalar, *array:
			upper.hides = true
			return upper
		case *object:
			for _, key := range upper.keys {
				lower.set(key, upper.fields[key])
			}
			lower.site = upper.site
			return lower
		case *merge:
			top := len(lower.layers) - 1
			if object, ok := lower.layers[top].(*object); ok {
				lower.layers[top] = over(upper, object)
				return lower
			}
		}
	case *merge:
		if final(upper.layers[0]) {
			return upper
		}
	}
	return &merge{layers: append(layersOf(lower), layersOf(upper)...)}
}

func layersOf(n node) []node {
	if n, ok := n.(*merge); ok {
		return n.layers
	}
	return []node{n}
}

// final is whether nothing below the value can be merged with it.
func final(n node) bool {
	switch n := n.(type) {
	case *scalar, *array:
		return true
	case *object:
		return n.hides
	}
	return false
}
