package routing_test

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// linked has a route of each kind, named by what it is.
func linked(tb testing.TB) *app.Application {
	return serve(tb, func(r *routing.Route) {
		r.Get("", text("")).Named("root")
		r.Get("/a b/é/%2F", text("")).Named("constants")
		r.Get("/users/{id}", text("")).Named("user")
		r.Get("/users/{id}/", text("")).Named("slash")
		r.Get("/pairs/{a}/{b}", text("")).Named("pair")
		r.Get("/twice/{p}/{p}", text("")).Named("twice")
		r.Get("/files/{path...}", text("")).Named("tail")
		r.Get("/rest/{...}", text("")).Named("rest")
		r.Route("/dir/", func(r *routing.Route) { r.Get("{path...}", text("")).Named("behind") })
		r.Get("/star/*", text("")).Named("star")
		r.Mount("/mount/{tenant}", http.NotFoundHandler()).Named("mount")
		r.Route("/bare/{id}", block).Named("bare")
		r.Group(func(r *routing.Route) { r.Header("X", "1").Get("/grouped", text("")).Named("grouped") })
		r.Get("/./{id}", text("")).Named("dot")
	})
}

type (
	word     string
	number   int8
	weekday  int
	opposite struct{ text string }
	failing  struct{}
)

func (d weekday) String() string { return [...]string{"sun day", "mon"}[d] }

func (o *opposite) MarshalText() ([]byte, error) { return []byte("not " + o.text), nil }

func (*opposite) String() string { return "never asked for" }

func (failing) MarshalText() ([]byte, error) { return nil, errors.New("it cannot be written") }

