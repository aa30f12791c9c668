package routing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/chitor-go/chitor/app"
)

// tree is the routes of an application: what was declared, and what Start has
// made of it.
type tree struct {
	application *app.Application
	root        *Route
	remarks     []remark
	starred     bool   // there is a remark about a * at an end
	frozen      bool   // nothing can be declared any more
	table       *table // nil before Start
	names       map[string]naming
	site        app.Site // what DeclareAt was given, zero outside of it
	tracers     []tracer
}

// A remark is what Start logs about a line that may not mean what was meant.
type remark struct {
	level      slog.Level
	message    string
	attributes []any
}

var treeKey = app.NewKey[*tree]("routing")

// Routes lets declare add to the routes of an application, whose root it is
// given: the first call makes the root, later ones extend it. Use on the root
// goes to the application. A nil declare is a mistake.
//
// Ktor: routing.
func Routes(a *app.Application, declare func(*Route)) {
	t := treeOf(a)
	if declare == nil {
		a.FailAt(app.Caller(1), errors.New("routes: the block is nil"))
		return
	}
	declare(t.root)
}

// treeOf returns the tree of an application, which it makes if need be.
func treeOf(a *app.Application) *tree {
	t, known := treeKey.Get(a)
	if !known {
		t = &tree{application: a}
		t.root = &Route{tree: t, selector: root{}, scope: app.NewScope(a, "/")}
		treeKey.Set(a, t)
		a.SetRouter(func() (app.Router, error) { return t.freeze() })
	}
	return t
}

// freeze makes the router of what was declared. The error is everything that is
// wrong with it.
func (t *tree) freeze() (app.Router, error) {
	t.frozen = true
	for _, r := range t.remarks {
		t.application.Logger().Log(context.Background(), r.level, r.message, r.attributes...)
	}
	compiled, mistakes := compile(t.root)
	compiled.tracers = t.tracers
	t.table = compiled
	return newRouter(compiled), errors.Join(mistakes...)
}

// open reports whether routes can still be declared, and says so if not.
func (t *tree) open(site app.Site, what string) bool {
	if t.frozen {
		t.application.FailAt(site, fmt.Errorf("%s: routes are declared before Start", what))
	}
	return !t.frozen
}

// remark adds one about a line of a module.
func (t *tree) remark(level slog.Level, site app.Site, message string, attributes ...any) {
	if !t.frozen { // else the line is refused
		t.remarks = append(t.remarks, remark{level, message, append(attributes, "site", site.String())})
	}
}

func (t *tree) fail(site app.Site, err error) { t.application.FailAt(site, err) }
