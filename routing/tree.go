package routing

import (
	"errors"
	"fmt"

	"github.com/chitor-go/chitor/app"
)

// tree is an application's routes while they are declared.
type tree struct {
	application *app.Application
	root        *Route
	frozen      bool
	router      *router // nil before the tree is frozen
}

var treeKey = app.NewKey[*tree]("routing")

// Routes declares routes of an application: the first call makes the root,
// later ones extend it, as Ktor's routing {} does. What declare gives to Use on
// the root goes to the application.
func Routes(a *app.Application, declare func(*Route)) {
	t, known := treeKey.Get(a)
	if !known {
		t = &tree{application: a}
		t.root = &Route{tree: t}
		t.root.Scope = app.NewScope(a, "/")
		treeKey.Set(a, t)
		a.SetRouter(func() (app.Router, error) { return t.freeze() })
	}
	if declare == nil {
		a.FailAt(app.Caller(1), errors.New("routes: the block is nil"))
		return
	}
	declare(t.root)
}

// open reports whether routes can still be declared, and says so if not.
func (t *tree) open(site app.Site, what string) bool {
	if t.frozen {
		t.application.FailAt(site, fmt.Errorf("%s: routes are declared before Start", what))
	}
	return !t.frozen
}

func (t *tree) fail(site app.Site, err error) { t.application.FailAt(site, err) }
