package routing

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"

	"github.com/go-chi/chi/v5"

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
		conditions:  ordinals{},
		headers:     ordinals{},
	}
	var err error
	if c.frame, err = frameOf(c.application); err != nil {
		c.mistakes = append(c.mistakes, err)
	}
	top := c.build(root)
	top.settle()
	c.leaves.contest()
	t := newTable(top, &c)
	register(t, &c.leaves, c.log)
	c.warnUnreached(t)
	c.warnLoneSlashes()
	all := c.leaves.all()
	t.listing = &listing{sync.OnceValue(func() *chi.Mux { return show(all, t.frame) })}
	return t, c.mistakes
}

// leaves are those of a table, each kind in the order of declaration.
type leaves struct {
	verbs     []*leaf // for one method
	aliases   []*leaf // of those, for another one
	anyMethod []*leaf // for any method
	fillers   []*leaf // what plugins ask for where there is nothing else
}

// all returns them in the order in which they have places.
func (ls *leaves) all() []*leaf {
	return slices.Concat(ls.verbs, ls.aliases, ls.anyMethod, ls.fillers)
}

// compiler turns declared routes into nodes and leaves.
type compiler struct {
	application *app.Application
	log         *slog.Logger
	leaves      leaves
	mistakes    []error
	reported    map[string]bool // those that several leaves have
	conditions  ordinals        // by their keys
	headers     ordinals        // that conditions look at
	above       []*node         // the nodes from the root to the one that is built

	frame
}

// build returns the node of a route, with everything below it.
func (c *compiler) build(r *Route) *node {
	n := &node{selector: r.selector}
	if asked, is := r.selector.(condition); is {
		n.asked, n.header = c.conditions.of(asked.key()), c.headers.of(asked.header)
	}
	c.above = append(c.above, n)
	c.fill(n, r)
	c.above = c.above[:len(c.above)-1]
	return n
}

// fill gives a node what was declared on a route, and below it. A child that no
// walk sees has the same node, as a slash has that is ignored.
func (c *compiler) fill(n *node, r *Route) {
	if len(r.declared) > 0 {
		c.addDeclared(r, n)
	}
	fillers := c.fillersOf(r)
	for _, child := range r.children {
		if child.selector.role() == onNothing || c.ignoresSlash && child.selector == (slash{}) {
			c.fill(n, child)
		} else {
			n.children = append(n.children, c.build(child))
		}
	}
	for _, f := range fillers {
		first := f.plant(n, c.frame)
		if first != nil && first.origin == originFiller && !first.isBelow(r) {
			warn(c.log, "plugins of two groups answer one path: those of the first one do", f.leaf, f.site, first.site)
		}
		c.serve(f.leaf)
	}
}

// ordinals number what a walk remembers, from 0.
type ordinals map[any]int

// of returns the number of a name: equal ones have the same.
func (o ordinals) of(name any) int {
	if _, known := o[name]; !known {
		o[name] = len(o)
	}
	return o[name]
}

// addDeclared makes the leaf of a route that has handlers.
func (c *compiler) addDeclared(r *Route, n *node) {
	first := r.declared[0].site
	l := newLeaf(r, originDeclared, first, c.frame)
	handlers := make([]app.Handler, len(r.declared))
	for i, d := range r.declared {
		handlers[i] = d.handler
		l.head = l.head || d.stream || d.head
		if i > 0 && !r.declared[i-1].mayPass {
			warn(c.log, "a route has several handlers: each runs only if those before it do not answer", l, d.site, first)
		}
		if _, installed := sse.Plugin.In(r); d.stream && !installed {
			c.mistake(r, d.site, errors.New("the plugin SSE is not installed: call a.Install(sse.Plugin)"))
		}
	}
	if l.spoilt != nil {
		c.log.Warn("a route can never be reached", "route", l.String(), "site", first.String(), "reason", l.spoilt)
		return
	}
	for _, capture := range l.captures {
		if capture.again {
			c.log.Warn("a parameter appears twice in a path: its value is both, joined by a slash",
				"parameter", capture.name, "route", l.String(), "site", first.String())
			break
		}
	}
	var err error
	l.endpoint, err = app.NewEndpoint(r, l.path, handlers...)
	if err != nil {
		c.once(err)
	} else if r.streams() {
		l.endpoint.SetStreams()
	}
	n.leaves = append(n.leaves, l)
	if l.method == anyMethod {
		c.leaves.anyMethod = append(c.leaves.anyMethod, l)
		return
	}
	c.leaves.verbs = append(c.leaves.verbs, l)
	l.services = services{{l.method, qualityConstant}}
	c.addAliases(r, l)
	if l.head {
		l.services = l.services.with(service{http.MethodHead, qualityFiller})
	}
	c.serve(l)
}

// serve notes that a leaf is at the node that is built, or below it.
func (c *compiler) serve(l *leaf) {
	for _, around := range c.above {
		around.serve(l)
	}
}

// addAliases makes the leaves by which a leaf for one method serves others as
// well, because plugins have asked for that.
func (c *compiler) addAliases(r *Route, l *leaf) {
	wanted := app.DefaultRoutes(c.application)
	for around := r; around != nil; around = around.parent {
		wanted = append(slices.Clip(wanted), app.DefaultRoutes(around)...)
	}
	for _, want := range wanted {
		if want.Like != l.method {
			continue
		}
		if err := checkMethod(want.Method); err != nil {
			c.once(badMethod(want, err))
			continue
		}
		added := *l
		added.method, added.origin = want.Method, originAlias
		l.services = l.services.with(service{want.Method, qualityAlias})
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

func badMethod(want app.DefaultRoute, err error) error {
	return fmt.Errorf("%s: a plugin asks for the method %q: %w", want.Site, want.Method, err)
}

// mistake returns what is wrong with a route that was declared at site.
func mistake(r *Route, site app.Site, err error) error {
	return fmt.Errorf("%s: route %s: %w", site, &r.outline, err)
}

func warn(log *slog.Logger, message string, l *leaf, site, first app.Site) {
	log.Warn(message, "route", l.String(), "site", site.String(), "first", first.String())
}
