package routing_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// pieces has routes whose paths are not of whole segments alone, below a root
// path.
func pieces(t *testing.T) *app.Application {
	a, _ := start(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.RootPath = "/shop/caf%C3%A9" })
		routing.Routes(a, func(r *routing.Route) {
			r.Get("", text("")).Named("root")
			r.Get("/items/{id}.json", param("id")).Named("affixed")
			r.Get("/{dot}.", param("dot")).Named("dot")
			r.Get("/users/{id?}", param("id")).Named("optional")
			r.Get("/slash/{id?}/", param("id")).Named("slash")
			r.Get("/shops/{shop?}/items", param("shop")).Named("middle")
			r.Get("/v{version...}", param("version")).Named("version")
			r.Get("/orders/{id:[0-9]+}", param("id")).Named("order")
			r.Get("/reports/{year:[0-9]{4}}.pdf", param("year")).Named("report")
			r.Regexp("x+").Get("", text("")).Named("expression")
		})
	})
	return a
}

func TestURLOfPieces(t *testing.T) {
	t.Parallel()
	a := pieces(t)
	for name, test := range map[string]struct {
		route string
		pairs []any
		want  string
		value string
	}{
		"the root":                   {"root", nil, "", ""},
		"text around a parameter":    {"affixed", []any{"id", "a/b.c"}, "/items/a%2Fb.c.json", "a/b.c"},
		"nothing between":            {"affixed", []any{"id", ""}, "/items/.json", ""},
		"two dots that are three":    {"dot", []any{"dot", ".."}, "/...", ".."},
		"an optional one":            {"optional", []any{"id", 7}, "/users/7", "7"},
		"left out":                   {"optional", nil, "/users", ""},
		"left out, with a slash":     {"slash", nil, "/slash/", ""},
		"given, with a slash":        {"slash", []any{"id", 7}, "/slash/7/", "7"},
		"in the middle":              {"middle", []any{"shop", "x"}, "/shops/x/items", "x"},
		"a tail with a prefix":       {"version", []any{"version", "1/2"}, "/v1/2", "1/2"},
		"the prefix alone":           {"version", nil, "/v", ""},
		"an expression":              {"order", []any{"id", 12}, "/orders/12", "12"},
		"an expression in a segment": {"report", []any{"year", 2026}, "/reports/2026.pdf", "2026"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := routing.URL(a, test.route, test.pairs...)
			require.NoError(t, err)
			assert.Equal(t, "/shop/caf%C3%A9"+test.want, got)
			assert.Equal(t, test.value, ask(t, a, "GET "+got).body)
		})
	}
	for name, test := range map[string]struct {
		route string
		pairs []any
		err   string
	}{
		"a dot":             {"dot", []any{"dot", "."}, `/{dot}.: parameter dot: clients resolve ".." as a segment`},
		"what follows":      {"middle", nil, `/shops/{shop?}/items: parameter shop is missing, and the path goes on behind it`},
		"no match":          {"order", []any{"id", "12a"}, `/orders/{id:[0-9]+}: parameter id: "12a" is not what the expression matches`},
		"no match inside":   {"report", []any{"year", 26}, `/reports/{year:[0-9]{4}}.pdf: parameter year: "26" is not what the expression matches`},
		"an empty optional": {"optional", []any{"id", ""}, `/users/{id?}: parameter id: no segment is empty`},
		"of segments":       {"expression", nil, `/Regexp(x+): nothing says what stands for Regexp(x+)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := routing.URL(a, test.route, test.pairs...)
			assert.EqualError(t, err, `url of "`+test.route+`": `+test.err)
		})
	}
}
