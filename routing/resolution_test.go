package routing_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// resolved returns an application that keeps the resolution of the last call.
func resolved(t *testing.T, modules ...app.Module) (*app.Application, func() *routing.Resolution) {
	var last *routing.Resolution
	a, _ := start(t, append(modules, func(a *app.Application) {
		routing.Trace(a, func(_ *app.Call, r *routing.Resolution) { last = r })
	})...)
	return a, func() *routing.Resolution { return last }
}

// testRouting is what Ktor's RoutingTracingTest declares.
func testRouting(r *routing.Route) {
	r.Get("/bar", text("/bar"))
	r.Get("/baz", text("/baz"))
	r.Get("/baz/x", text("/baz/x"))
	r.Get("/baz/x/{optional?}", text("/baz/x/{optional?}"))
	r.Get("/baz/{y}", text("/baz/{y}"))
	r.Get("/baz/{y}/value", text("/baz/{y}/value"))
	r.Get("/{param}", text("/{param}"))
	r.Get("/{param}/x", text("/{param}/x"))
	r.Get("/{param}/x/z", text("/{param}/x/z"))
	r.Get("/*/extra", text("/*/extra"))
	r.Header("a", "x").Get("", text("a"))
	r.Header("b", "x").Get("", text("b"))
	r.Route("/route", func(r *routing.Route) { r.LocalPort(80).Get("/port", text("port")) })
}

