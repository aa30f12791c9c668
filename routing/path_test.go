package routing_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

func TestSegmentsAreComparedDecoded(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Get("/", text("root"))
		r.Get("/a b", text("blank"))
		r.Handle("/GET x", text("a blank behind a method"))
		r.Get("/caf%C3%A9", text("café"))
		r.Get("/a*b", text("star"))
		r.Get("/%7Bnot%7D", text("braces"))
		r.Get("/50%25", text("percent"))
		r.Get("/a%2Fb", text("slash in a segment"))
		r.Get("/a:b;c=d", text("marks"))
		r.Get("/%2E%2E/x", text("dots"))
		r.Get("/p/{id}", param("id"))
		r.Get("/p/{id}/", func(c *app.Call) error { return c.RespondText(c.PathParam("id") + "/") })
		r.Get("/s/*", text("star"))
		r.Get("/t/{rest...}", param("rest"))
		r.Get("/u/{...}", param("*"))
		r.Get("/v/{id}", param("*"))
	})
	for target, want := range map[string]string{
		"/":                  "root",
		"//":                 "root",
		"///":                "root",
		"/a%20b":             "blank",
		"/a%20b/":            "404",
		"//a%20b":            "blank",
		"/GET%20x":           "a blank behind a method",
		"/caf%C3%A9":         "café",
		"/café":              "café",
		"/Caf%C3%A9":         "404",
		"/a*b":               "star",
		"/a%2Ab":             "star",
		"/axb":               "404",
		"/%7Bnot%7D":         "braces",
		"/{not}":             "braces",
		"/50%25":             "percent",
		"/50%2525":           "404",
		"/a%2Fb":             "slash in a segment",
		"/a%2fb":             "slash in a segment",
		"/a/b":               "404",
		"/a:b;c=d":           "marks",
		"/a%3Ab%3Bc%3Dd":     "marks",
		"/%2E%2E/x":          "dots",
		"/p/7":               "7",
		"/p/7/":              "7/",
		"/p//7":              "7",
		"/p/":                "404",
		"/p//":               "404",
		"/p":                 "404",
		"/p/7/8":             "404",
		"/p/a%2Fb":           "a/b",
		"/p/%2F":             "/",
		"/p/%2f%2f/":         "///",
		"/p/a+b":             "a+b",
		"/p/a%2Bb":           "a+b",
		"/p/a%20b":           "a b",
		"/p/It's%20x":        "It's x",
		"/p/100%25":          "100%",
		"/p/%2525":           "%25",
		"/p/%252F":           "%2F",
		"/p/{id}":            "{id}",
		"/p/*":               "*",
		"/p/%00":             "\x00",
		"/p/%0A":             "\n",
		"/p/%E4":             "\xe4",
		"/p/x?id=y":          "x",
		"/s/%2F":             "star",
		"/s/":                "404",
		"/t":                 "",
		"/t/":                "",
		"/t/x":               "x",
		"/t/x/":              "x/",
		"/t/x//y/":           "x/y/",
		"/t/x%2Fy/%25/z%20w": "x/y/%/z w",
		"/v/x":               "",
		"/u":                 "",
		"/u/x/y":             "x/y",
		"/u/%7B%7D":          "{}",
		"/T/x":               "404",
	} {
		got := ask(t, a, "GET "+strings.ReplaceAll(target, " ", "%20"))
		if want == "404" {
			assert.Equal(t, http.StatusNotFound, got.status, target)
			continue
		}
		assert.Equal(t, http.StatusOK, got.status, target)
		assert.Equal(t, want, got.body, target)
	}
}

func TestSiblingsAtAnyDepthKeepTheirPaths(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		for range 8 {
			left, right := r.Get("/left", text("left")), r.Get("/right", text("right"))
			assert.NotEqual(t, left.String(), right.String())
			r = r.Route("/down", block)
		}
	})
	for depth := range 8 {
		above := "GET " + strings.Repeat("/down", depth)
		assert.Equal(t, "left", ask(t, a, above+"/left").body)
		assert.Equal(t, "right", ask(t, a, above+"/right").body)
	}
}

