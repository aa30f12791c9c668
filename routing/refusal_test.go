package routing_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// permutations returns every order of some names.
func permutations(names []string) [][]string {
	if len(names) == 0 {
		return [][]string{nil}
	}
	var found [][]string
	for i, name := range names {
		others := slices.Delete(slices.Clone(names), i, i+1)
		for _, rest := range permutations(others) {
			found = append(found, append([]string{name}, rest...))
		}
	}
	return found
}

// TestTheOrderOfConditionsDecidesNoStatus has every order of four conditions, in
// front of the path and behind it, and of the methods of ForMethod and Get.
func TestTheOrderOfConditionsDecidesNoStatus(t *testing.T) {
	t.Parallel()
	for _, order := range permutations([]string{"?header", "?accept", "?type", "?host"}) {
		for split := range len(order) + 1 {
			for name, add := range map[string]func(*routing.Route){
				"the method last":       func(r *routing.Route) { r.Get("", text("")) },
				"the method after path": func(r *routing.Route) { r.Handle("", text("")) },
			} {
				a := serve(t, func(r *routing.Route) {
					for _, condition := range order[:split] {
						r = conditionKinds[condition].declare(r)
					}
					r = r.Route("/secret", block)
					if name == "the method after path" {
						r = r.ForMethod(http.MethodGet)
					}
					for _, condition := range order[split:] {
						r = conditionKinds[condition].declare(r)
					}
					add(r)
				})
				about := []any{"%s, %v after %d", name, order, split}
				host, header, accept, kind := "http://one.example/secret", []string{"X", "1"}, []string{"Accept", "text/plain"}, []string{"Content-Type", "text/plain"}
				assert.Equal(t, 200, ask(t, a, "GET "+host, slices.Concat(header, accept, kind)...).status, about...)
				assert.Equal(t, 400, ask(t, a, "GET "+host, slices.Concat(accept, kind)...).status, about...)
				assert.Equal(t, 415, ask(t, a, "GET "+host, slices.Concat(header, accept)...).status, about...)
				assert.Equal(t, 415, ask(t, a, "GET "+host, "Accept", "image/png").status, about...)
				assert.Equal(t, 406, ask(t, a, "GET "+host, slices.Concat(kind, []string{"Accept", "image/png"})...).status, about...)
				assert.Equal(t, 404, ask(t, a, "GET /secret", slices.Concat(header, accept, kind)...).status, about...)
				assert.Equal(t, 404, ask(t, a, "GET /secret", "Accept", "image/png").status, about...)
				assert.Equal(t, 404, ask(t, a, "PUT /secret", slices.Concat(header, accept, kind)...).status, about...)
				got := ask(t, a, "PUT "+host, slices.Concat(header, accept, kind)...)
				assert.Equal(t, 405, got.status, about...)
				assert.Equal(t, "GET", got.header.Get("Allow"), about...)
			}
		}
	}
}

