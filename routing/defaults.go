package routing

import (
	"errors"
	"net/http"
	"slices"

	"github.com/chitor-go/chitor/app"
)

// addLikes makes the leaves by which routes for one method serve another one,
// where plugins have asked for that.
func (f *freezer) addLikes() {
	for _, l := range f.verbs {
		wanted := app.DefaultRoutes(f.tree.application)
		for route := l.route; route != nil; route = route.parent {
			wanted = append(slices.Clip(wanted), app.DefaultRoutes(route)...)
		}
		for _, want := range wanted {
			if want.Like == l.method {
				like := *l
				like.method, like.derived = want.Method, true
				l.route.likes = append(l.route.likes, want.Method)
				f.likes = append(f.likes, &like)
			}
		}
	}
}

// addGaps makes the leaves of routes without handlers that plugins on r have
// asked for, at every path below r.
func (f *freezer) addGaps(r *Route) {
	for _, want := range app.DefaultRoutes(r) {
		if want.Like != "" || r.last().kind == mounted { // a mount takes every method by itself
			continue
		}
		gap := r
		if r.last().kind != tail {
			gap = r.child(selector{kind: tail})
		}
		if !methods[want.Method] {
			f.mistake(r, want.Site, errors.New("a plugin asks for the method "+want.Method+", which is unknown"))
			continue
		}
		gap = gap.child(selector{kind: byMethod, text: want.Method})
		l, err := newLeaf(gap)
		if err == nil {
			l.endpoint, err = app.NewEndpoint(gap, l.pattern, silent)
		}
		if err != nil {
			f.mistake(gap, want.Site, err)
			continue
		}
		f.router.leaves[l.endpoint] = l
		plant(gap, l)
		f.contest(l)
		f.gaps = append(f.gaps, l)
	}
}

// plant puts a leaf that stands for a plugin into the tree, unless a handler
// stands there.
func plant(gap *Route, l *leaf) {
	if gap.leaf != nil || len(gap.declared) > 0 {
		return
	}
	gap.leaf, gap.gap = l, true
	for node := gap; node.parent != nil; node = node.parent {
		if !slices.Contains(node.parent.children, node) {
			node.parent.children = append(node.parent.children, node)
		}
	}
}

// silent leaves a call to the hooks of plugins, without the warning that a
// handler gets.
func silent(c *app.Call) error {
	c.SetStatus(http.StatusNotFound)
	return nil
}