// TestRoutingTracingTest has the cases of Ktor's class, in our words.
func TestRoutingTracingTest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		line, body, trace string
		headers           []string
	}{
		"testRoutingGetBar": {"GET /bar", "/bar", `
GET "/bar"
  /: 1
    bar: 1 of "bar"
      GET: 1
    baz: does not fit
    {param}: a better one was found, 0.8
    *: a better one was found, 0.5
    (header A: x): does not fit, 400
    (header B: x): does not fit, 400
    route: does not fit
could serve: GET /bar
serves: GET /bar`, nil},
		"testRoutingBarX": {"GET /bar/x", "/{param}/x", `
GET "/bar/x"
  /: 1
    bar: 1 of "bar"
      GET: segments remain
    baz: does not fit
    {param}: 0.8 of "bar"
      GET: segments remain
      x: 1 of "x"
        GET: 1
        z: does not fit
    *: a better one was found, 0.5
    (header A: x): does not fit, 400
    (header B: x): does not fit, 400
    route: does not fit
could serve: GET /{param}/x
serves: GET /{param}/x`, nil},
		"testRoutingBazX": {"GET /baz/x", "/baz/x", `
GET "/baz/x"
  /: 1
    bar: does not fit
    baz: 1 of "baz"
      GET: segments remain
      x: 1 of "x"
        GET: 1
        {optional?}: a better one was found, 0.2
      {y}: a better one was found, 0.8
    {param}: a better one was found, 0.8
    *: a better one was found, 0.5
    (header A: x): does not fit, 400
    (header B: x): does not fit, 400
    route: does not fit
could serve: GET /baz/x
serves: GET /baz/x`, nil},
		"testRoutingBazDoo": {"GET /baz/doo", "/baz/{y}", `
GET "/baz/doo"
  /: 1
    bar: does not fit
    baz: 1 of "baz"
      GET: segments remain
      x: does not fit
      {y}: 0.8 of "doo"
        GET: 1
        value: does not fit
    {param}: a better one was found, 0.8
    *: a better one was found, 0.5
    (header A: x): does not fit, 400
    (header B: x): does not fit, 400
    route: does not fit
could serve: GET /baz/{y}
serves: GET /baz/{y}`, nil},
		"testRoutingBazXZ": {"GET /baz/x/z", "/baz/x/{optional?}", `
GET "/baz/x/z"
  /: 1
    bar: does not fit
    baz: 1 of "baz"
      GET: segments remain
      x: 1 of "x"
        GET: segments remain
        {optional?}: 0.8 of "z"
          GET: 1
      {y}: a better one was found, 0.8
    {param}: a better one was found, 0.8
    *: a better one was found, 0.5
    (header A: x): does not fit, 400
    (header B: x): does not fit, 400
    route: does not fit
could serve: GET /baz/x/{optional?}
serves: GET /baz/x/{optional?}`, nil},
		"testRoutingBazXValue": {"GET /baz/x/value", "/baz/x/{optional?}", `
GET "/baz/x/value"
  /: 1
    bar: does not fit
    baz: 1 of "baz"
      GET: segments remain
      x: 1 of "x"
        GET: segments remain
        {optional?}: 0.8 of "value"
          GET: 1
      {y}: a better one was found, 0.8
    {param}: a better one was found, 0.8
    *: a better one was found, 0.5
    (header A: x): does not fit, 400
    (header B: x): does not fit, 400
    route: does not fit
could serve: GET /baz/x/{optional?}
serves: GET /baz/x/{optional?}`, nil},
		"testRoutingP": {"GET /p", "/{param}", `
GET "/p"
  /: 1
    bar: does not fit
    baz: does not fit
    {param}: 0.8 of "p"
      GET: 1
      x: does not fit
    *: a better one was found, 0.5
    (header A: x): does not fit, 400
    (header B: x): does not fit, 400
    route: does not fit
could serve: GET /{param}
serves: GET /{param}`, nil},
		"testRoutingPX": {"GET /p/x", "/{param}/x", `
GET "/p/x"
  /: 1
    bar: does not fit
    baz: does not fit
    {param}: 0.8 of "p"
      GET: segments remain
      x: 1 of "x"
        GET: 1
        z: does not fit
    *: a better one was found, 0.5
    (header A: x): does not fit, 400
    (header B: x): does not fit, 400
    route: does not fit
could serve: GET /{param}/x
serves: GET /{param}/x`, nil},
		"testRoutingRoot": {"GET /", "a", `
GET "/"
  /: 1
    bar: does not fit
    baz: does not fit
    {param}: does not fit
    *: does not fit
    (header A: x): 1
      GET: 1
    (header B: x): 1
      GET: 1
    route: does not fit
could serve: GET / (header A: x)
could serve: GET / (header B: x)
serves: GET / (header A: x)`, []string{"a", "x", "b", "x"}},
		"no route": {"POST /bar", "", `
POST "/bar"
  /: 1
    bar: 1 of "bar"
      GET: does not fit, 405
    baz: does not fit
    {param}: 0.8 of "bar"
      GET: does not fit, 405
      x: does not fit
    *: 0.5 of "bar"
      extra: does not fit
    (header A: x): does not fit, 400
    (header B: x): does not fit, 400
    route: does not fit
serves: nothing, 405`, nil},
		"what the path holds is quoted": {"GET /a%0Ab%22/", "", `
GET "/a\nb\"/"
  /: 1
    bar: does not fit
    baz: does not fit
    {param}: 0.8 of "a\nb\""
      GET: segments remain
      x: does not fit
    *: 0.5 of "a\nb\""
      extra: does not fit
    (header A: x): does not fit, 400
    (header B: x): does not fit, 400
    route: does not fit
serves: nothing, 404`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, last := resolved(t, func(a *app.Application) { routing.Routes(a, testRouting) })
			assert.Equal(t, test.body, ask(t, a, test.line, test.headers...).body)
			assert.Equal(t, test.trace, "\n"+last().String())
		})
	}
}

// TestPathAndConditionSelectors is Ktor's case of that name, where a port fits.
func TestPathAndConditionSelectors(t *testing.T) {
	t.Parallel()
	a, last := resolved(t, func(a *app.Application) { routing.Routes(a, testRouting) })
	sent := httptest.NewRequestWithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{Port: 80}),
		http.MethodGet, "/route/port", nil)
	recorder := httptest.NewRecorder()
	a.ServeHTTP(recorder, sent)
	assert.Equal(t, "port", recorder.Body.String())
	assert.Equal(t, `
GET "/route/port"
  /: 1
    bar: does not fit
    baz: does not fit
    {param}: 0.8 of "route"
      GET: segments remain
      x: does not fit
    *: 0.5 of "route"
      extra: does not fit
    (header A: x): does not fit, 400
    (header B: x): does not fit, 400
    route: 1 of "route"
      (local port 80): 1
        port: 1 of "port"
          GET: 1
could serve: GET /route/port (local port 80)
serves: GET /route/port (local port 80)`, "\n"+last().String())
}

