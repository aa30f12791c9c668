package routing_test

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestConditionsChooseTheRoute(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Header("X-Version", "2").Get("/header", text("two"))
		r.Route("/fallback", func(r *routing.Route) {
			r.Get("", text("any"))
			r.Header("X-Version", "2").Get("", text("two"))
		})
		r.Route("/param", func(r *routing.Route) {
			r.ParamValue("kind", "a").Get("", text("kind a"))
			r.Param("kind").Get("", text("some kind"))
		})
		r.Get("/{page}", text("page"))
		r.Put("/{page}/{part}", text("part"))
		r.Accept("text/html").Get("/accept", text("html"))
		r.Accept("application/json", "text/csv").Get("/accept", text("data"))
		r.Accept("image/*").Get("/image", text("image"))
		r.Accept("application/soap+xml; action=run").Get("/soap", text("run"))
		r.ContentType("application/json").Post("/the/content", text("json"))
		r.ContentType("text/*").Post("/the/content", text("text"))
		r.Route("/optional", func(r *routing.Route) {
			r.OptionalParam("q").Get("", text("maybe"))
		})
		r.ForMethod(http.MethodGet).Header("Upgrade", "websocket").Route("/socket", func(r *routing.Route) {
			r.Handle("", text("socket"))
		})
	})
	for name, test := range map[string]struct {
		line    string
		headers []string
		status  int
		body    string
	}{
		"a header":                           {"GET /header", []string{"X-Version", "2"}, 200, "two"},
		"one of its values":                  {"GET /header", []string{"X-Version", "1, 2"}, 200, "two"},
		"in another case, any is better":     {"GET /fallback", []string{"x-version", `2;q=0.5`}, 200, "any"},
		"a q-value of 0":                     {"GET /fallback", []string{"X-Version", "2;q=0"}, 200, "any"},
		"no header, another route":           {"GET /header", nil, 200, "page"},
		"beside a route without":             {"GET /fallback", []string{"X-Version", "2"}, 200, "two"},
		"a parameter's value":                {"GET /param?kind=a", nil, 200, "kind a"},
		"one of several":                     {"GET /param?kind=b&kind=a", nil, 200, "kind a"},
		"a parameter":                        {"GET /param?kind=b", nil, 200, "some kind"},
		"a parameter without a value":        {"GET /param?kind", nil, 200, "some kind"},
		"accepted":                           {"GET /accept", []string{"Accept", "text/html"}, 200, "html"},
		"accepted more":                      {"GET /accept", []string{"Accept", "text/html;q=0.8, text/csv;q=0.9"}, 200, "data"},
		"the precise range counts":           {"GET /accept", []string{"Accept", "text/html;q=0.1, application/json;q=0.5, */*"}, 200, "data"},
		"0 is not accepted":                  {"GET /accept", []string{"Accept", "text/html;q=0, application/json;q=0, text/csv;q=0, */*"}, 200, "page"},
		"a route for a range":                {"GET /image", []string{"Accept", "image/png"}, 200, "image"},
		"a range of ranges":                  {"GET /image", []string{"Accept", "*/*"}, 200, "image"},
		"a parameter of the type":            {"GET /soap", []string{"Accept", `application/soap+xml; action="run"`}, 200, "run"},
		"no parameter of the type":           {"GET /soap", []string{"Accept", "application/soap+xml"}, 200, "run"},
		"a content type":                     {"POST /the/content", []string{"Content-Type", "application/json; charset=utf-8"}, 200, "json"},
		"a content type of a range":          {"POST /the/content", []string{"Content-Type", "text/plain"}, 200, "text"},
		"an optional parameter":              {"GET /optional?q=1", nil, 200, "maybe"},
		"none":                               {"GET /optional", nil, 200, "maybe"},
		"a method first, then a header":      {"GET /socket", []string{"Upgrade", "websocket"}, 200, "socket"},
		"a method that does not fit":         {"POST /socket", []string{"Upgrade", "websocket"}, 405, ""},
		"a header that does not fit, deeper": {"GET /socket/x/y", nil, 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, a, test.line, test.headers...)
			assert.Equal(t, test.status, got.status)
			assert.Equal(t, test.body, got.body)
		})
	}
}

