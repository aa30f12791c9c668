package hocon

import "github.com/chitor-go/chitor/app"

// weight is the size of a resolved value, what it shares with others counted
// each time: a small document can repeat a value a billion times.
type weight struct {
	size  int // values, and bytes of their keys and texts
	depth int // objects and arrays in one another
}

func (w *weight) add(n node) {
	var part weight
	switch n := n.(type) {
	case *array:
		part = n.weight
	case *object:
		part = n.weight
	case *scalar:
		part.size = 1 + len(n.text)
	}
	w.size += part.size
	w.depth = max(w.depth, 1+part.depth)
}

func (w *weight) check(at app.Site) error {
	switch {
	case w.size > maxSize:
		return tooLarge(at)
	case w.depth > maxDepth:
		return errorf(at, "expected at most %d objects and arrays in one another, found more when the substitutions are resolved", maxDepth)
	}
	return nil
}

func tooLarge(at app.Site) error {
	return errorf(at, "expected at most %d values and bytes of text, found more when the substitutions are resolved", maxSize)
}

// weigh sets the weight of a resolved array, and refuses too large a one.
func (n *array) weigh() error {
	n.weight = weight{size: 1, depth: 1}
	for _, element := range n.elements {
		n.add(element)
		if err := n.check(n.site); err != nil {
			return err
		}
	}
	return nil
}

func (n *object) weigh() error {
	n.weight = weight{size: 1, depth: 1}
	for _, key := range n.keys {
		n.size += len(key)
		n.add(n.fields[key])
		if err := n.check(n.site); err != nil {
			return err
		}
	}
	return nil
}
