package routing_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/routing"
)

func TestWhatAGroupIsGivenIsForItsRoutesAlone(t *testing.T) {
	t.Parallel()
	a, log := start(t, tracing, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/before", told("before"))
			r.Group(func(r *routing.Route) {
				r.Get("/a", told("a")) // before everything that applies to it
				r.Use(noting("first"))
				r.Install(named("plugin"))
				r.Get("/users/{id}", told("user"))
				r.Group(func(r *routing.Route) {
					r.Use(noting("inner"))
					r.Get("/b", told("b")).Use(noting("leaf"))
				})
				r.Route("/users", func(r *routing.Route) { r.Post("", told("add")) })
			})
			r.Group(func(r *routing.Route) {
				r.Use(noting("second"))
				r.Put("/users", told("put"))
			})
			r.Get("/users", told("users"))
		})
	})
	for line, want := range map[string]string{
		"GET /before":   "before",
		"GET /a":        "first plugin/default a",
		"GET /users/7":  "first plugin/default user",
		"GET /b":        "first plugin/default inner leaf b",
		"POST /users":   "first plugin/default add",
		"PUT /users":    "second put",
		"GET /users":    "users",
		"GET /nowhere":  "",
		"DELETE /users": "",
	} {
		assert.Equal(t, want, ask(t, a, line).body, line)
	}
	refused := ask(t, a, "DELETE /users")
	assert.Equal(t, http.StatusMethodNotAllowed, refused.status)
	assert.Equal(t, "GET, POST, PUT", refused.header.Get("Allow"), "of all groups")
	assert.Empty(t, log.String())
}

func TestOfEqualRoutesInTwoGroupsTheFirstWins(t *testing.T) {
	t.Parallel()
	var first, second, anything, other app.Site
	a, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Group(func(r *routing.Route) {
				first = app.Caller(0)
				r.Get("/x", text("first"))
				anything = app.Caller(0)
				r.Handle("", text("any"))
			})
			r.Group(func(r *routing.Route) {
				second = app.Caller(0)
				r.Get("/x", text("second"))
				r.Post("/x", text("post"))
				other = app.Caller(0)
				r.Handle("", text("other"))
			})
		})
	})
	assert.Equal(t, "first", ask(t, a, "GET /x").body)
	assert.Equal(t, "post", ask(t, a, "POST /x").body)
	assert.Equal(t, "any", ask(t, a, "PUT /").body)
	for _, site := range []*app.Site{&first, &second, &anything, &other} {
		site.Line++
	}
	logged := strings.Split(strings.TrimSpace(log.String()), "\n")
	assert.Len(t, logged, 2)
	for i, sites := range [][2]app.Site{{second, first}, {other, anything}} {
		assert.Contains(t, logged[i], `level=WARN msg="a route can never be reached"`)
		assert.Contains(t, logged[i], "site="+sites[0].String()+" first="+sites[1].String())
	}
}

// Where conditions choose, a walk finds what several groups have at one place.
func TestGroupsBesideConditions(t *testing.T) {
	t.Parallel()
	heads := wanting("heads", http.MethodHead, http.MethodGet)
	a := serve(t, func(r *routing.Route) {
		r.Header("X", "1").Get("/{everything...}", text("condition"))
		r.Group(func(r *routing.Route) { r.Get("/{id}", param("id")) })
		r.Group(func(r *routing.Route) {
			r.Get("/a", text("a"))
			r.Get("/b/{id}", text("b"))
		})
		r.Group(func(r *routing.Route) {
			r.Post("/a", text("post a"))
			r.Put("/b/{id}", text("put b"))
		})
		get := r.ForMethod(http.MethodGet).Route("/c", block)
		get.Group(func(r *routing.Route) { r.Handle("", naming("without")) })
		get.Group(func(r *routing.Route) { r.Handle("", naming("with heads")); r.Install(heads) })
	})
	for line, want := range map[string]string{
		"GET /a":    "a",
		"POST /a":   "post a",
		"GET /z":    "z",
		"GET /b/1":  "b",
		"PUT /b/1":  "put b",
		"GET /no/1": "",
	} {
		assert.Equal(t, want, ask(t, a, line).body, line)
	}
	assert.Equal(t, "GET, POST", ask(t, a, "DELETE /a").header.Get("Allow"))
	assert.Equal(t, "without", ask(t, a, "GET /c").header.Get("X-Handler"))
	assert.Equal(t, "with heads", ask(t, a, "HEAD /c").header.Get("X-Handler"))
}

