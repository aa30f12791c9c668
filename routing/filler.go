package routing

import (
	"net/http"
	"slices"

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
		if want.Like != "" {
			continue
		}
		if err := checkMethod(want.Method); err != nil {
			c.once(badMethod(want, err))
			continue
		}
		for _, p := range placesOf(r) {
			f, err := newFiller(p, want, c.frame)
			if err != nil {
				c.mistakes = append(c.mistakes, mistake(r, want.Site, err))
				continue
			}
			made = append(made, f)
			c.leaves.fillers = append(c.leaves.fillers, f.leaf)
		}
	}
	return made
}

// A fillerPlace is where plugins on a route get a leaf for each method that they
// ask for.
type fillerPlace struct {
	route *Route
	way   []selector // from the plugin's route to it, without what a walk does not see
}

// placesOf returns those of a route: all that is below it, as a tail. A group
// has no path to be below of: it has the paths that are declared in it. A mount
// takes every method by itself.
func placesOf(r *Route) []fillerPlace {
	here := fillerPlace{route: r}
	switch {
	case r.selector.role() == onNothing:
		var found []fillerPlace
		here.collect(r, &found)
		return found
	case r.outline.rest == restMount:
		return nil
	case r.outline.rest == restTail:
		return []fillerPlace{here}
	default:
		below, err := here.step(tail{})
		if err != nil {
			return nil // nothing can follow, so there is nothing below
		}
		return []fillerPlace{below}
	}
}

// collect adds the places of the paths that are declared on r, and below it.
// Conditions and methods are left out: the leaf is for all calls.
func (p fillerPlace) collect(r *Route, found *[]fillerPlace) {
	known := slices.ContainsFunc(*found, func(other fillerPlace) bool { return other.route == p.route })
	if len(r.declared) > 0 && r.outline.rest != restMount && !known {
		*found = append(*found, p)
	}
	for _, child := range r.children {
		next := p
		switch role := child.selector.role(); {
		case role == onNothing && p.route == r:
			next.route = child
		case role == onPath || role == onRest:
			var err error
			if next, err = p.step(child.selector); err != nil {
				continue // it is a mistake of the child already
			}
		}
		next.collect(child, found)
	}
}

// step returns the place that a selector leads to. Where that route was declared
// it is the one of the place, and so the leaf is in its scope.
func (p fillerPlace) step(next selector) (fillerPlace, error) {
	route := p.route.known(next)
	if route == nil {
		var err error
		if route, err = p.route.newChild(next); err != nil {
			return p, err
		}
	}
	return fillerPlace{route, append(slices.Clip(p.way), next)}, nil
}

// newFiller makes the leaf of a place.
func newFiller(p fillerPlace, want app.DefaultRoute, around frame) (fillerLeaf, error) {
	p, err := p.step(byMethod(want.Method))
	if err != nil {
		return fillerLeaf{}, err
	}
	l := newLeaf(p.route, originFiller, want.Site, around)
	err = l.spoilt
	if err == nil {
		l.endpoint, err = app.NewEndpoint(p.route, l.path, silent)
	}
	l.services = services{{l.method, qualityFiller}}
	return fillerLeaf{l, p.way}, err
}

// plant puts the leaf at its place below the node of the plugin's route, unless
// another one has it: then it returns that one. It gets a node of its own for the
// method, since it counts less than what else is below one.
func (f fillerLeaf) plant(n *node, around frame) (first *leaf) {
	last := len(f.way) - 1
	for _, next := range f.way[:last] {
		if next != (slash{}) || !around.ignoresSlash {
			n = n.child(next)
		}
	}
	own := &node{selector: f.way[last], leaves: []*leaf{f.leaf}}
	if taken := n.known(own.selector); taken != nil && len(taken.leaves) > 0 {
		return taken.leaves[0]
	}
	own.serve(f.leaf)
	n.children = append(n.children, own)
	return nil
}

// silent leaves a call to the hooks of plugins, without the warning that a
// handler gets.
func silent(c *app.Call) error {
	c.SetStatus(http.StatusNotFound)
	return nil
}