// TestAParameterBeatsAStar has newlines and slashes in values, which the
// regular expression that ranks them must take.
// A path is looked at more closely where some constant, or the root path, has a
// byte that chi cannot hold.
func TestSpecialBytesWhereNoConstantHasOne(t *testing.T) {
	t.Parallel()
	declare := func(r *routing.Route) {
		r.Get("/files/{path...}", param("path"))
		r.Get("/x/{p}/y", param("p"))
		r.Get("/e/{p:[*{}a]+}", param("p"))
		r.Get("/plain", text("plain"))
	}
	without := serve(t, declare)
	with := serve(t, func(r *routing.Route) {
		declare(r)
		r.Get("/%2A/%7Bx%7D", text("constant"))
	})
	for name, a := range map[string]*app.Application{"without": without, "with": with} {
		for path, want := range map[string]string{
			"/files/*": "*", "/files/*/{x}": "*/{x}", "/files/%2A%25": "*%", "/x/*/y": "*", "/x/{}/y": "{}", "/x/{p}/y": "{p}",
			"/e/*a{}": "*a{}", "/e/*b": "404", "//plain": "plain", "/plain": "plain", "/*": "404", "/{plain}": "404",
		} {
			got := ask(t, a, "GET "+path)
			if want == "404" {
				assert.Equal(t, http.StatusNotFound, got.status, "%s: %s: %s", name, path, got.body)
				continue
			}
			assert.Equal(t, want, got.body, "%s: %s", name, path)
		}
	}
	assert.Equal(t, "constant", ask(t, with, "GET /*/{x}").body)
	assert.Equal(t, http.StatusNotFound, ask(t, without, "GET /*/{x}").status)
	rooted, _ := start(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.RootPath = "/%2A" })
		routing.Routes(a, declare)
	})
	assert.Equal(t, "plain", ask(t, rooted, "GET /*/plain").body)
}

func TestAParameterBeatsAStar(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Get("/*/x", text("star"))
		r.Get("/{p}/{q}", func(c *app.Call) error { return c.RespondText(c.PathParam("p") + " " + c.PathParam("q")) })
		r.Post("/*/y", text("post"))
		r.Get("/{p}/{q}/z", func(c *app.Call) error {
			return c.RespondText(chi.URLParam(c.Request, "p") + " " + chi.RouteContext(c.Context()).RoutePattern() + " " + c.Request.Pattern)
		})
		r.Get("/*/*/w", func(c *app.Call) error {
			return c.RespondText(chi.RouteContext(c.Context()).RoutePattern() + " " + c.Request.Pattern)
		})
	})
	for line, want := range map[string]string{
		"GET /1/x":       "1 x",
		"GET /1/2":       "1 2",
		"GET /%0A/%2F":   "\n /",
		"GET /%E4/%F0":   "\xe4 \xf0",
		"POST /1/y":      "post",
		"GET /a%2Fb/1/z": "a/b /{p}/{q}/z /{p}/{q}/z",
		"GET /1/2/w":     "/{*0}/{*1}/w /*/*/w",
	} {
		assert.Equal(t, want, ask(t, a, line).body, line)
	}
	assert.Equal(t, http.StatusMethodNotAllowed, ask(t, a, "POST /1/x").status)
}

