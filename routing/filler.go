package routing

import (
	"net/http"

	"github.com/chitor-go/chitor/app"
)

// A fillerLeaf is a leaf without handlers that a plugin asks for by
// [app.PluginBuilder.DefaultRoutes], with the way to it from the plugin's
// route. For CORS on /api it is the one of OPTIONS /api/{...}: hooks of the
// plugin see every OPTIONS there that the application does not serve itself.
type fillerLeaf struct {
	*leaf
	way []selector
}

// fillersOf makes the leaves that plugins on r ask for.
func (c *compiler) fillersOf(r *Route) []fillerLeaf {
	var made []fillerLeaf
	for _, want := range app.DefaultRoutes(r) {
		if want.Like != "" || r.outline.rest == restMount { // a mount takes every method by itself
			continue
		}
		if err := checkMethod(want.Method); err != nil {
			c.once(badMethod(want, err))
			continue
		}
		way := []selector{tail{}, byMethod(want.Method)}
		if r.outline.rest == restTail {
			way = way[1:]
		}
		l, err := newFiller(r, want.Site, way)
		if err != nil {
			c.mistakes = append(c.mistakes, err)
			continue
		}
		l.services = services{{l.method, qualityFiller}}
		made = append(made, fillerLeaf{l, way})
		c.leaves.fillers = append(c.leaves.fillers, l)
	}
	return made
}

// newFiller makes the leaf of one of them. Where its route was declared the
// leaf is in that scope.
func newFiller(r *Route, site app.Site, way []selector) (*leaf, error) {
	for _, next := range way {
		child := r.known(next)
		if child == nil {
			var err error
			if child, err = r.newChild(next); err != nil {
				return nil, mistake(r, site, err)
			}
		}
		r = child
	}
	l := newLeaf(r, originFiller, site)
	err := l.spoilt
	if err == nil {
		l.endpoint, err = app.NewEndpoint(r, l.path, silent)
	}
	if err != nil {
		return nil, mistake(r, site, err)
	}
	return l, nil
}

// plant puts the leaf at its place below the node of the plugin's route, unless
// another one has it. It gets a node of its own for the method, since it counts
// less than what else is below one.
func (f fillerLeaf) plant(n *node) {
	last := len(f.way) - 1
	for _, next := range f.way[:last] {
		n = n.child(next)
	}
	own := &node{selector: f.way[last], leaf: f.leaf}
	if taken := n.known(own.selector); taken == nil || taken.leaf == nil {
		own.serve(f.leaf)
		n.children = append(n.children, own)
	}
}

// silent leaves a call to the hooks of plugins, without the warning that a
// handler gets.
func silent(c *app.Call) error {
	c.SetStatus(http.StatusNotFound)
	return nil
}
