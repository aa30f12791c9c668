package routing

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
)

// compile makes the table that serves what was declared below root, which it
// leaves as it is. The mistakes are all there are, each with the line that made
// it; a table with mistakes is not served from.
func compile(root *Route) (*table, []error) {
	c := compiler{
		application: root.tree.application,
		log:         root.tree.application.Logger(),
		reported:    map[string]bool{},
	}
	top := c.build(root)
	conditional := c.leaves.contest()
	t := newTable(top, conditional)
	register(t, &c.leaves, c.log)
	return t, c.mistakes
}

// leaves are those of a table, each kind in the order of declaration.
type leaves struct {
	verbs     []*leaf // for one method
	aliases   []*leaf // of those, for another one
	anyMethod []*leaf // for any method
	fillers   []*leaf // what plugins ask for where there is nothing else
}

// contest marks the leaves whose choice is not chi's, because others for the
// same path depend on conditions, and reports whether any depends on one.
func (ls *leaves) contest() (conditional bool) {
	all := slices.Concat(ls.verbs, ls.aliases, ls.anyMethod, ls.fillers)
	for _, l := range all {
		if len(l.conditions) == 0 {
			continue
		}
		conditional = true
		for _, other := range all {
			other.contested = other.contested || l.overlaps(&other.outline)
		}
	}
	return conditional
}

// compiler turns declared routes into nodes and leaves.
type compiler struct {
	application *app.Application
	log         *slog.Logger
	leaves      leaves
	mistakes    []error
	reported    map[string]bool // those that several leaves have
}

// build returns the node of a route, with everything below it.
func (c *compiler) build(r *Route) *node {
	n := &node{selector: r.selector}
	if len(r.declared) > 0 {
		c.addDeclared(r, n)
	}
	fillers := c.fillersOf(r)
	for _, child := range r.children {
		n.children = append(n.children, c.build(child))
	}
	for _, f := range fillers {
		f.plant(n)
	}
	return n
}

// addDeclared makes the leaf of a route that has handlers.
func (c *compiler) addDeclared(r *Route, n *node) {
	first := r.declared[0].site
	l := newLeaf(r, originDeclared, first)
	handlers := make([]app.Handler, len(r.declared))
	for i, d := range r.declared {
		handlers[i] = d.handler
		l.stream = l.stream || d.stream
		if i > 0 {
			warn(c.log, "a route has several handlers: each runs only if those before it do not answer", l, d.site, first)
		}
		if _, installed := sse.Plugin.In(r); d.stream && !installed {
			c.mistake(r, d.site, errors.New("the plugin SSE is not installed: call a.Install(sse.Plugin)"))
		}
	}
	if l.spoilt != nil {
		c.mistake(r, first, l.spoilt)
		return
	}
	var err error
	l.endpoint, err = app.NewEndpoint(r, l.path, handlers...)
	if err != nil {
		c.once(err)
	}
	n.leaf = l
	if l.method == anyMethod {
		c.leaves.anyMethod = append(c.leaves.anyMethod, l)
		return
	}
	c.leaves.verbs = append(c.leaves.verbs, l)
	c.addAliases(r, n)
}

// addAliases makes the leaves by which the route of a node, which is for one
// method, serves others as well, because plugins have asked for that.
func (c *compiler) addAliases(r *Route, n *node) {
	wanted := app.DefaultRoutes(c.application)
	for around := r; around != nil; around = around.parent {
		wanted = append(slices.Clip(wanted), app.DefaultRoutes(around)...)
	}
	for _, want := range wanted {
		if want.Like != n.leaf.method {
			continue
		}
		if !methods[want.Method] {
			c.once(unknownMethod(want))
			continue
		}
		added := *n.leaf
		added.method, added.origin = want.Method, originAlias
		n.aliases = append(n.aliases, want.Method)
		c.leaves.aliases = append(c.leaves.aliases, &added)
	}
}

func (c *compiler) mistake(r *Route, site app.Site, err error) {
	c.mistakes = append(c.mistakes, mistake(r, site, err))
}

// once adds a mistake that several leaves have in common.
func (c *compiler) once(mistake error) {
	if !c.reported[mistake.Error()] {
		c.reported[mistake.Error()] = true
		c.mistakes = append(c.mistakes, mistake)
	}
}

func unknownMethod(want app.DefaultRoute) error {
	return fmt.Errorf("%s: a plugin asks for the method %s, which is unknown", want.Site, want.Method)
}

// mistake returns what is wrong with a route that was declared at site.
func mistake(r *Route, site app.Site, err error) error {
	return fmt.Errorf("%s: route %s: %w", site, &r.outline, err)
}

func warn(log *slog.Logger, message string, l *leaf, site, first app.Site) {
	log.Warn(message, "route", l.String(), "site", site.String(), "first", first.String())
}