// A plugin's OPTIONS stands at the paths of its group, and nowhere else.
func TestCORSInTwoGroupsKeepsTwoPolicies(t *testing.T) {
	t.Parallel()
	policy := func(host string) app.Installable {
		return cors.Plugin.With(func(c *cors.Config) { c.AllowHost(host); c.AllowMethod(http.MethodPut) })
	}
	var group, shared app.Site
	a, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Group(func(r *routing.Route) {
				group = app.Caller(0)
				r.Install(policy("a.example"))
				r.Put("/a", text("a"))
				r.Put("/both/{id}", text("a"))
				r.Get("/shared", text("a"))
				r.Header("X", "1").Put("/condition/{id}", text("a"))
				r.Put("/files/{path...}", text("a"))
				r.Mount("/mounted", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
				r.Group(func(r *routing.Route) {
					r.Install(policy("inner.example"))
					r.Put("/inner", text("inner"))
				})
				r.Route("/deep", func(r *routing.Route) {
					r.Put("", text("deep"))
					r.Route("/er", func(r *routing.Route) {
						r.Install(policy("deeper.example"))
						r.Put("/x", text("deeper"))
					})
				})
			})
			r.Group(func(r *routing.Route) {
				shared = app.Caller(0)
				r.Install(policy("b.example"))
				r.Put("/b", text("b"))
				r.Put("/shared", text("b"))
			})
			r.Get("/open", text("open"))
		})
	})
	assert.Equal(t, 1, strings.Count(log.String(), "plugins of two groups answer one path: those of the first one do"))
	group.Line, shared.Line = group.Line+1, shared.Line+1
	assert.Contains(t, log.String(), `route="OPTIONS /shared" site=`+shared.String()+" first="+group.String())
	for name, test := range map[string]struct {
		path, origin string
		status       int
	}{
		"a's path":                   {"/a", "a.example", 200},
		"a's path, b's origin":       {"/a", "b.example", 403},
		"b's path":                   {"/b", "b.example", 200},
		"b's path, a's origin":       {"/b", "a.example", 403},
		"a parameter":                {"/both/7", "a.example", 200},
		"a tail":                     {"/files/x/y", "a.example", 200},
		"a condition":                {"/condition/7", "a.example", 200},
		"the first group has it":     {"/shared", "a.example", 200},
		"an inner group":             {"/inner", "inner.example", 200},
		"an inner group, the outer":  {"/inner", "a.example", 403},
		"a route of the group":       {"/deep", "a.example", 200},
		"the plugin of a route":      {"/deep/er/x", "deeper.example", 200},
		"below the plugin's route":   {"/deep/er/y/z", "deeper.example", 200},
		"the same, the outer origin": {"/deep/er/x", "a.example", 403},
		"no group's path":            {"/open", "a.example", 405},
		"nobody's path":              {"/nowhere", "a.example", 404},
		"below a path of the group":  {"/a/x", "a.example", 404},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, a, "OPTIONS "+test.path, "Origin", "http://"+test.origin, "Access-Control-Request-Method", "PUT")
			assert.Equal(t, test.status, got.status)
			allowed := ""
			if test.status == http.StatusOK {
				allowed = "http://" + test.origin
			}
			assert.Equal(t, allowed, got.header.Get("Access-Control-Allow-Origin"))
		})
	}
	assert.Equal(t, http.StatusTeapot, ask(t, a, "OPTIONS /mounted/x").status, "a mount takes every method")
	assert.Equal(t, http.StatusMethodNotAllowed, ask(t, a, "OPTIONS /open").status)
}

func TestMessagesNameAGroupByItsLine(t *testing.T) {
	t.Parallel()
	var group, first, second app.Site
	said := mistakes(t, func(r *routing.Route) {
		r.Route("/api", func(r *routing.Route) {
			group = app.Caller(0)
			r.Group(func(r *routing.Route) {
				first = app.Caller(0)
				r.Install(scoped)
				second = app.Caller(0)
				r.Install(scoped)
			})
		})
	})
	group.Line, first.Line, second.Line = group.Line+1, first.Line+1, second.Line+1
	assert.Equal(t, second.String()+": install Scoped: it is already installed on a group of /api, at "+group.String()+
		", at "+first.String(), said)
	assert.Contains(t, mistakes(t, func(r *routing.Route) { r.Group(nil) }), "group: the block is nil")
}

// A group has the pattern of the route around it, and an endpoint that of its
// path.
func TestAGroupHasNoPattern(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		r.Route("/api", func(r *routing.Route) {
			made := r.Group(func(r *routing.Route) {
				r.Get("/x", func(c *app.Call) error { return c.RespondText(c.Route() + " " + c.Request.Pattern) })
			})
			assert.Equal(t, "/api", made.String())
			assert.NotSame(t, made, r.Group(block))
		})
	})
	assert.Equal(t, "/api/x /api/x", ask(t, a, "GET /api/x").body)
}