// TestAPathThatAMiddlewareLeavesBehindDecides has the path that a middleware left behind
// decide, however it did so.
func TestAPathThatAMiddlewareLeavesBehindDecides(t *testing.T) {
	t.Parallel()
	rewrite := func(change func(*http.Request)) func(http.Handler) http.Handler {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				change(r)
				next.ServeHTTP(w, r)
			})
		}
	}
	for name, c := range map[string]struct {
		change func(*http.Request)
		target string
		want   string
	}{
		"path":          {func(r *http.Request) { r.URL.Path = "/p/new" }, "/old", "new"},
		"stale raw":     {func(r *http.Request) { r.URL.Path = "/p/new" }, "/old%2Fer", "new"},
		"both":          {func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/p/a/b", "/p/a%2Fb" }, "/old", "a/b"},
		"malformed raw": {func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/p/x", "/p/%zz" }, "/old", "x"},
		"no slash":      {func(r *http.Request) { r.URL.Path = "p/x" }, "/old", "x"},
		"empty":         {func(r *http.Request) { r.URL.Path = "" }, "/old", "root"},
		"percent":       {func(r *http.Request) { r.URL.Path = "/p/50%" }, "/old", "50%"},
		"new url": {func(r *http.Request) {
			rewritten := *r.URL
			rewritten.Path = "/p/z"
			r.URL = &rewritten
		}, "/old", "z"},
		"route path":         {func(r *http.Request) { chi.RouteContext(r.Context()).RoutePath = "/p/chosen" }, "/old", "chosen"},
		"escaped route path": {func(r *http.Request) { chi.RouteContext(r.Context()).RoutePath = "/p/a%2Fb" }, "/x/a%2Fb", "a/b"},
		"plain route path":   {func(r *http.Request) { chi.RouteContext(r.Context()).RoutePath = "/p/a%2Fb" }, "/x", "a%2Fb"},
		"method":             {func(r *http.Request) { r.Method = http.MethodDelete }, "/p/x", "deleted"},
		"route method":       {func(r *http.Request) { chi.RouteContext(r.Context()).RouteMethod = http.MethodDelete }, "/p/x", "deleted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := serve(t, func(r *routing.Route) {
				r.Use(rewrite(c.change))
				r.Get("/", text("root"))
				r.Get("/p/{id}", param("id"))
				r.Delete("/p/{id}", text("deleted"))
			})
			assert.Equal(t, c.want, ask(t, a, "GET "+c.target).body)
		})
	}
}

// FuzzPath asks for any path at all: nothing fails, and a captured segment is
// what the client encoded.
func FuzzPath(f *testing.F) {
	for _, target := range []string{"/", "//", "/a/b", "/p/%2F", "/p/%25", "/a%20b/../*/{x}", "/p/\xff", "/%zz", "p", "*", "/x?y#z"} {
		f.Add(target)
	}
	a := serve(f, func(r *routing.Route) {
		r.Get("/p/{id}", param("id"))
		r.Get("/*/star", text("star"))
		r.Get("/{a}/{b}/{c}", func(c *app.Call) error {
			return c.RespondText(url.PathEscape(c.PathParam("a")) + "/" + url.PathEscape(c.PathParam("b")) + "/" + url.PathEscape(c.PathParam("c")))
		})
		r.Get("/t/{rest...}", param("rest"))
	})
	f.Fuzz(func(t *testing.T, target string) {
		parsed, err := url.ParseRequestURI(target)
		if err != nil || parsed.Path != "" && parsed.Path[0] != '/' {
			return // it never gets past net/http
		}
		request := &http.Request{Method: http.MethodGet, URL: parsed, Header: http.Header{}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
		recorder := httptest.NewRecorder()
		a.ServeHTTP(recorder, request.WithContext(t.Context()))
		require.Contains(t, []int{http.StatusOK, http.StatusNotFound}, recorder.Code)

		// The same path, each segment encoded in full, finds the same.
		var encoded strings.Builder
		written := parsed.RawPath
		if written == "" {
			written = parsed.EscapedPath()
		}
		for segment := range strings.SplitSeq(strings.TrimPrefix(written, "/"), "/") {
			decoded, err := url.PathUnescape(segment)
			require.NoError(t, err)
			encoded.WriteByte('/')
			for _, b := range []byte(decoded) {
				encoded.WriteString("%" + strings.ToUpper(string("0123456789abcdef"[b>>4])+string("0123456789abcdef"[b&15])))
			}
		}
		again, err := url.ParseRequestURI(encoded.String())
		require.NoError(t, err)
		request.URL = again
		second := httptest.NewRecorder()
		a.ServeHTTP(second, request.WithContext(t.Context()))
		require.Equal(t, recorder.Code, second.Code, "%s as %s", target, encoded.String())
		require.Equal(t, recorder.Body.String(), second.Body.String(), "%s as %s", target, encoded.String())
	})
}