func TestAConditionThatFailsHasAStatus(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Accept("text/html").Get("/accept", text(""))
		r.ContentType("application/json").Post("/content", text(""))
		r.Param("q").Get("/param", text(""))
		r.Header("X", "1").Get("/header", text(""))
		r.Route("/deep", func(r *routing.Route) { r.Header("X", "1").Get("", text("")) })
		r.Route("/both", func(r *routing.Route) {
			r.Post("", text(""))
			r.Header("X", "1").Get("", text(""))
		})
		r.Route("/tail", func(r *routing.Route) { r.Header("X", "1").Get("/{path...}", text("")) })
		r.Host("other.example").Get("/host", text(""))
		r.Header("X", "1").Route("/longer", func(r *routing.Route) {
			r.Get("/still", text(""))
			r.Get("", text(""))
		})
		r.Accept("text/html").Get("/two", text(""))
		r.Param("q").Get("/two", text(""))
		r.Route("/socket", func(r *routing.Route) {
			r.ForMethod(http.MethodGet).Header("Upgrade", "websocket").Handle("", text(""))
		})
	})
	for name, test := range map[string]struct {
		line    string
		headers []string
		status  int
		allow   string
	}{
		"not accepted":                     {"GET /accept", []string{"Accept", "image/png"}, 406, ""},
		"an Accept that cannot be read":    {"GET /accept", []string{"Accept", "what?"}, 400, ""},
		"no parameter":                     {"GET /param", nil, 400, ""},
		"another content type":             {"POST /content", []string{"Content-Type", "image/png"}, 415, ""},
		"no content type":                  {"POST /content", nil, 415, ""},
		"a Content-Type without a subtype": {"POST /content", []string{"Content-Type", "text"}, 400, ""},
		"no content type, another method":  {"GET /content", nil, 405, "POST"},
		"no header":                        {"GET /header", nil, 400, ""},
		"no header, and no such path":      {"GET /", nil, 404, ""},
		"no header, and no such path here": {"GET /deep/er", nil, 404, ""},
		"no header, behind the path":       {"GET /deep", nil, 400, ""},
		"no header, and the method":        {"PUT /deep", nil, 400, ""},
		"a header, and the method":         {"PUT /deep", []string{"X", "1"}, 405, "GET"},
		"a method counts more":             {"PUT /both", nil, 405, "POST"},
		"a method counts more, and may do": {"PUT /both", []string{"X", "1"}, 405, "GET, POST"},
		"behind a tail":                    {"GET /tail/x", nil, 404, ""},
		"no header, beside a longer path":  {"GET /longer", nil, 400, ""},
		"the first of two conditions":      {"GET /two", []string{"Accept", "image/png"}, 406, ""},
		"another host":                     {"GET /host", nil, 404, ""},
		"a method whose conditions fail":   {"POST /socket", nil, 405, "GET"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask(t, a, test.line, test.headers...)
			assert.Equal(t, test.status, got.status)
			assert.Equal(t, test.allow, got.header.Get("Allow"))
		})
	}
}

// TestATailThatFailsHidesNoStatusBesideIt declares a tail first, which fits
// the path of every call here and the method of none: what is declared behind
// it is to blame.
func TestATailThatFailsHidesNoStatusBesideIt(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Post("/files/{path...}", text(""))
		r.Header("X", "1").Get("/files/{id}", text(""))
		r.Get("/files/{id}/plain", text(""))
	})
	for line, status := range map[string]int{
		"GET /files/7":       http.StatusBadRequest,
		"PUT /files/7/plain": http.StatusMethodNotAllowed,
		"PUT /files/7/x":     http.StatusNotFound,
	} {
		assert.Equal(t, status, ask(t, a, line).status, line)
	}
	assert.Equal(t, http.StatusMethodNotAllowed, ask(t, a, "PUT /files/7", "X", "1").status)
}

