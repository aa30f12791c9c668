package routing

// A node is what compile makes of a [Route], or of a route that a plugin asks
// for: what a walk goes through. Once compile has returned it never changes.
type node struct {
	selector selector
	leaves   []*leaf  // that serve here, the first one first: several if groups are here
	services services // of a byMethod: what the leaves below serve
	asked    int      // of a condition: its number among those of the table
	header   int      // and that of the header that it looks at

	children []*node // in the order of declaration, what plugins ask for last

	// The same for a walk, which need not try every constant there is.
	constants map[string][]*node // by their texts: several if groups have them
	others    []*node
	order     int // its place among the children of the one above
}

// child returns the child with that selector, which it adds if need be.
func (n *node) child(wanted selector) *node {
	if known := n.known(wanted); known != nil {
		return known
	}
	added := &node{selector: wanted}
	n.children = append(n.children, added)
	return added
}

// known returns the child with that selector, or nil.
func (n *node) known(wanted selector) *node {
	for _, child := range n.children {
		if child.selector.key() == wanted.key() {
			return child
		}
	}
	return nil
}

// serve notes that a leaf is below.
func (n *node) serve(l *leaf) {
	if n.selector.role() == onMethod {
		for _, s := range l.services {
			n.services = n.services.with(s)
		}
	}
}

// settle sorts the children, and those below, for walks. Nothing is added
// later.
func (n *node) settle() {
	for order, child := range n.children {
		child.order = order
		if text, is := child.selector.(constant); is {
			if n.constants == nil {
				n.constants = map[string][]*node{}
			}
			n.constants[text.text] = append(n.constants[text.text], child)
		} else {
			n.others = append(n.others, child)
		}
		child.settle()
	}
}

// try visits the children that may take a segment, in the order of declaration.
func (n *node) try(segment string, visit func(*node)) {
	taken, others := n.constants[segment], n.others
	for len(taken) > 0 || len(others) > 0 {
		next := &others
		if len(others) == 0 || len(taken) > 0 && taken[0].order < others[0].order {
			next = &taken
		}
		visit((*next)[0])
		*next = (*next)[1:]
	}
}

// tryAll visits all children, in the order of declaration.
func (n *node) tryAll(visit func(*node)) {
	for _, child := range n.children {
		visit(child)
	}
}

// serving returns the leaf of the node for a method, or nil.
func (n *node) serving(method string) *leaf {
	for _, l := range n.leaves {
		if l.serves(method) {
			return l
		}
	}
	return nil
}