func TestURL(t *testing.T) {
	t.Parallel()
	a := linked(t)
	for name, test := range map[string]struct {
		route string
		pairs []any
		want  string
	}{
		"the root":                     {"root", nil, "/"},
		"constants":                    {"constants", nil, "/a%20b/%C3%A9/%2F"},
		"a number":                     {"user", []any{"id", 7}, "/users/7"},
		"a text":                       {"user", []any{"id", "me"}, "/users/me"},
		"a slash stays inside":         {"user", []any{"id", "a/b"}, "/users/a%2Fb"},
		"what is escaped":              {"user", []any{"id", "%2F?#;é \x00\\"}, "/users/%252F%3F%23%3B%C3%A9%20%00%5C"},
		"dots among others":            {"user", []any{"id", "..."}, "/users/..."},
		"a trailing slash":             {"slash", []any{"id", 7}, "/users/7/"},
		"two, in any order":            {"pair", []any{"b", 2, "a", 1}, "/pairs/1/2"},
		"one name twice":               {"twice", []any{"p", 1, "p", 2}, "/twice/1/2"},
		"a tail":                       {"tail", []any{"path", "css/main.css"}, "/files/css/main.css"},
		"a tail of segments":           {"tail", []any{"path", []string{"a/b", "c d"}}, "/files/a%2Fb/c%20d"},
		"a tail with a slash":          {"tail", []any{"path", "css/"}, "/files/css/"},
		"a tail that is empty":         {"tail", []any{"path", ""}, "/files"},
		"a tail that is left out":      {"tail", nil, "/files"},
		"a tail of no segments":        {"tail", []any{"path", []string{}}, "/files"},
		"a tail of a number":           {"tail", []any{"path", 7}, "/files/7"},
		"a tail without a name":        {"rest", nil, "/rest"},
		"a tail behind a slash":        {"behind", []any{"path", "x"}, "/dir/x"},
		"an empty tail behind a slash": {"behind", nil, "/dir/"},
		"a mount":                      {"mount", []any{"tenant", "acme"}, "/mount/acme"},
		"a part without handlers":      {"bare", []any{"id", 7}, "/bare/7"},
		"in a group, on a condition":   {"grouped", nil, "/grouped"},
		"a query":                      {"user", []any{"id", 7, "tab", "a&b=c", "page", 2}, "/users/7?tab=a%26b%3Dc&page=2"},
		"in the given order":           {"root", []any{"z", 1, "a", 2, "z", 3}, "/?z=1&a=2&z=3"},
		"a query of several values":    {"root", []any{"a b", []string{"1 2", ""}, "b", []string{}, "c", ""}, "/?a+b=1+2&a+b=&c="},
		"a named text":                 {"user", []any{"id", word("w")}, "/users/w"},
		"a named number":               {"user", []any{"id", number(-8)}, "/users/-8"},
		"a Stringer":                   {"user", []any{"id", weekday(0)}, "/users/sun%20day"},
		"a TextMarshaler":              {"user", []any{"id", &opposite{"you"}}, "/users/not%20you"},
		"a TextMarshaler of others":    {"user", []any{"id", netip.MustParseAddr("::1")}, "/users/::1"},
		"a duration":                   {"user", []any{"id", 90 * time.Second}, "/users/1m30s"},
		"unsigned":                     {"user", []any{"id", uint64(1 << 63)}, "/users/9223372036854775808"},
		"a boolean":                    {"user", []any{"id", true}, "/users/true"},
		"a fraction":                   {"user", []any{"id", float32(0.1)}, "/users/0.1"},
		"a pair of nobody's":           {"rest", []any{"...", "x"}, "/rest?...=x"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := routing.URL(a, test.route, test.pairs...)
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestURLErrors(t *testing.T) {
	t.Parallel()
	a := linked(t)
	for name, test := range map[string]struct {
		route string
		pairs []any
		want  string
	}{
		"no name":                 {"nobody", nil, `url of "nobody": no route has that name`},
		"a missing one":           {"user", []any{"ID", 7}, `url of "user": /users/{id}: parameter id is missing`},
		"an empty one":            {"user", []any{"id", ""}, `url of "user": /users/{id}: parameter id: no segment is empty`},
		"one too many":            {"user", []any{"id", 7, "id", 8}, `url of "user": /users/{id}: parameter id is given too often`},
		"one too few":             {"twice", []any{"p", 7}, `url of "twice": /twice/{p}/{p}: parameter p is missing`},
		"a tail too many":         {"tail", []any{"path", "a", "path", "b"}, `url of "tail": /files/{path...}: parameter path is given too often`},
		"odd":                     {"user", []any{"id"}, `url of "user": id has no value`},
		"odd, another name":       {"user", []any{"id", 7, "tab"}, `url of "user": tab has no value`},
		"a name that is none":     {"user", []any{7, "id"}, `url of "user": the name of a pair is a int, not a string`},
		"an empty name":           {"user", []any{"", 7}, `url of "user": the name of a pair is empty`},
		"a star":                  {"star", []any{"*", 7}, `url of "star": /star/*: nothing says what stands for *`},
		"a dot":                   {"user", []any{"id", "."}, `url of "user": /users/{id}: parameter id: clients resolve "." as a segment`},
		"two dots":                {"user", []any{"id", ".."}, `url of "user": /users/{id}: parameter id: clients resolve ".." as a segment`},
		"dots in a tail":          {"tail", []any{"path", "a/../b"}, `url of "tail": /files/{path...}: parameter path: clients resolve ".." as a segment`},
		"dots in the route":       {"dot", []any{"id", 7}, `url of "dot": /./{id}: clients resolve "." as a segment`},
		"an empty segment":        {"tail", []any{"path", "a//b"}, `url of "tail": /files/{path...}: parameter path: no segment is empty`},
		"an empty segment, first": {"tail", []any{"path", "/a"}, `url of "tail": /files/{path...}: parameter path: no segment is empty`},
		"a slash alone":           {"tail", []any{"path", []string{""}}, `url of "tail": /files/{path...}: parameter path: no segment is empty`},
		"nil":                     {"user", []any{"id", nil}, `url of "user": /users/{id}: parameter id: the value is nil`},
		"a nil pointer":           {"user", []any{"id", (*opposite)(nil)}, `url of "user": /users/{id}: parameter id: the value is nil`},
		"a list":                  {"user", []any{"id", []string{"a"}}, `url of "user": /users/{id}: parameter id: a []string is no text, number or boolean`},
		"bytes":                   {"user", []any{"id", []byte("a")}, `url of "user": /users/{id}: parameter id: a []uint8 is no text, number or boolean`},
		"a tail of another list":  {"tail", []any{"path", []int{1}}, `url of "tail": /files/{path...}: parameter path: a []int is no text, number or boolean`},
		"a query of a struct":     {"root", []any{"q", struct{}{}}, `url of "root": q of the query: a struct {} is no text, number or boolean`},
		"a type that fails":       {"user", []any{"id", failing{}}, `url of "user": /users/{id}: parameter id: it cannot be written`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := routing.URL(a, test.route, test.pairs...)
			require.EqualError(t, err, test.want)
			assert.Empty(t, got)
		})
	}
	bare, _ := start(t)
	_, err := routing.URL(bare, "user")
	require.EqualError(t, err, `url of "user": no route has that name`)
}

// TestURLWhileRoutesAreDeclared: what has a name so far.
func TestURLWhileRoutesAreDeclared(t *testing.T) {
	t.Parallel()
	serve(t, func(r *routing.Route) {
		_, err := routing.URL(r.Application(), "user", "id", 7)
		require.Error(t, err)
		r.Get("/users/{id}", text("")).Named("user")
		found, err := routing.URL(r.Application(), "user", "id", 7)
		require.NoError(t, err)
		assert.Equal(t, "/users/7", found)
	})
}

// fuzzedRoutes have one route for each shape of a URL, and say which values it
// cannot have.
var fuzzedRoutes = map[string]struct {
	pattern string
	refuses func(p, q, rest string) bool
}{
	"one":     {"/one/{p}", func(p, _, _ string) bool { return !whole(p) }},
	"slash":   {"/slash/{p}/", func(p, _, _ string) bool { return !whole(p) }},
	"two":     {"/two/{p}/x/{q}", func(p, q, _ string) bool { return !whole(p) || !whole(q) }},
	"tail":    {"/tail/{p}/{rest...}", func(p, _, rest string) bool { return !whole(p) || rest != "" && !path(rest) }},
	"affixed": {"/affixed/.{p}", func(p, _, _ string) bool { return p == "" || p == "." }},
	"around":  {"/around/v-{p}.json/{q}", func(_, q, _ string) bool { return !whole(q) }},
	"prefix":  {"/prefix/x{rest...}", func(_, _, rest string) bool { return rest != "" && !path("x"+rest) }},
	"number":  {"/number/{p:-?[0-9]+}", func(p, _, _ string) bool { return !digits.MatchString(p) }},
}

var digits = regexp.MustCompile("^-?[0-9]+$")

// whole reports whether a text can be a segment.
func whole(text string) bool { return text != "" && text != "." && text != ".." }

// path reports whether a text can be some segments, with a slash behind them.
func path(text string) bool {
	for segment := range strings.SplitSeq(strings.TrimSuffix(text, "/"), "/") {
		if !whole(segment) {
			return false
		}
	}
	return true
}

// FuzzURL asks for the URLs that URL returns: they lead to the very handler,
// with the very values, and a browser that resolves them changes nothing.
func FuzzURL(f *testing.F) {
	for _, seed := range [][3]string{
		{"7", "a/b", "x"}, {"a/b", "é", "c/d/"}, {".", "..", "./.."}, {"%2e", "%", "%2F//"},
		{"?#", "", ";=&+ "}, {"\x00\xff", "\\..\\", "\\"}, {"{id}", "*", "{...}"}, {"...", "a%00", "/"}, {"-12", "v-", "/x"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	a := serve(f, func(r *routing.Route) {
		for name, fuzzed := range fuzzedRoutes {
			r.Get(fuzzed.pattern, func(c *app.Call) error {
				return c.RespondText(fmt.Sprintf("%s %q %q %q %q", name, c.PathParam("p"), c.PathParam("q"), c.PathParam("rest"), c.QueryParam("asked")))
			}).Named(name)
		}
	})
	f.Fuzz(func(t *testing.T, p, q, rest string) {
		for name, fuzzed := range fuzzedRoutes {
			pairs, caught := []any{"asked", q}, map[string]string{}
			for parameter, value := range map[string]string{"p": p, "q": q, "rest": rest} {
				if strings.Contains(fuzzed.pattern, "{"+parameter) {
					pairs, caught[parameter] = append(pairs, parameter, value), value
				}
			}
			found, err := routing.URL(a, name, pairs...)
			if fuzzed.refuses(p, q, rest) {
				require.Error(t, err, pairs)
				continue
			}
			require.NoError(t, err, pairs)
			parsed, err := url.Parse(found)
			require.NoError(t, err)
			base := &url.URL{Scheme: "http", Host: "x.example", Path: "/some/where/"}
			require.Equal(t, "http://x.example"+found, base.ResolveReference(parsed).String())
			want := fmt.Sprintf("%s %q %q %q %q", name, caught["p"], caught["q"], caught["rest"], q)
			require.Equal(t, want, ask(t, a, "GET "+found).body, found)
		}
	})
}

func ExampleURL() {
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/users/{id}", func(c *app.Call) error { return c.RespondText("user " + c.PathParam("id")) }).Named("user")
			r.Get("/files/{path...}", func(c *app.Call) error { return c.RespondText(c.PathParam("path")) }).Named("file")
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	fmt.Println(routing.URL(application, "user", "id", 7, "tab", "new mail"))
	fmt.Println(routing.URL(application, "file", "path", "css/main.css"))
	fmt.Println(routing.URL(application, "user"))
	// Output:
	// /users/7?tab=new+mail <nil>
	// /files/css/main.css <nil>
	//  url of "user": /users/{id}: parameter id is missing
}

// In templates URL is a function, and an error of it is one of the template.
func ExampleURL_template() {
	var page *template.Template
	application := app.New(func(a *app.Application) {
		page = template.Must(template.New("page").Funcs(template.FuncMap{
			"url": func(name string, pairs ...any) (string, error) { return routing.URL(a, name, pairs...) },
		}).Parse(`<a href="{{url "user" "id" .}}">{{.}}</a>`))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/users/{id}", func(c *app.Call) error { return c.RespondHTML(page, c.PathParam("id")) }).Named("user")
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	if err := page.Execute(os.Stdout, "R&D/1"); err != nil {
		fmt.Println(err)
	}
	// Output: <a href="/users/R&amp;D%2F1">R&amp;D/1</a>
}
