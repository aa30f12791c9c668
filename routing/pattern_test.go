package routing_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

func TestTheNameOfAParameterIsLettersDigitsDashAndUnderscore(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "z", "A", "Z", "_", "aa", "az", "aA", "aZ", "a_", "a0", "a9", "a-", "_0", "z-9", "Z_z"} {
		t.Run("taken "+name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(r *routing.Route) {
				r.Get("/one/{"+name+"}", param(name))
				r.Get("/rest/{"+name+"...}", param(name))
			})
			assert.Equal(t, "x", ask(t, a, "GET /one/x").body)
			assert.Equal(t, "x/y", ask(t, a, "GET /rest/x/y").body)
		})
	}
	for _, name := range []string{"0", "9", "-", "0a", "`", "@", "[", "^", ":", "a`", "a@", "a[", "a^", "a:", "a,", "a.", "a+", "aé"} {
		t.Run("refused "+name, func(t *testing.T) {
			t.Parallel()
			for _, pattern := range []string{"/{" + name + "}", "/{" + name + "...}"} {
				said := mistakes(t, func(r *routing.Route) { r.Get(pattern, text("")) })
				assert.Contains(t, said, "a parameter's name is letters, digits, - and _, a letter or _ first", pattern)
			}
		})
	}
}

// FuzzPattern declares a route with any pattern at all. It is a mistake that
// names its line, or the route is found under the path that the pattern stands
// for, and under no other of its making.
func FuzzPattern(f *testing.F) {
	for _, pattern := range []string{
		"", "/", "//", "/a/b/", "/{id}", "/{id}/*", "*/*/{x...}", "/{...}", "/a%2Fb/%25/%7B", "/{a}{b}", "/{a", "/}", "/{a?}", "/x{a}",
		"/GET x", "/{a...}/b", "/{a}/{a}", "/a:b", "/{a:.*}", "/\x00/\xff/é", "/{_0}/*", "/(?s:.*)", "/..", "/*x", "/%zz", "/a?b#c",
		"/a{b}c", "/{a}.json", "/%2F{a}%25", "/x/{a?}", "/a{b?}c/d", "/x{a...}", "/{a:[0-9]+}", "/{a:[ab]{2}}/{b:x|y}", "/{a:.*}/", "/{a:)(}",
	} {
		f.Add(pattern)
	}
	f.Fuzz(func(t *testing.T, pattern string) {
		var site app.Site
		var route *routing.Route
		a := app.New(func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				site = app.Caller(0)
				route = r.Get(pattern, func(c *app.Call) error { return c.RespondText("found " + c.Route()) })
				r.Get("/a neighbour/*/{p}", text("neighbour"))
			})
		})
		quiet(a)
		if err := a.Start(t.Context()); err != nil {
			site.Line++
			require.True(t, strings.HasPrefix(err.Error(), site.String()+": route GET "), "%v", err)
			require.Equal(t, 1, strings.Count(err.Error(), site.String()))
			return
		}
		get := func(path string) *httptest.ResponseRecorder {
			parsed, err := url.ParseRequestURI(path)
			require.NoError(t, err, "%q", path)
			recorder := httptest.NewRecorder()
			request := &http.Request{Method: http.MethodGet, URL: parsed, Header: http.Header{}}
			a.ServeHTTP(recorder, request.WithContext(t.Context()))
			return recorder
		}
		// Constants stand escaped in the route's own pattern where they have
		// to.
		if strings.Contains(route.String(), ":") && strings.Contains(route.String(), "{") {
			return // nobody knows what an expression matches
		}
		var path strings.Builder
		for piece := range strings.SplitSeq(strings.TrimPrefix(route.String(), "/"), "/") {
			before, name, isParameter := strings.Cut(piece, "{")
			_, after, _ := strings.Cut(name, "}")
			switch {
			case piece == "*":
				piece = "value"
			case strings.HasSuffix(piece, "...}"):
				piece = plain(before) + "t/u"
			case isParameter:
				piece = plain(before) + "value" + plain(after)
			default:
				piece = plain(piece)
			}
			path.WriteString("/" + piece)
		}
		found := get(path.String())
		require.Equal(t, http.StatusOK, found.Code, "%q does not find %q", path.String(), pattern)
		require.Equal(t, "found "+route.String(), found.Body.String())
		require.Equal(t, "neighbour", get("/a%20neighbour/x/y").Body.String())
		if !strings.Contains(route.String(), "...}") && !strings.Contains(route.String(), "?}") {
			require.Equal(t, http.StatusNotFound, get(path.String()+"/further/still/on").Code)
		}
	})
}

// plain writes a constant of a route's own pattern as it is in a request.
func plain(piece string) string {
	if strings.Contains(piece, "%") {
		return piece
	}
	return url.PathEscape(piece)
}