// TestNoOrderOfRoutesDecidesAStatus declares the routes of each case in every
// order.
func TestNoOrderOfRoutesDecidesAStatus(t *testing.T) {
	t.Parallel()
	host := []string{"X-No", "x"}
	for name, test := range map[string]struct {
		declare map[string]func(*routing.Route)
		line    string
		headers []string
		status  int
		allow   string
	}{
		"a method counts more than a condition, however deep that is": {map[string]func(*routing.Route){
			"one": func(r *routing.Route) {
				r.Route("/x", block).Host("h").Accept("text/html").Get("", text("one"))
			},
			"two": func(r *routing.Route) { r.Get("/x", text("two")) },
		}, "PUT http://h/x", []string{"Accept", "image/png"}, 405, "GET"},
		"a condition of a route for the very method counts more": {map[string]func(*routing.Route){
			"get":  func(r *routing.Route) { r.Header("X", "1").Get("/x", text("")) },
			"post": func(r *routing.Route) { r.Post("/x", text("")) },
		}, "GET /x", host, 400, ""},
		"one of a route for any method counts less": {map[string]func(*routing.Route){
			"any":  func(r *routing.Route) { r.Header("X", "1").Handle("/x", text("")) },
			"post": func(r *routing.Route) { r.Post("/x", text("")) },
		}, "GET /x", host, 405, "POST"},
		"methods whose conditions hold are allowed": {map[string]func(*routing.Route){
			"get":  func(r *routing.Route) { r.Header("X", "1").Get("/x", text("")) },
			"post": func(r *routing.Route) { r.Post("/x", text("")) },
			"tail": func(r *routing.Route) { r.Delete("/{path...}", text("")) },
		}, "PUT /x", host, 405, "DELETE, POST"},
		"or else all there are": {map[string]func(*routing.Route){
			"get":  func(r *routing.Route) { r.Header("X", "1").Get("/x", text("")) },
			"post": func(r *routing.Route) { r.Header("X", "2").Post("/x", text("")) },
		}, "PUT /x", host, 405, "GET, POST"},
		"a hidden route allows nothing": {map[string]func(*routing.Route){
			"get":  func(r *routing.Route) { r.Get("/x", text("")) },
			"post": func(r *routing.Route) { r.Post("/x", text("")).Host("other").Handle("", text("")) },
			"host": func(r *routing.Route) { r.Route("/x", block).ForMethod("PATCH").Host("other").Handle("", text("")) },
		}, "PUT /x", host, 405, "GET, POST"},
		"of a hidden route alone nothing is told": {map[string]func(*routing.Route){
			"get": func(r *routing.Route) { r.Accept("text/html").Host("admin").Get("/x", text("")) },
		}, "GET /x", []string{"Accept", "image/png"}, 404, ""},
		"the more precise status counts": {map[string]func(*routing.Route){
			"param":  func(r *routing.Route) { r.Param("q").Get("/x", text("")) },
			"accept": func(r *routing.Route) { r.Accept("text/html").Get("/x", text("")) },
			"type":   func(r *routing.Route) { r.ContentType("text/html").Get("/x", text("")) },
		}, "GET /x", []string{"Accept", "image/png"}, 415, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var names []string
			for name := range test.declare {
				names = append(names, name)
			}
			for _, order := range permutations(names) {
				a := serve(t, func(r *routing.Route) {
					for _, name := range order {
						test.declare[name](r)
					}
				})
				got := ask(t, a, test.line, test.headers...)
				assert.Equal(t, test.status, got.status, "%v", order)
				assert.Equal(t, test.allow, got.header.Get("Allow"), "%v", order)
			}
		})
	}
}

