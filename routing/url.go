package routing

import (
	"errors"
	"fmt"

	"github.com/chitor-go/chitor/app"
)

// URL returns the path of the route that [Route.Named] has given a name, with
// the query, from pairs of a name and a value:
//
//	routing.URL(a, "user", "id", 7)                    // /users/7
//	routing.URL(a, "user", "id", "a/b", "tab", "mail") // /users/a%2Fb?tab=mail
//
// A name that the path has is its parameter; all others become the query, in
// the order of the pairs. Values are texts, numbers, booleans, of a type of your
// own as well, and what is an [encoding.TextMarshaler] or a [fmt.Stringer], in
// that order: what [app.PathParam] reads. They are written so that each stays in
// its segment. A tail takes a []string of its segments, or a text that is split
// at its slashes; nothing remains for it if it is empty or left out. What is
// optional at the end of a path may be left out as well. A pair of the query may
// have a []string, and an empty value.
//
// Errors are a name that no route has, a pair without a value or with a value
// of another type, and a path that no request can have: a parameter that is
// missing, given twice or empty, or that its expression does not match, an empty
// segment of a tail, and "." and ".." as a whole segment, which clients resolve.
// A route with a * or [Route.Regexp] has no URL, since nothing says what stands
// there. URL does not look whether another route is better for the path: that of
// /users/{id} with the id me is /users/me.
//
// The path begins with [app.Config.RootPath]; what a router around the
// application takes away is not known here. Before Start URL is called where
// routes are declared, and afterwards from any goroutine.
func URL(a *app.Application, name string, pairs ...any) (string, error) {
	built, err := buildURL(a, name, pairs)
	if err != nil {
		return "", fmt.Errorf("url of %q: %w", name, err)
	}
	return built, nil
}

func buildURL(a *app.Application, name string, pairs []any) (string, error) {
	var known map[string]naming
	if t, routed := treeKey.Get(a); routed {
		known = t.names
	}
	named, is := known[name]
	if !is {
		return "", errors.New("no route has that name")
	}
	around, err := frameOf(a)
	if err != nil {
		return "", err
	}
	b, err := newURLBuilder(around, pairs)
	if err != nil {
		return "", err
	}
	if err := b.path(named.route); err != nil {
		return "", fmt.Errorf("%s: %w", named.route, err)
	}
	if err := b.query(); err != nil {
		return "", err
	}
	return b.written.String(), nil
}
