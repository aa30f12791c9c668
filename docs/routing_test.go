package docs_test

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/routing"
)

func said(text string) app.Handler {
	return func(c *app.Call) error { return c.RespondText(text) }
}

func shop(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("welcome") })

		r.Route("/users", func(r *routing.Route) {
			r.Get("", func(c *app.Call) error { return c.RespondText("all of them") })
			r.Get("/{id}", func(c *app.Call) error { return c.RespondText("user " + c.PathParam("id")) })
			r.Delete("/{id}", func(c *app.Call) error { return c.RespondStatus(http.StatusNoContent) })
		})
	})
}

func pieces(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/reports/{id}.json", func(c *app.Call) error { return c.RespondText("report " + c.PathParam("id")) })
		r.Get("/orders/{id:[0-9]+}", func(c *app.Call) error { return c.RespondText("order " + c.PathParam("id")) })
		r.Get("/pages/{number?}", func(c *app.Call) error { return c.RespondText("page " + c.PathParam("number")) })
		r.Get("/files/{path...}", func(c *app.Call) error { return c.RespondText("file " + c.PathParam("path")) })
		r.Regexp(`/repos/(?<owner>\w+)/(?<name>[\w.]+)`).Get("/tags", func(c *app.Call) error {
			return c.RespondText("tags of " + c.PathParam("owner") + "'s " + c.PathParam("name"))
		})
	})
}

func choices(a *app.Application) {
	me, user, profile, page := said("me"), said("user"), said("profile"), said("page")
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/users/me", me)
		r.Get("/users/{id}", user)
		r.Get("/{kind}/{id}/profile", profile)
		r.Get("/{page...}", page)
	})
}

func versions(a *app.Application) {
	page, prices := said("<p>page"), said("prices")
	darkPage := said("dark")
	routing.Routes(a, func(r *routing.Route) {
		r.Route("/prices", func(r *routing.Route) {
			r.Get("", page)
			r.Accept("text/csv").Get("", prices)
			r.Where(routing.Condition{
				Words:  "cookie theme: dark",
				Header: "Cookie",
				Quality: func(c *app.Call) float64 {
					if cookie, err := c.Request.Cookie("theme"); err == nil && cookie.Value == "dark" {
						return 1
					}
					return 0
				},
			}).Get("", darkPage)
		})
	})
}

func groups(a *app.Application) {
	list, add := said("list"), said("add")
	routing.Routes(a, func(r *routing.Route) {
		r.Group(func(r *routing.Route) {
			r.Install(cors.Plugin.With(func(c *cors.Config) { c.AnyHost() }))
			r.Use(middleware.NoCache)
			r.Get("/products", list)
		})
		r.Post("/products", add) // neither CORS nor NoCache
	})
}

func named(a *app.Application) {
	user := said("user")
	page := template.Must(template.New("page").Funcs(template.FuncMap{
		"url": func(name string, pairs ...any) (string, error) { return routing.URL(a, name, pairs...) },
	}).Parse(`<a href="{{url "user" "id" . "tab" "orders"}}">you</a>`))
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/users/{id}", user).Named("user")
		r.Get("/", func(c *app.Call) error { return c.RespondHTML(page, "a/b") })
	})
}

// Crud is a verb, as anybody can make one.
func Crud(r *routing.Route, path string, get, remove app.Handler) {
	r.DeclareAt(app.Caller(1), func(r *routing.Route) {
		r.Get(path, get)
		r.Delete(path, remove)
	})
}

func verbs(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) { Crud(r, "/users/{id}", said("user"), said("gone")) })
}

func slashes(a *app.Application) {
	a.Configure(func(c *app.Config) { c.RootPath = "/shop" })
	a.Install(routing.IgnoreTrailingSlash)
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/cart", said("cart")) // /shop/cart and /shop/cart/
	})
}

