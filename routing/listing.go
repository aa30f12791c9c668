package routing

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/chitor-go/chitor/app"
)

// Mux returns chi routes that show what an application serves, for chi.Walk and
// for what is made to read them, and whether there are any: Start makes the
// routes, and the first look at them what is shown. They list every pattern as
// one would write it for chi, with the root path, under the methods that chi
// knows, and the routes of mounted chi routers and applications at their places:
//
//	/users/{id}        one segment, as {id}.json and {id:[0-9]+} are
//	/users/{*1}        a *, which is all that remains to chi
//	/files/* /files    {path...}, and where nothing remains for it
//	/pages/{n} /pages  {n?}
//	/sums/*            what comes below a Regexp
//
// Middlewares are not listed: the chains are Chitor's. What is below conditions
// is listed without them: see [AllRoutes]. The routes must not be served from,
// nor be added to.
func Mux(a *app.Application) (chi.Routes, bool) {
	t, ok := treeKey.Get(a)
	if !ok || t.table == nil {
		return nil, false
	}
	return t.table.listing.made(), true
}

// show makes the chi routes that show leaves. Chi replaces what is there, so
// mounts come first, and of other leaves with one pattern the first comes last.
func show(all []*leaf, around frame) *chi.Mux {
	listed, mounts := chi.NewMux(), map[string]bool{}
	for _, l := range all {
		if l.rest != restMount {
			continue
		}
		patterns := l.listed(around)
		pattern := patterns[len(patterns)-1] // what is optional in front of more is not missing
		if !mounts[pattern] {
			mounts[pattern] = true
			showMount(listed, pattern, l.route.declared[0].mounted)
		}
	}
	for _, l := range slices.Backward(all) {
		if l.rest == restMount {
			continue
		}
		for _, pattern := range l.listed(around) {
			if l.method == anyMethod {
				showAny(listed, pattern)
			}
			for _, s := range l.services {
				showMethod(listed, s.method, pattern)
			}
		}
	}
	return listed
}

// showAny shows a pattern for any method. Chi's Handle takes what is in front of
// a blank for a method.
func showAny(listed *chi.Mux, pattern string) {
	for _, method := range chiMethods {
		showMethod(listed, method, pattern)
	}
}

func showMethod(listed *chi.Mux, method, pattern string) {
	if isChis(method) {
		attempt(func() { listed.Method(method, pattern, http.NotFoundHandler()) })
	}
}

// attempt does what chi may panic from, where our patterns say more than it can
// read: such a pattern is not shown.
func attempt(list func()) (listed bool) {
	defer func() {
		if recover() != nil {
			listed = false
		}
	}()
	list()
	return true
}

// showMount shows what is mounted, with its own routes where it has some.
func showMount(listed *chi.Mux, pattern string, handler http.Handler) {
	inside := routesOf(handler)
	if inside != nil && attempt(func() { listed.Mount(pattern, mounted{inside}) }) {
		return
	}
	for _, shown := range []string{pattern, strings.TrimSuffix(pattern, "/") + "/*"} {
		showAny(listed, shown)
	}
}

// routesOf returns the chi routes of a handler, nil if it has none.
func routesOf(handler http.Handler) chi.Routes {
	switch handler := handler.(type) {
	case chi.Routes:
		return handler
	case *app.Application:
		inside, _ := Mux(handler)
		return inside
	default:
		return nil
	}
}

// chiRoutes is embedded under a name that is not that of one of its methods.
type chiRoutes = chi.Routes

// mounted are the routes of a mounted handler, for chi, which gives a *chi.Mux
// that it mounts its own answers to what is not found.
type mounted struct{ chiRoutes }

func (mounted) ServeHTTP(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }

// listing is the chi routes that the contexts of calls have, made at the first
// look at them.
type listing struct{ made func() *chi.Mux }

func (l *listing) Routes() []chi.Route          { return l.made().Routes() }
func (l *listing) Middlewares() chi.Middlewares { return l.made().Middlewares() }

func (l *listing) Match(c *chi.Context, method, path string) bool {
	return l.made().Match(c, method, path)
}

func (l *listing) Find(c *chi.Context, method, path string) string {
	return l.made().Find(c, method, path)
}

// listed returns the patterns of a leaf as one would write them for chi.
func (l *leaf) listed(around frame) []string {
	p := patterns{written: around.root, names: map[string]bool{}}
	p.add(l.route)
	all := append(p.shorter, p.written)
	for i := range all {
		if p.slash && !around.ignoresSlash && !strings.HasSuffix(all[i], "/") || all[i] == "" {
			all[i] += "/"
		}
	}
	return all
}

// patterns are those of one route.
type patterns struct {
	written  string
	shorter  []string // where what is optional, or all that remains, is missing
	slash    bool     // one is to follow
	open     bool     // nothing that follows can be shown
	names    map[string]bool
	position int
}

// add adds what a route asks for, from the root on.
func (p *patterns) add(r *Route) {
	if r.parent != nil {
		p.add(r.parent)
	}
	switch s := r.selector.(type) {
	case constant:
		p.piece(escape(s.text))
	case parameter:
		without := p.bare()
		p.piece(escape(s.prefix) + p.named(s.name, "") + escape(s.suffix))
		if s.optional {
			p.shorter = without
		}
	case expression:
		p.piece(escape(s.prefix) + p.named(s.name, ":"+s.text) + escape(s.suffix))
	case wildcard:
		p.piece(p.named("", ""))
	case tail:
		without := p.bare()
		if p.piece(escape(s.prefix) + "*"); s.prefix == "" {
			p.shorter = without
		}
	case span:
		p.piece("*")
		p.open = true
	case slash:
		p.slash = !p.open
	}
}

func (p *patterns) piece(written string) {
	if !p.open {
		p.written += "/" + written
		p.shorter, p.slash = nil, false
	}
	p.position++
}

// bare returns the path so far as a pattern.
func (p *patterns) bare() []string {
	switch {
	case p.open:
		return p.shorter
	case p.slash || p.written == "":
		return []string{p.written + "/"}
	default:
		return []string{p.written}
	}
}

// named writes a parameter. Chi wants a name, and no name twice.
func (p *patterns) named(name, expression string) string {
	shown := name
	if name == "" || p.names[name] {
		shown += "*" + strconv.Itoa(p.position)
	}
	p.names[name] = true
	return "{" + shown + expression + "}"
}