// TestASlashInTheMiddleOrASecondOneSaysNothing has a walk choose: the condition
// makes it one.
func TestASlashInTheMiddleOrASecondOneSaysNothing(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Header("X", "1").Route("/a/", func(r *routing.Route) {
			r.Get("/", text("second"))
			r.Get("/b", text("middle"))
			r.Get("/b/c", text("deeper"))
			r.Get("/b/c/", text("end"))
		})
	})
	for target, want := range map[string]string{ // "" is 404
		"/a/":     "second",
		"/a":      "",
		"/a/b":    "middle",
		"/a/b/":   "",
		"/a/b/c":  "deeper",
		"/a/b/c/": "end",
	} {
		got := ask(t, a, "GET "+target, "X", "1")
		assert.Equal(t, want, got.body, target)
		assert.Equal(t, want == "", got.status == http.StatusNotFound, target)
	}
}

func TestHostsAndPortsChooseTheRoute(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Host("api.example.com", "[::1]:8080").Get("/x", text("api"))
		r.HostRegexp(`[a-z]+\.example\.org`).Get("/x", text("tenant"))
		r.Port(9090, 9091).Get("/x", text("port"))
		r.LocalPort(9999).Get("/x", text("local"))
		r.Port(443).Get("/tls", text("tls"))
		r.Get("/x", text("any"))
	})
	for name, test := range map[string]struct{ target, want string }{
		"a host":                        {"http://api.example.com/x", "api"},
		"with any port":                 {"http://API.Example.com:81/x", "api"},
		"an address, its port":          {"http://[::1]:8080/x", "api"},
		"an address, another port":      {"http://[::1]:8081/x", "any"},
		"an expression":                 {"http://acme.Example.org:1/x", "tenant"},
		"as a whole":                    {"http://acme.example.org.evil.test/x", "any"},
		"a port":                        {"http://a.test:9091/x", "port"},
		"another":                       {"http://a.test:9092/x", "any"},
		"https":                         {"https://a.test/tls", "tls"},
		"a port that the client claims": {"http://a.test:9999/x", "any"},
	} {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, test.target, nil)
			recorder := httptest.NewRecorder()
			a.ServeHTTP(recorder, request)
			assert.Equal(t, test.want, recorder.Body.String())
		})
	}
	request := httptest.NewRequest(http.MethodGet, "/x", nil)
	address := &net.TCPAddr{IP: net.IPv6loopback, Port: 9999}
	recorder := httptest.NewRecorder()
	a.ServeHTTP(recorder, request.WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, address)))
	assert.Equal(t, "local", recorder.Body.String())
	plain := httptest.NewRequest(http.MethodGet, "http://a.test/tls", nil)
	recorder = httptest.NewRecorder()
	a.ServeHTTP(recorder, plain)
	assert.Equal(t, http.StatusNotFound, recorder.Code, "port 80")
	plain.TLS = &tls.ConnectionState{}
	recorder = httptest.NewRecorder()
	a.ServeHTTP(recorder, plain)
	assert.Equal(t, "tls", recorder.Body.String())
}