// TestAnUnrelatedConditionChangesNoAnswer asks for each path with and without a
// condition somewhere else.
func TestAnUnrelatedConditionChangesNoAnswer(t *testing.T) {
	t.Parallel()
	for name, beside := range map[string]func(*routing.Route){
		"without":                func(*routing.Route) {},
		"a condition elsewhere":  func(r *routing.Route) { r.Param("zz").Get("/elsewhere", text("")) },
		"a condition beside":     func(r *routing.Route) { r.Param("zz").Get("/m", text("")) },
		"a condition everywhere": func(r *routing.Route) { r.Param("zz").Get("/{...}", text("")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _ := start(t, func(a *app.Application) {
				a.Install(sse.Plugin)
				a.Install(autoheadresponse.Plugin)
				routing.Routes(a, func(r *routing.Route) {
					r.Route("/deep/x", block).ForMethod(http.MethodGet).Handle("/a", naming("a"))
					r.ForMethod(http.MethodGet).SSE("/events", sending("one"))
					r.Handle("/m", naming("one"))
					r.ForMethod(http.MethodPost).Handle("/{q}", naming("two"))
					r.Route("/deep/slash/", block).Get("{t...}", param("t"))
					r.Mount("/deep/mount/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Handler", "mount") }))
					r.ForMethod("BREW").Handle("/pot", naming("pot"))
					r.Route("/cors", func(r *routing.Route) {
						r.Install(wanting("cors", http.MethodOptions, ""))
						r.Route("/x", block).ForMethod(http.MethodGet).Handle("/a", naming("a"))
						r.ForMethod(http.MethodOptions).Handle("/own", naming("own"))
						r.Route("/slash/", block).Get("{t...}", param("t"))
					})
					beside(r)
				})
			})
			for line, want := range map[string]struct {
				status         int
				handler, allow string
			}{
				"PUT /deep/x":           {404, "", ""},
				"GET /deep/x":           {404, "", ""},
				"PUT /deep/x/a":         {405, "", "GET, HEAD"},
				"GET /deep/x/a":         {200, "a", ""},
				"HEAD /deep/x/a":        {200, "a", ""},
				"HEAD /events":          {200, "", ""},
				"PUT /events":           {405, "", "GET, HEAD, POST"},
				"POST /m":               {200, "two", ""},
				"GET /m":                {200, "one", ""},
				"POST /other":           {200, "two", ""},
				"GET /deep/slash":       {404, "", ""},
				"GET /deep/slash/":      {200, "", ""},
				"GET /deep/slash/b/c":   {200, "", ""},
				"PUT /deep/slash/b/c":   {404, "", ""},
				"PUT /deep/mount":       {404, "", ""},
				"PUT /deep/mount/":      {200, "mount", ""},
				"PUT /deep/mount/b":     {200, "mount", ""},
				"BREW /pot":             {200, "pot", ""},
				"BREW /m":               {200, "one", ""},
				"BREW /deep/x/a":        {405, "", "GET, HEAD"},
				"OPTIONS /cors/x/a":     {404, "", ""},
				"OPTIONS /cors/x":       {404, "", ""},
				"OPTIONS /cors/own":     {200, "own", ""},
				"OPTIONS /cors/slash/y": {404, "", ""},
				"PUT /cors/x/a":         {405, "", "GET, HEAD"},
				"PUT /cors/own":         {405, "", "OPTIONS"},
				"PUT /pot":              {405, "", "BREW, POST"},
			} {
				got := ask(t, a, line)
				assert.Equal(t, want.status, got.status, line)
				assert.Equal(t, want.handler, got.header.Get("X-Handler"), line)
				assert.Equal(t, want.allow, got.header.Get("Allow"), line)
				seen := strings.HasPrefix(line, "OPTIONS ")
				assert.Equal(t, seen, got.header.Get("X-Seen") != "", "the plugin sees every OPTIONS below its route: %s", line)
			}
		})
	}
}

