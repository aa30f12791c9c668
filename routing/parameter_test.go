package routing_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// values answers with the name of a route and what was captured, as all three
// ways to ask tell it.
func values(t *testing.T, name string, parameters ...string) app.Handler {
	return func(c *app.Call) error {
		said := []string{name}
		for _, parameter := range parameters {
			value := c.PathParam(parameter)
			assert.Equal(t, value, c.Request.PathValue(parameter), parameter)
			assert.Equal(t, value, chi.URLParam(c.Request, parameter), parameter)
			said = append(said, parameter+"="+value)
		}
		return c.RespondText(strings.Join(said, " "))
	}
}

func TestPiecesOfPaths(t *testing.T) {
	t.Parallel()
	a, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/items/{id}.json", values(t, "json", "id"))
			r.Get("/items/pre-{id}-suf", values(t, "affixed", "id"))
			r.Get("/items/{id}", values(t, "item", "id"))
			r.Get("/caf%C3%A9-{name}%2F", values(t, "decoded", "name"))
			r.Get("/users/{id?}", values(t, "users", "id"))
			r.Get("/page-{n?}", values(t, "page", "n"))
			r.Get("/shops/{shop?}/items", values(t, "items", "shop"))
			r.Get("/v{version...}", values(t, "version", "version", "*"))
			r.Get("/orders/{id:[0-9]+}", values(t, "number", "id"))
			r.Get("/orders/{name}", values(t, "name", "name"))
			r.Get("/orders/{id:[0-9]+}/lines/{line:[a-c]{2}}", values(t, "line", "id", "line"))
			r.Get("/either/{x:a|b}", values(t, "either", "x"))
			r.Get("/reports/{year:[0-9]{4}}.pdf", values(t, "pdf", "year"))
			r.Regexp(`repos/(?<owner>\w+)/(?<repo>[^/]+)`).Route("/", func(r *routing.Route) {
				r.Get("tags/{tag}", values(t, "tag", "owner", "repo", "tag"))
			})
			r.Regexp(`/tags/(?<tag>.+)`).Post("", values(t, "tags", "tag"))
			r.Regexp(`maybe(?:/(?<x>x))?`).Get("", values(t, "maybe", "x"))
		})
	})
	for line, want := range map[string]string{
		"GET /items/7.json":           "json id=7",
		"GET /items/a.b.json":         "json id=a.b",
		"GET /items/.json":            "json id=",
		"GET /items/pre-a-suf-suf":    "affixed id=a-suf",
		"GET /items/pre-suf":          "item id=pre-suf",
		"GET /items/%2Fx.json":        "json id=/x",
		"GET /caf%C3%A9-x%2F":         "decoded name=x",
		"GET /users":                  "users id=",
		"GET /users/":                 "users id=",
		"GET /users/7":                "users id=7",
		"GET /users/7/":               "404",
		"GET /page-":                  "page n=",
		"GET /page-7":                 "page n=7",
		"GET /":                       "page n=",
		"GET /pagex":                  "404",
		"GET /shops/x/items":          "items shop=x",
		"GET /shops/items":            "404", // what is there is taken, and not given back
		"GET /v1/a/b":                 "version version=1/a/b *=1/a/b",
		"GET /v":                      "version version= *=",
		"GET /w":                      "404",
		"GET /orders/12":              "number id=12",
		"GET /orders/%31":             "number id=1",
		"GET /orders/12x":             "name name=12x",
		"GET /orders/1%2F2":           "name name=1/2",
		"GET /orders/1/lines/ab":      "line id=1 line=ab",
		"GET /orders/1/lines/abc":     "404",
		"GET /either/a":               "either x=a",
		"GET /either/ab":              "404",
		"GET /reports/2026.pdf":       "pdf year=2026",
		"GET /reports/206.pdf":        "404",
		"GET /repos/me/it/tags/v1":    "tag owner=me repo=it tag=v1",
		"GET /repos/me/a%2Fb/tags/v1": "404", // a slash in a segment is one to an expression
		"POST /tags/a/b%20c":          "tags tag=a/b c",
		"GET /maybe":                  "maybe x=",
		"GET /maybe/x":                "maybe x=x",
		"GET /maybe/y":                "404",
	} {
		got := ask(t, a, line)
		if want == "404" {
			assert.Equal(t, http.StatusNotFound, got.status, "%s: %s", line, got.body)
			continue
		}
		assert.Equal(t, want, got.body, line)
	}
	assert.Equal(t, "GET", ask(t, a, "PUT /items/7.json").header.Get("Allow"))
	assert.Equal(t, "POST", ask(t, a, "PUT /tags/x").header.Get("Allow"))
	assert.Empty(t, log.String())
}

