package routing

// A node is what compile makes of a [Route], or of a route that a plugin asks
// for: what a walk goes through. Once compile has returned it never changes.
type node struct {
	selector selector
	children []*node  // in the order of declaration, what plugins ask for last
	leaf     *leaf    // nil if nothing serves here
	aliases  []string // the methods that a byMethod serves besides its own
}

// child returns the child with that selector, which it adds if need be.
func (n *node) child(wanted selector) *node {
	for _, known := range n.children {
		if known.selector.same(wanted) {
			return known
		}
	}
	added := &node{selector: wanted}
	n.children = append(n.children, added)
	return added
}