// TestStaticFilesRouteTracing is Ktor's case of that name. Ktor has a wrapper
// around the path, where we have none.
func TestStaticFilesRouteTracing(t *testing.T) {
	t.Parallel()
	a, last := resolved(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) { static.Files(r, "/static", "testdata") })
	})
	assert.Equal(t, http.StatusOK, ask(t, a, "GET /static/routing-cases.json").status)
	assert.Contains(t, last().String(), `
    static: 1 of "static"
      {...}: 0.1 of "routing-cases.json"
        GET: 1
`)
	assert.Contains(t, last().String(), "\nserves: GET /static/{...}")
}

// TestATraceOfWhatPluginsServe: heads of other routes and of streams, and what
// stands where there is nothing else.
func TestATraceOfWhatPluginsServe(t *testing.T) {
	t.Parallel()
	a, last := resolved(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		a.Install(autoheadresponse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Install(cors.Plugin.With(func(c *cors.Config) { c.AnyHost() }))
			r.Group(func(r *routing.Route) { r.Get("/page", text("page")) })
			r.Get("/page/", text("slash"))
			r.Mount("/legacy", http.NotFoundHandler())
		})
	})
	ask(t, a, "HEAD /page")
	assert.Contains(t, last().String(), "GET: 0.99\n")
	assert.Contains(t, last().String(), "serves: GET /page")
	ask(t, a, "OPTIONS /page")
	assert.Contains(t, last().String(), "    {...}: 0.1 of \"page\"\n      OPTIONS: if there is nothing else\n")
	ask(t, a, "GET /legacy/x/y")
	assert.Contains(t, last().String(), "      mount: 0.1 of \"x/y\"\n")
	assert.Contains(t, last().String(), "could serve: mount /legacy\nserves: mount /legacy")
	ask(t, a, "GET /page/")
	assert.Contains(t, last().String(), "      /: 1 of \"\"\n        GET: 1\n")
}

// TestATraceChangesNothing: neither what is answered, nor Vary, nor how often a
// condition is asked.
func TestATraceChangesNothing(t *testing.T) {
	t.Parallel()
	asked := 0
	module := func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/plain", text("plain"))
			r.Header("X", "1").Get("/other", text("other"))
			r.Where(routing.Condition{Words: "counted", Header: "Y", Quality: func(*app.Call) float64 { asked++; return 1 }}).Get("/counted/{p}", param("p"))
		})
	}
	without, _ := start(t, module)
	with, last := resolved(t, module)
	for _, line := range []string{"GET /plain", "GET /other", "GET /counted/7", "POST /counted/7", "GET /nothing", "POST /plain"} {
		asked = 0
		want, before := ask(t, without, line), asked
		asked = 0
		assert.Equal(t, want, ask(t, with, line), line)
		assert.LessOrEqual(t, asked, max(1, before), line)
		assert.Equal(t, want.status == http.StatusOK, last().Route != nil, line)
	}
}

func TestSeveralTracesAreTold(t *testing.T) {
	t.Parallel()
	var said []string
	a, log := start(t, func(a *app.Application) {
		routing.Trace(a, func(c *app.Call, r *routing.Resolution) { said = append(said, "first "+c.Route()+r.Route.String()) })
		routing.Routes(a, func(r *routing.Route) { r.Get("/x", text("x")) })
		routing.Trace(a, func(*app.Call, *routing.Resolution) { said = append(said, "second") })
	})
	assert.Equal(t, "x", ask(t, a, "GET /x").body)
	assert.Equal(t, []string{"first /x", "second"}, said, "before a route is reached")
	routing.Trace(a, func(*app.Call, *routing.Resolution) { said = append(said, "late") })
	ask(t, a, "GET /x")
	assert.Len(t, said, 4)
	assert.Contains(t, log.String(), "trace: routes are declared before Start")
}

func TestATraceThatPanicsFailsTheCall(t *testing.T) {
	t.Parallel()
	a, _ := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) { r.Get("/x", text("x")) })
		routing.Trace(a, func(c *app.Call, _ *routing.Resolution) {
			if c.Query().Has("panic") {
				panic("no")
			}
		})
	})
	assert.Equal(t, http.StatusInternalServerError, ask(t, a, "GET /x?panic").status)
	assert.Equal(t, "x", ask(t, a, "GET /x").body)
}

func TestANilTraceIsAMistake(t *testing.T) {
	t.Parallel()
	said := mistakes(t, func(r *routing.Route) { routing.Trace(r.Application(), nil) })
	assert.Contains(t, said, "resolution_test.go")
	assert.Contains(t, said, "trace: the function is nil")
}