func TestPatternsOfPieces(t *testing.T) {
	t.Parallel()
	serve(t, func(r *routing.Route) {
		for path, want := range map[string]string{
			"/items/{id}.json":  "/items/{id}.json",
			"/%2F{a}%25":        "/%2F{a}%25",
			"/users/{id?}":      "/users/{id?}",
			"/users/{id?}/":     "/users/{id?}/",
			"/a/{b?}/c":         "/a/{b?}/c",
			"/a/b{c...}":        "/a/b{c...}",
			"/{id:[0-9]{2}}":    "/{id:[0-9]{2}}",
			"/x{id:[a-z]+}y/*/": "/x{id:[a-z]+}y/*/",
		} {
			assert.Equal(t, want, r.Route(path, block).String())
		}
		assert.Equal(t, `/a/Regexp(b+)/c`, r.Route("/a", block).Regexp("b+").Route("c", block).String())
		first, second := r.Regexp("b+"), r.Regexp("b+")
		assert.Same(t, first, second)
	})
}

func TestRegexpMistakes(t *testing.T) {
	t.Parallel()
	for reason, declare := range map[string]func(*routing.Route){
		"route Regexp((): error parsing regexp: missing closing ): `(`":  func(r *routing.Route) { r.Regexp("(") },
		"route Regexp(a)(b): error parsing regexp: unexpected ): `a)(b`": func(r *routing.Route) { r.Regexp("a)(b") },
		"route Regexp(): the expression is empty, and takes no segment":  func(r *routing.Route) { r.Regexp("") },
		"route Regexp(x): nothing can be declared below a mount": func(r *routing.Route) {
			r.Mount("/m", http.NotFoundHandler()).Regexp("x")
		},
		"route Regexp(x): nothing can follow {t...}, which takes all that remains": func(r *routing.Route) {
			r.Route("/{t...}", block).Regexp("x")
		},
	} {
		assert.Contains(t, mistakes(t, declare), reason)
	}
}

// TestAlternativesOfARegexp: the first one that matches is taken, as by Ktor.
func TestAlternativesOfARegexp(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Regexp(`v(?<n>1|10)`).Get("/short", values(t, "short", "n"))
		r.Regexp(`v(?<n>10|1)`).Get("/long", values(t, "long", "n"))
	})
	assert.Equal(t, "short n=1", ask(t, a, "GET /v1/short").body)
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /v10/short").status)
	assert.Equal(t, "long n=1", ask(t, a, "GET /v1/long").body)
	assert.Equal(t, "long n=10", ask(t, a, "GET /v10/long").body)
}

// A mount behind what takes any number of segments finds its own path.
func TestMountsBehindPiecesThatAreNotCounted(t *testing.T) {
	t.Parallel()
	mounted := chi.NewRouter()
	mounted.Get("/x/{id}", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(chi.URLParam(r, "id"))) })
	a := serve(t, func(r *routing.Route) {
		r.Regexp(`(?<owner>\w+)/(?<repo>\w+)`).Mount("/files", mounted)
		r.Route("/maybe/{p?}", block).Mount("", mounted)
		r.Route("/text-{p}", block).Mount("/m", mounted)
	})
	for path, want := range map[string]string{
		"/me/it/files/x/1": "1",
		"/maybe/p/x/2":     "2",
		"/text-p/m/x/3":    "3",
	} {
		assert.Equal(t, want, ask(t, a, "GET "+path).body, path)
	}
}

// An expression sees a segment decoded, also what a path cannot hold as it is.
func TestExpressionsSeeDecodedSegments(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Get(`/stars/{x:[*%]+}`, param("x"))
		r.Get(`/stars/{x}`, text("other"))
	})
	for path, want := range map[string]string{"/stars/*": "*", "/stars/%25%2A": "%*", "/stars/%2F": "other", "/stars/a": "other", "/stars/2A": "other"} {
		assert.Equal(t, want, ask(t, a, "GET "+path).body, path)
	}
}

// Chi knows no order between expressions, nor between one and a parameter where
// somebody has a *.
func TestExpressionsAtOnePlace(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Get("/a/{x:[a-z]+}", text("first"))
		r.Get("/a/{y:[a-f]+}", text("second"))
		r.Get("/a/{z:[0-9]+}", text("third"))
		r.Get("/b/{p}", text("parameter"))
		r.Get("/b/{x:[a-z]+}", text("expression"))
		r.Get("/b/*", text("wildcard"))
		r.Post("/b/*", text("post"))
	})
	for line, want := range map[string]string{
		"GET /a/abc": "first",
		"GET /a/12":  "third",
		"GET /b/abc": "expression",
		"GET /b/12":  "parameter",
		"POST /b/12": "post",
	} {
		assert.Equal(t, want, ask(t, a, line).body, line)
	}
}
