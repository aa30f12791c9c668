package routing

import (
	"fmt"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// IgnoreTrailingSlash is the plugin that makes no difference between a path with
// a slash at its end and the same one without it: each of them finds the routes
// of both, and of two equal ones the first one wins. What a tail has taken has
// no slash at its end, and an expression that ends in one matches both. The
// request keeps its path, which is what a mounted handler looks at. It has no
// configuration, and is installed on the application.
//
// Ktor: IgnoreTrailingSlash.
var IgnoreTrailingSlash = app.NewPlugin("IgnoreTrailingSlash",
	func() struct{} { return struct{}{} },
	func(*app.PluginBuilder[struct{}]) error { return nil })

// frame is what holds for all paths of an application.
type frame struct {
	root         string // what each begins with, as routePath writes it, or empty
	rootSegments int    // how many there are in root
	ignoresSlash bool   // at the end
}

// frameOf returns the frame of an application, or what is wrong with its root
// path.
func frameOf(a *app.Application) (frame, error) {
	var f frame
	_, f.ignoresSlash = IgnoreTrailingSlash.In(a)
	selectors, err := parse(strings.TrimRight(a.RootPath(), "/"))
	if err != nil {
		return f, fmt.Errorf("root path %q: %w", a.RootPath(), err)
	}
	for _, next := range selectors {
		text, is := next.(constant)
		if !is {
			return f, fmt.Errorf("root path %q: a parameter, a * or a tail cannot be in it", a.RootPath())
		}
		f.root += "/" + escape(text.text)
		f.rootSegments++
	}
	return f, nil
}

// inside returns what a path of routePath is inside the frame, and whether it is
// there.
func (f *frame) inside(path string) (string, bool) {
	if f.root != "" {
		below, found := strings.CutPrefix(path, f.root)
		if !found || below != "" && below[0] != '/' {
			return "", false
		}
		if path = below; path == "" {
			path = "/"
		}
	}
	if f.ignoresSlash && len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return path, true
}

// whole returns a pattern of a route inside the frame with what is around it.
func (f *frame) whole(o *outline, inside string) string {
	if inside == "/" && !o.slash && f.root != "" {
		return f.root
	}
	return f.root + inside
}