// TestATraceTellsWhatServes draws routes as TestChoiceIsKtors does: the walk that
// a trace shows finds what serves the call, also where chi alone has chosen it,
// and the answers are those without a trace.
func TestATraceTellsWhatServes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		c := choices{rand: rand.New(rand.NewPCG(seed, 1)), conditions: seed%2 == 1}
		var drawn [][]string
		for range 1 + c.rand.IntN(6) {
			drawn = append(drawn, c.route())
		}
		names := map[*routing.Route]string{}
		module := func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				for i, selectors := range drawn {
					declare(r, selectors, caught(fmt.Sprint(i), selectors))
					for _, listed := range routing.AllRoutes(a) {
						if names[listed.Route] == "" {
							names[listed.Route] = fmt.Sprint(i)
						}
					}
				}
			})
		}
		without, _ := start(t, module)
		names = map[*routing.Route]string{}
		with, last := resolved(t, module)
		for range 8 {
			method, path := pick(c, http.MethodGet, http.MethodPost, http.MethodPut, "BREW", "FOO"), c.path()
			sent, _ := c.ask(t, method, path)
			plain, traced := httptest.NewRecorder(), httptest.NewRecorder()
			without.ServeHTTP(plain, sent)
			with.ServeHTTP(traced, sent.Clone(t.Context()))
			about := fmt.Sprintf("seed %d: %s %s of %q\n%s", seed, method, path, drawn, last())
			require.Equal(t, plain.Code, traced.Code, about)
			require.Equal(t, plain.Body.String(), traced.Body.String(), about)
			require.Equal(t, plain.Header(), traced.Header(), about)
			served, _, _ := strings.Cut(plain.Body.String(), " ")
			if plain.Code == http.StatusOK {
				require.Equal(t, served, names[last().Route], about)
			} else {
				require.Nil(t, last().Route, about)
				require.Equal(t, plain.Code, last().Status, about)
			}
		}
	}
}

func ExampleTrace() {
	application := app.New(func(a *app.Application) {
		routing.Trace(a, func(_ *app.Call, r *routing.Resolution) { fmt.Println(r) })
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/users/me", func(c *app.Call) error { return c.RespondText("me") })
			r.Get("/users/{id}", func(c *app.Call) error { return c.RespondText("user") })
			r.Header("X-Version", "2").Get("/users/{id}", func(c *app.Call) error { return c.RespondText("preview") })
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	request := httptest.NewRequest(http.MethodGet, "/users/7", nil)
	request.Header.Set("X-Version", "2")
	application.ServeHTTP(httptest.NewRecorder(), request)
	// Output:
	// GET "/users/7"
	//   /: 1
	//     users: 1 of "users"
	//       me: does not fit
	//       {id}: 0.8 of "7"
	//         GET: 1
	//     (header X-Version: 2): 1
	//       users: 1 of "users"
	//         {id}: 0.8 of "7"
	//           GET: 1
	// could serve: GET /users/{id}
	// could serve: GET /users/{id} (header X-Version: 2)
	// serves: GET /users/{id} (header X-Version: 2)
}

// TestTraceInsideAFrame: what is told is about the path inside the root path,
// without a slash that is ignored, and nothing is told of calls outside.
func TestTraceInsideAFrame(t *testing.T) {
	t.Parallel()
	a, last := resolved(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.RootPath = "/shop" })
		a.Install(routing.IgnoreTrailingSlash)
		routing.Routes(a, func(r *routing.Route) { r.Get("/cart/{id}/", text("cart")) })
	})
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /cart/7/").status)
	assert.Nil(t, last())
	assert.Equal(t, "cart", ask(t, a, "GET /shop/cart/7/").body)
	require.NotNil(t, last())
	assert.Equal(t, []string{"cart", "7"}, last().Segments)
	assert.Equal(t, "/cart/{id}/", last().Route.String())
	assert.Equal(t, "GET \"/cart/7\"\n  /: 1\n    cart: 1 of \"cart\"\n      {id}: 0.8 of \"7\"\n        GET: 1\n"+
		"could serve: GET /cart/{id}/\nserves: GET /cart/{id}/", last().String())
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /shop").status)
	assert.Equal(t, http.StatusNotFound, last().Status)
	assert.Nil(t, last().Route)
}
