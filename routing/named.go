package routing

import (
	"errors"
	"fmt"

	"github.com/chitor-go/chitor/app"
)

// naming is who has a name, and the line that gave it.
type naming struct {
	route *Route
	site  app.Site
}

// Named gives r a name, by which [URL] finds its path, and returns r. A name
// belongs to one route of an application, whatever blocks and modules there are,
// and a route has one at most. The route may be what a verb has returned or any
// part of a path, with handlers or without:
//
//	r.Get("/users/{id}", user).Named("user")
//
// An empty name, a second one, and one that another route has are mistakes.
func (r *Route) Named(name string) *Route {
	site := r.caller()
	what := fmt.Sprintf("name %q for %s", name, &r.outline)
	if !r.tree.open(site, what) {
		return r
	}
	if err := r.tree.giveName(r, name, site); err != nil {
		r.tree.fail(site, fmt.Errorf("%s: %w", what, err))
	}
	return r
}

// giveName gives a route a name, or returns why it cannot have it.
func (t *tree) giveName(r *Route, name string, site app.Site) error {
	taken, isTaken := t.names[name]
	switch {
	case name == "":
		return errors.New("the name is empty")
	case r.name != "":
		return fmt.Errorf("the route is %q already, at %s", r.name, t.names[r.name].site)
	case isTaken:
		return fmt.Errorf("it is that of %s already, at %s", &taken.route.outline, taken.site)
	}
	if t.names == nil {
		t.names = map[string]naming{}
	}
	t.names[name], r.name = naming{r, site}, name
	return nil
}