// TestAConditionThatFailsIsAnsweredAsAPluginAnswers: with the text of the
// status, or with what cannot be read. Whoever looks at failures and statuses
// sees it as any other.
func TestAConditionThatFailsIsAnsweredAsAPluginAnswers(t *testing.T) {
	t.Parallel()
	declare := func(r *routing.Route) {
		r.Accept("text/html").Get("/accept", text(""))
		r.ContentType("text/html").Post("/type", text(""))
		r.Header("X", "1").Get("/header", text(""))
		r.Param("q").Get("/param", text(""))
		r.Host("other").Get("/host", text(""))
		r.Header("X", "1").Accept("text/html").Get("/two", text(""))
	}
	var failures []string
	a, log := start(t, func(a *app.Application) {
		a.Install(failuresInto(&failures))
		routing.Routes(a, declare)
	})
	for name, test := range map[string]struct {
		line    string
		headers []string
		status  int
		body    string
		failure string
	}{
		"not accepted":         {"GET /accept", []string{"Accept", "image/png"}, 406, "Not Acceptable", "406 Not Acceptable: the route asks for accept text/html"},
		"no readable Accept":   {"GET /accept", []string{"Accept", "what"}, 400, "the Accept header cannot be read", `400 the Accept header cannot be read: accept "what": it is not a media type`},
		"the same, and a 400":  {"GET /two", []string{"Accept", "what"}, 400, "the Accept header cannot be read", `400 the Accept header cannot be read: accept "what": it is not a media type`},
		"another content type": {"POST /type", []string{"Content-Type", "image/png"}, 415, "Unsupported Media Type", "415 Unsupported Media Type: the route asks for content type text/html"},
		"no readable type":     {"POST /type", []string{"Content-Type", "/"}, 400, "the Content-Type cannot be read", `400 the Content-Type cannot be read: content type "/": mime: no media type`},
		"no header":            {"GET /header", nil, 400, "Bad Request", "400 Bad Request: the route asks for header X: 1"},
		"no parameter":         {"GET /param", nil, 400, "Bad Request", "400 Bad Request: the route asks for param q"},
		"another host":         {"GET /host", nil, 404, "", ""},
		"another method":       {"PUT /header", nil, 405, "", ""},
	} {
		failures = nil
		got := ask(t, a, test.line, test.headers...)
		assert.Equal(t, test.status, got.status, name)
		assert.Equal(t, test.body, got.body, name)
		assert.Equal(t, test.failure, strings.Join(failures, ", "), name)
		if test.body != "" {
			assert.Equal(t, "text/plain; charset=UTF-8", got.header.Get("Content-Type"), name)
		}
	}
	assert.Empty(t, log.String(), "a client's fault is nothing to warn of")

	instead, _ := start(t, func(a *app.Application) {
		a.Intercept(app.PhaseFallback, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				if c.Status() == http.StatusNotAcceptable {
					return c.RespondText("nothing for you")
				}
				if c.Status() == http.StatusBadRequest {
					c.SetStatus(http.StatusTeapot)
				}
				return next(c)
			}
		})
		routing.Routes(a, declare)
	})
	got := ask(t, instead, "GET /accept", "Accept", "image/png")
	assert.Equal(t, http.StatusNotAcceptable, got.status)
	assert.Equal(t, "nothing for you", got.body, "the fallback phase comes first")
	got = ask(t, instead, "GET /param")
	assert.Equal(t, http.StatusTeapot, got.status)
	assert.Empty(t, got.body, "and its status counts")
}

// TestPagesReplaceWhatAConditionIsAnsweredWith: StatusPages sees the status, a
// call that nobody has handled, and the error.
func TestPagesReplaceWhatAConditionIsAnsweredWith(t *testing.T) {
	t.Parallel()
	page := func(c *app.Call, status int) error { return c.RespondText(fmt.Sprint("page of ", status)) }
	for want, configure := range map[string]func(*statuspages.Config){
		"page of 406": func(c *statuspages.Config) { c.Status(http.StatusNotAcceptable, page) },
		"nobody: 406": func(c *statuspages.Config) {
			c.Unhandled(func(c *app.Call) error { return c.RespondText(fmt.Sprint("nobody: ", c.Status())) })
		},
		"406 Not Acceptable: the route asks for accept text/html": func(c *statuspages.Config) {
			statuspages.Exception(c, func(c *app.Call, err *app.Error) error {
				c.SetStatus(err.StatusCode())
				return c.RespondText(err.Error())
			})
		},
	} {
		a, _ := start(t, func(a *app.Application) {
			a.Install(statuspages.Plugin.With(configure))
			routing.Routes(a, func(r *routing.Route) { r.Accept("text/html").Get("/", text("")) })
		})
		got := ask(t, a, "GET /", "Accept", "image/png")
		assert.Equal(t, http.StatusNotAcceptable, got.status)
		assert.Equal(t, want, got.body)
	}
}

// failuresInto returns a plugin that notes what calls fail with.
func failuresInto(failures *[]string) *app.Plugin[struct{}] {
	return app.NewPlugin("Failures", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
		b.OnCallFailed(func(_ *app.Call, err error) error { *failures = append(*failures, err.Error()); return nil })
		return nil
	})
}
