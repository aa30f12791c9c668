package app_test

import (
	"errors"
	"net/http"
	"path"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// table is the smallest router there can be: a path is a key.
type table struct {
	endpoints map[string]*app.Endpoint
	contexts  atomic.Int32 // how many router contexts were made
}

type routerKey struct{}

// routerContext is what table binds to a call.
type routerContext struct{ path, routed string }

func (t *table) ServeCall(c *app.Call) error {
	endpoint, found := t.endpoints[c.Request.URL.Path]
	if !found {
		c.SetStatus(http.StatusNotFound)
		return nil
	}
	c.Request.SetPathValue("last", path.Base(c.Request.URL.Path))
	return endpoint.Serve(c)
}

func (t *table) ContextKey() any { return routerKey{} }

func (t *table) RouterContext(c *app.Call, routed *http.Request) any {
	t.contexts.Add(1)
	made := &routerContext{path: c.Route()}
	if routed != nil {
		made.routed = routed.URL.Path
	}
	return made
}

// branch declares routes of a table: it is a scope, and a path in front of what
// is declared on it.
type branch struct {
	app.Scope
	path   string
	leaves *[]func(*table) error
}

// routes gives a a table of routes, declared on the root of its tree.
func routes(a *app.Application, declare func(root *branch)) *table {
	made := &table{endpoints: map[string]*app.Endpoint{}}
	root := &branch{app.NewScope(a, "/"), "/", new([]func(*table) error)}
	declare(root)
	a.SetRouter(func() (app.Router, error) {
		var errs []error
		for _, leaf := range *root.leaves {
			errs = append(errs, leaf(made))
		}
		return made, errors.Join(errs...)
	})
	return made
}

// at declares on a branch of b.
func (b *branch) at(below string, declare func(*branch)) {
	whole := path.Join(b.path, below)
	declare(&branch{app.NewScope(b.Scope, whole), whole, b.leaves})
}

// handle lets handlers answer the calls of a path below b.
func (b *branch) handle(below string, handlers ...app.Handler) {
	whole := path.Join(b.path, below)
	*b.leaves = append(*b.leaves, func(t *table) error {
		endpoint, err := app.NewEndpoint(b.Scope, whole, handlers...)
		t.endpoints[whole] = endpoint
		return err
	})
}

func TestRouterServesCalls(t *testing.T) {
	t.Parallel()
	a := start(t, func(a *app.Application) {
		routes(a, func(root *branch) {
			root.handle("", text("root"))
			root.at("users", func(users *branch) {
				users.handle("anna", func(c *app.Call) error {
					assert.Equal(t, "/users/anna", c.Route())
					assert.Equal(t, "/users/anna", c.Endpoint().Pattern())
					assert.Same(t, users.Scope, c.Scope())
					assert.Same(t, a, c.Application())
					return c.RespondText(c.PathParam("last"))
				})
			})
		})
	})
	for target, want := range map[string]struct {
		status int
		text   string
	}{
		"/":           {http.StatusOK, "root"},
		"/users/anna": {http.StatusOK, "anna"},
		"/users":      {http.StatusNotFound, ""},
	} {
		response := get(t, a, target)
		assert.Equal(t, want.status, response.StatusCode, target)
		assert.Equal(t, want.text, body(t, response), target)
	}
}

func TestHandlersOfARouteRunUntilOneAnswers(t *testing.T) {
	t.Parallel()
	var seen journal
	a := start(t, func(a *app.Application) {
		routes(a, func(root *branch) {
			root.handle("",
				func(*app.Call) error { seen.add("silent"); return nil },
				func(c *app.Call) error { seen.add("answers"); return c.RespondText("here") },
				func(*app.Call) error { seen.add("too late"); return nil })
		})
	})
	assert.Equal(t, "here", body(t, get(t, a, "/")))
	assert.Equal(t, []string{"silent", "answers"}, seen.all())
}