func TestRoutingPage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		module    app.Module
		line      string
		header    [2]string
		status    int
		body      string
		responded [2]string
	}{
		{module: shop, line: "GET /users/7", status: 200, body: "user 7"},
		{module: shop, line: "PUT /users/7", status: 405, responded: [2]string{"Allow", "DELETE, GET"}},
		{module: shop, line: "GET /users/", status: 404},
		{module: pieces, line: "GET /reports/a.b.json", status: 200, body: "report a.b"},
		{module: pieces, line: "GET /orders/7", status: 200, body: "order 7"},
		{module: pieces, line: "GET /orders/me", status: 404},
		{module: pieces, line: "GET /pages", status: 200, body: "page "},
		{module: pieces, line: "GET /pages/2", status: 200, body: "page 2"},
		{module: pieces, line: "GET /files/css/main.css", status: 200, body: "file css/main.css"},
		{module: pieces, line: "GET /repos/go-chi/chi/tags", status: 404, body: ""},
		{module: pieces, line: "GET /repos/gochi/chi/tags", status: 200, body: "tags of gochi's chi"},
		{module: choices, line: "GET /users/me", status: 200, body: "me"},
		{module: choices, line: "GET /users/7", status: 200, body: "user"},
		{module: choices, line: "GET /users/me/profile", status: 200, body: "profile"},
		{module: choices, line: "GET /users/me/orders", status: 200, body: "page"},
		{module: versions, line: "GET /prices", status: 200, body: "<p>page", responded: [2]string{"Vary", "Accept, Cookie"}},
		{module: versions, line: "GET /prices", header: [2]string{"Accept", "text/csv"}, status: 200, body: "prices"},
		{module: versions, line: "GET /prices", header: [2]string{"Cookie", "theme=dark"}, status: 200, body: "dark"},
		{module: groups, line: "GET /products", header: [2]string{"Origin", "http://a.example"}, status: 200, body: "list", responded: [2]string{"Access-Control-Allow-Origin", "*"}},
		{module: groups, line: "POST /products", header: [2]string{"Origin", "http://a.example"}, status: 200, body: "add", responded: [2]string{"Access-Control-Allow-Origin", ""}},
		{module: named, line: "GET /", status: 200, body: `<a href="/users/a%2Fb?tab=orders">you</a>`},
		{module: verbs, line: "GET /users/7", status: 200, body: "user"},
		{module: verbs, line: "DELETE /users/7", status: 200, body: "gone"},
		{module: slashes, line: "GET /shop/cart", status: 200, body: "cart"},
		{module: slashes, line: "GET /shop/cart/", status: 200, body: "cart"},
		{module: slashes, line: "GET /cart", status: 404},
	} {
		t.Run(test.line+" "+test.header[1], func(t *testing.T) {
			t.Parallel()
			got := asked(t, test.module, test.line, test.header)
			assert.Equal(t, test.status, got.Code)
			if test.status == http.StatusOK {
				assert.Equal(t, test.body, got.Body.String())
			}
			if name := test.responded[0]; name != "" {
				assert.Equal(t, test.responded[1], strings.Join(got.Header().Values(name), ", "))
			}
		})
	}
}

// asked returns the answer of an application of a module to one request.
func asked(t *testing.T, module app.Module, line string, header [2]string) *httptest.ResponseRecorder {
	t.Helper()
	a := app.New(module)
	require.NoError(t, a.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, a.Stop(context.WithoutCancel(t.Context()))) })
	method, path, _ := strings.Cut(line, " ")
	request := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	if header[0] != "" {
		request.Header.Set(header[0], header[1])
	}
	recorder := httptest.NewRecorder()
	a.ServeHTTP(recorder, request)
	return recorder
}

func tracing(a *app.Application, out io.Writer) {
	routing.Trace(a, func(_ *app.Call, r *routing.Resolution) { fmt.Fprintln(out, r) })
}

func listing(a *app.Application, out io.Writer) {
	for _, route := range routing.AllRoutes(a) {
		fmt.Fprintln(out, route.Method, route.Pattern, route.Site)
	}
}

func TestRoutingPageShowsWhatHappens(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("routing.md")
	require.NoError(t, err)
	var trace, list strings.Builder
	asked(t, func(a *app.Application) { choices(a); tracing(a, &trace) }, "GET /users/me", [2]string{})
	asked(t, func(a *app.Application) { choices(a); listing(a, &list) }, "GET /", [2]string{})
	assert.Contains(t, string(page), trace.String())
	assert.Equal(t, 4, strings.Count(list.String(), "GET /"))
	assert.Contains(t, list.String(), "GET /users/{id} docs/routing_test.go:")
}

func legacyStatus(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, "legacy "+chi.URLParam(r, "id"))
}

func mounting(a *app.Application) {
	legacy := chi.NewRouter()
	legacy.Get("/status/{id}", legacyStatus)

	routing.Routes(a, func(r *routing.Route) {
		r.Mount("/legacy", legacy)
		r.Get("/healthz", app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNoContent)
		})))
	})
}

func TestRoutingPageChi(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "legacy 7", asked(t, mounting, "GET /legacy/status/7", [2]string{}).Body.String())
	assert.Equal(t, http.StatusNoContent, asked(t, mounting, "GET /healthz", [2]string{}).Code)
}