// TestConditionsChooseEventStreams: a stream is one of several routes with the same
// path, answers HEAD itself, and 204 can stop a client that a condition has
// picked out.
func TestConditionsChooseEventStreams(t *testing.T) {
	t.Parallel()
	a := streams(t, func(r *routing.Route) {
		r.Route("/prices", func(r *routing.Route) {
			r.Get("", text("page"))
			r.Accept("text/event-stream").SSE("", sending("stream"))
		})
		r.Route("/user/{id}", func(r *routing.Route) {
			r.Param("follow").SSE("/events", sending("followed"))
		})
		r.Host("live.example.com").Route("", func(r *routing.Route) {
			r.Header("X-Tenant", "a").SSE("/", sending("a"))
			r.Header("X-Tenant", "b").SSE("/", sending("b"))
		})
		r.Header("X-Plan", "free").Get("/paid", func(c *app.Call) error { return c.RespondStatus(http.StatusNoContent) })
		r.SSE("/paid", sending("paid"))
	})
	got := ask(t, a, "GET /prices", "Accept", "text/event-stream")
	assert.Equal(t, event("stream"), got.body)
	assert.Equal(t, "text/event-stream", got.header.Get("Content-Type"))
	assert.Equal(t, "page", ask(t, a, "GET /prices").body)
	assert.Equal(t, "page", ask(t, a, "GET /prices", "Accept", "text/html, text/event-stream;q=0.5").body)
	got = ask(t, a, "HEAD /prices", "Accept", "text/event-stream")
	assert.Equal(t, http.StatusOK, got.status)
	assert.Equal(t, "text/event-stream", got.header.Get("Content-Type"))
	assert.Empty(t, got.body)

	assert.Equal(t, event("followed"), ask(t, a, "GET /user/7/events?follow").body)
	assert.Equal(t, http.StatusBadRequest, ask(t, a, "GET /user/7/events").status)
	got = ask(t, a, "POST /user/7/events?follow")
	assert.Equal(t, http.StatusMethodNotAllowed, got.status)
	assert.Equal(t, "GET, HEAD", got.header.Get("Allow"))

	assert.Equal(t, event("b"), ask(t, a, "GET http://live.example.com/", "X-Tenant", "b").body)
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /", "X-Tenant", "b").status)
	assert.Equal(t, event("paid"), ask(t, a, "GET /paid").body)
	assert.Equal(t, http.StatusNoContent, ask(t, a, "GET /paid", "X-Plan", "free").status)
}

// TestVaryListsTheHeadersThatConditionsLookAt: caches learn of the headers that
// a choice depends on.
func TestVaryListsTheHeadersThatConditionsLookAt(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Route("/prices", func(r *routing.Route) {
			r.Accept("application/json").Get("", text("json"))
			r.Accept("text/html").Header("x-version", "2").Get("", text("html"))
			r.Get("", func(c *app.Call) error {
				c.Header().Add("Vary", "Cookie")
				return c.RespondText("text")
			})
		})
		r.Route("/search", func(r *routing.Route) {
			r.Host("example.com").Param("q").Get("", text("found"))
		})
		r.Get("/plain", text("plain"))
	})
	for line, want := range map[string][]string{
		"GET /prices application/json": {"Accept"},
		"GET /prices text/html":        {"Accept, X-Version", "Cookie"},
		"GET /prices image/png":        {"Accept", "Cookie"},
		"PUT /prices text/html":        {"Accept, X-Version"},
		"GET /search?q=x text/html":    nil,
		"GET /plain text/html":         nil,
	} {
		fields := strings.Fields(line)
		got := ask(t, a, fields[0]+" "+fields[1], "Accept", fields[2])
		assert.Equal(t, want, got.header.Values("Vary"), line)
	}
}

// TestConditionsAreScopes: what is installed on a part of a route runs for the
// calls that its condition lets in.
func TestConditionsAreScopes(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		mark := func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Id", r.PathValue("id")+chi.URLParam(r, "id")+r.Pattern)
				next.ServeHTTP(w, r)
			})
		}
		r.Route("/users/{id}", func(r *routing.Route) {
			two := r.Header("X-Version", "2")
			two.Get("/{path...}", param("path"))
			r.Header("x-version", "1").Get("/{path...}", text("one"))
			two.Use(mark)
			r.Header("X-Version", "3").Mount("/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = w.Write([]byte(chi.RouteContext(r.Context()).RoutePath))
			}))
		})
	})
	got := ask(t, a, "GET /users/a%2Fb/c/%2541", "X-Version", "2")
	assert.Equal(t, "c/%41", got.body)
	assert.Equal(t, "a/ba/b/users/{id}/{path...}", got.header.Get("Id"))
	got = ask(t, a, "GET /users/7/c", "X-Version", "1")
	assert.Equal(t, "one", got.body)
	assert.Empty(t, got.header.Get("Id"))
	assert.Equal(t, "/c/d", ask(t, a, "PUT /users/7/c/d", "X-Version", "3").body)
}

