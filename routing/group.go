package routing

import (
	"errors"
	"fmt"

	"github.com/chitor-go/chitor/app"
)

// Group adds a part of r without a path of its own, lets declare fill it, and
// returns it. What is installed, used or intercepted there is for the routes of
// the block alone, and never for a call that nothing serves. Which route is
// chosen is as if the routes were declared on r itself, but that each call of
// Group makes a new part: equal paths in two groups are two routes, of which the
// first wins. A plugin that asks for routes of its own, as CORS does for
// OPTIONS, gets them at the paths that are declared in the group. A nil declare
// is a mistake.
//
// Ktor: what authenticate and rateLimit make; chi: Group.
func (r *Route) Group(declare func(*Route)) *Route {
	site := r.caller()
	if declare == nil {
		return r.refuse(site, errors.New("group: the block is nil"))
	}
	made := r.below(site, "group", &group{site})
	declare(made)
	return made
}

// group is the selector of a part without a path. It is equal to no other, and
// the walk does not see it: compile puts what is below it in its place.
type group struct{ site app.Site }

func (s *group) key() any                    { return s }
func (s *group) role() role                  { return onNothing }
func (s *group) extend(*outline) error       { return nil }
func (s *group) match(*walk, *node, int) fit { return fit{quality: qualityTransparent} }

// scopePath returns the path of a route's scope, for messages.
func scopePath(selector selector, extended *outline) string {
	if g, is := selector.(*group); is {
		return fmt.Sprintf("a group of %s, at %s", extended.pattern(), g.site)
	}
	return extended.pattern()
}