// TestAPluginsHeadGoesWhereGetWould: a plugin's HEAD goes where its GET would.
func TestAPluginsHeadGoesWhereGetWould(t *testing.T) {
	t.Parallel()
	a, _ := start(t, func(a *app.Application) {
		a.Install(autoheadresponse.Plugin)
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			answer := func(name string) app.Handler {
				return func(c *app.Call) error {
					c.Header().Set("Name", name)
					return c.RespondText(name)
				}
			}
			r.Header("X", "1").Get("/x", answer("one"))
			r.Get("/x", answer("any"))
			r.Header("X", "2").Head("/x", answer("head"))
			r.Handle("/both", answer("all"))
			r.Get("/both", answer("get")) // the better one for HEAD, as without conditions
			r.Header("X", "1").Get("/both", answer("one"))
		})
	})
	assert.Equal(t, "one", ask(t, a, "HEAD /x", "X", "1").header.Get("Name"))
	assert.Equal(t, "any", ask(t, a, "HEAD /x").header.Get("Name"))
	assert.Equal(t, "head", ask(t, a, "HEAD /x", "X", "2").header.Get("Name"))
	assert.Equal(t, "get", ask(t, a, "HEAD /both").header.Get("Name"))
	assert.Equal(t, "all", ask(t, a, "POST /both").header.Get("Name"))
}

func TestMistakesInConditionsNameTheirLines(t *testing.T) {
	t.Parallel()
	for reason, declare := range map[string]func(*routing.Route){
		"route header : x: the header has no name":                                                func(r *routing.Route) { r.Header("", "x") },
		"route header Host: x: ask by Host":                                                       func(r *routing.Route) { r.Header("host", "x") },
		"route param : the parameter has no name":                                                 func(r *routing.Route) { r.Param("") },
		`route param =x: the parameter has no name`:                                               func(r *routing.Route) { r.ParamValue("", "x") },
		"route optional param : the parameter has no name":                                        func(r *routing.Route) { r.OptionalParam("") },
		"route accept : no media type is named":                                                   func(r *routing.Route) { r.Accept() },
		`route accept html: "html": it is not a media type`:                                       func(r *routing.Route) { r.Accept("html") },
		`route content type text/: "text/": mime: expected token after slash`:                     func(r *routing.Route) { r.ContentType("text/") },
		"route host : no host is named":                                                           func(r *routing.Route) { r.Host() },
		`route host :80: ":80" is no host`:                                                        func(r *routing.Route) { r.Host(":80") },
		`route host https://a.test: "https://a.test" is no host`:                                  func(r *routing.Route) { r.Host("https://a.test") },
		`route host a.test/x: "a.test/x" is no host`:                                              func(r *routing.Route) { r.Host("a.test/x") },
		`route host a.test, b.test: "a.test, b.test" is no host`:                                  func(r *routing.Route) { r.Host("a.test, b.test") },
		`route host [::1: "[::1" is no host`:                                                      func(r *routing.Route) { r.Host("[::1") },
		`route host *.a.test: "*.a.test": a * is no part of a host: ask by HostRegexp`:            func(r *routing.Route) { r.Host("*.a.test") },
		`route host a.test:http: "a.test:http" is no host`:                                        func(r *routing.Route) { r.Host("a.test:http") },
		"route port 80, 0: 0 is no port":                                                          func(r *routing.Route) { r.Port(80, 0) },
		"route port 65536: 65536 is no port":                                                      func(r *routing.Route) { r.Port(65536) },
		"route local port -1: -1 is no port":                                                      func(r *routing.Route) { r.LocalPort(-1) },
		`route header X Y: 1: "X Y" is no name of a header`:                                       func(r *routing.Route) { r.Header("X Y", "1") },
		"route host ~(: error parsing regexp: missing closing ): `(`":                             func(r *routing.Route) { r.HostRegexp("(") },
		"route host ~a)|(?:b: error parsing regexp: unexpected ): `a)|(?:b`":                      func(r *routing.Route) { r.HostRegexp("a)|(?:b") },
		"route port : no port is named":                                                           func(r *routing.Route) { r.Port() },
		`route : the method is empty: Handle is for any method`:                                   func(r *routing.Route) { r.ForMethod("") },
		"route header X: 1: nothing can be declared below a mount":                                func(r *routing.Route) { r.Mount("/m", http.NotFoundHandler()).Header("X", "1") },
		"route local port 80: nothing can be declared below a mount":                              func(r *routing.Route) { r.Mount("/m", http.NotFoundHandler()).LocalPort(80) },
		"route GET /s (header X: 1): the plugin SSE is not installed: call a.Install(sse.Plugin)": func(r *routing.Route) { r.Header("X", "1").SSE("/s", sending("")) },
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			said := mistakes(t, declare)
			assert.Regexp(t, `^routing/condition_test\.go:\d+: `, said)
			assert.Contains(t, said, reason)
		})
	}
}

// TestEqualConditionsAreOneRoute: the same condition in two blocks is one route, and
// another one is not.
func TestEqualConditionsAreOneRoute(t *testing.T) {
	t.Parallel()
	_, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			one, types := r.Header("X", "1"), r.Accept("text/html", "text/css")
			require.Same(t, one, r.Header("X", "1"))
			require.NotSame(t, one, r.Header("X", "2"))
			require.NotSame(t, r.Param("a=1"), r.ParamValue("a", "1"))
			require.Same(t, types, r.Accept("text/html", "text/css"))
			r.Header("X", "1").Get("/x", text(""))
			r.Header("X", "2").Get("/x", text(""))
			r.Get("/x", text(""))
		})
	})
	assert.Empty(t, log.String(), "each of them can be reached")
	_, log = start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Header("X", "1").Get("/x", text(""))
			r.Header("X", "1").Get("/x", text(""))
			r.Get("/{a}", text(""))
			r.Get("/{b}", text(""))
		})
	})
	assert.Contains(t, log.String(), "GET /x (header X: 1)")
	assert.Contains(t, log.String(), "GET /{b}", "conditions hide no route that cannot be reached")
}

// A route without a condition is left to chi only where no other one for the
// same path has one, however differently the two are written.
func TestConditionsCountWhereverPathsOverlap(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Header("X", "1").Get("", text("root, one"))
		r.Get("/", text("root"))
		r.Header("X", "1").Get("/{p}/{rest...}", text("rest, one"))
		r.Get("/{q}/", text("slash"))
		r.Get("/{q}/x", text("longer"))
	})
	for path, want := range map[string][2]string{
		"/":    {"root", "root, one"},
		"/a/":  {"slash", "rest, one"},
		"/a/x": {"longer", "rest, one"},
	} {
		assert.Equal(t, want[0], ask(t, a, "GET "+path).body, path)
		assert.Equal(t, want[1], ask(t, a, "GET "+path, "X", "1").body, path)
	}
}

func TestSiblingsAtAnyDepthKeepTheirConditions(t *testing.T) {
	t.Parallel()
	_, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			for range 8 {
				r.Header("X", "left").Get("/{a}", text("")).Post("", text(""))
				r.Header("X", "right").Get("/{a}", text("")).Post("", text(""))
				r = r.Param("p")
			}
		})
	})
	for depth := range 8 {
		above := "POST /{a}" + strings.Repeat(" (param p)", depth)
		assert.Contains(t, log.String(), above+` (header X: left)"`)
		assert.Contains(t, log.String(), above+` (header X: right)"`)
	}
}
