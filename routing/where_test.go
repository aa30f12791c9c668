package routing_test

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// cookie is a condition of somebody else's: a cookie with a value.
func cookie(name, value string) routing.Condition {
	return routing.Condition{
		Words:  "cookie " + name + ": " + value,
		Header: "cookie",
		Quality: func(c *app.Call) float64 {
			if sent, err := c.Request.Cookie(name); err != nil || sent.Value != value {
				return 0
			}
			return 1
		},
	}
}

func TestWhereChoosesTheRoute(t *testing.T) {
	t.Parallel()
	hidden := cookie("admin", "yes")
	hidden.Status = http.StatusNotFound
	teapot := cookie("tea", "yes")
	teapot.Status = http.StatusTeapot
	a := serve(t, func(r *routing.Route) {
		r.Route("/home", func(r *routing.Route) {
			r.Get("", text("light"))
			r.Where(cookie("theme", "dark")).Get("", text("dark"))
		})
		r.Where(cookie("theme", "dark")).Get("/only", text("only"))
		r.Where(hidden).Route("/admin", func(r *routing.Route) {
			r.Header("X", "1").Get("", text("admin"))
		})
		r.Where(teapot).Get("/tea", text("tea"))
		r.Where(teapot).Where(cookie("theme", "dark")).Get("/both", text("both"))
		r.Where(cookie("theme", "dark")).Get("/rest/{path...}", text("rest"))
	})
	for name, test := range map[string]struct {
		line, cookie string
		status       int
		body, vary   string
	}{
		"it holds":                     {"GET /home", "theme=dark", 200, "dark", "Cookie"},
		"it does not":                  {"GET /home", "theme=light", 200, "light", "Cookie"},
		"nothing to look at":           {"GET /home", "", 200, "light", "Cookie"},
		"nobody else":                  {"GET /only", "", 400, "Bad Request", "Cookie"},
		"another method":               {"POST /only", "theme=dark", 405, "", "Cookie"},
		"what is hidden":               {"GET /admin", "", 404, "", "Cookie"},
		"what is hidden, not any more": {"GET /admin", "admin=yes", 400, "Bad Request", "Cookie, X"},
		"a status of its own":          {"GET /tea", "", 418, "I'm a teapot", "Cookie"},
		"the greatest status counts":   {"GET /both", "", 418, "I'm a teapot", "Cookie"},
		"both":                         {"GET /both", "tea=yes; theme=dark", 200, "both", "Cookie"},
		"a tail lacks nothing":         {"GET /rest/x", "", 404, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, a, test.line, "Cookie", test.cookie)
			assert.Equal(t, test.status, got.status)
			assert.Equal(t, test.body, got.body)
			if test.vary != "" {
				assert.Equal(t, test.vary, strings.Join(got.header.Values("Vary"), ", "))
			}
		})
	}
}

func TestWhereAnswersAreQualities(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		quality float64
		body    string // that of the routes beside it which wins
	}{
		"not at all":          {0, "without"},
		"less than not at":    {-1, "without"},
		"below a filler":      {-2, "without"},
		"no number":           {math.NaN(), "without"},
		"least":               {math.Inf(-1), "without"},
		"hardly":              {math.SmallestNonzeroFloat64, "some"},
		"better than the one": {0.9, "own"},
		"entirely":            {1, "own"},
		"more than that":      {1.5, "own"},
		"most":                {math.Inf(1), "own"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := routing.Condition{Words: "anything", Quality: func(*app.Call) float64 { return test.quality }}
			a := serve(t, func(r *routing.Route) {
				r.Get("/{p}", text("without"))
				r.Route("/x", func(r *routing.Route) {
					r.Header("X", "1").Get("", text("some"))
					r.Where(asked).Get("", text("own"))
				})
			})
			headers := []string{"X", "1;q=0.5"}
			if test.body == "without" {
				headers = nil
			}
			assert.Equal(t, test.body, ask(t, a, "GET /x", headers...).body)
			first := serve(t, func(r *routing.Route) { // two that are perfect tie
				r.Where(asked).Get("/x", text("own"))
				r.Header("X", "1").Get("/x", text("some"))
			})
			want := "some"
			if test.quality >= 1 {
				want = "own"
			}
			assert.Equal(t, want, ask(t, first, "GET /x", "X", "1").body)
		})
	}
}

// TestWhereIsAskedOnce: one condition at several places, with the refusal's
// second look at all of them.
func TestWhereIsAskedOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	counted := func() routing.Condition {
		return routing.Condition{Words: "counted", Quality: func(*app.Call) float64 { asked++; return 0 }}
	}
	a := serve(t, func(r *routing.Route) {
		r.Where(counted()).Get("/{p}", text(""))
		r.Route("/x", func(r *routing.Route) {
			r.Where(counted()).Get("", text(""))
			r.Where(counted()).Post("", text("")) // the same part
		})
		r.Get("/y/z", text("plain"))
	})
	require.Equal(t, http.StatusBadRequest, ask(t, a, "GET /x").status)
	assert.Equal(t, 1, asked)
	require.Equal(t, "plain", ask(t, a, "GET /y/z").body)
	assert.Equal(t, 1, asked, "no route with it competes")
}

// TestWhereIsToldApart: by its words, its header and its status.
func TestWhereIsToldApart(t *testing.T) {
	t.Parallel()
	condition := func(words, header string, status int, quality float64) routing.Condition {
		return routing.Condition{Words: words, Header: header, Status: status, Quality: func(*app.Call) float64 { return quality }}
	}
	a := serve(t, func(r *routing.Route) {
		r.Where(condition("same", "", 0, 0)).Get("/header", text("first"))
		r.Where(condition("same", "X", 0, 1)).Get("/header", text("second"))
		r.Where(condition("same", "", 0, 0)).Get("/status", text("first"))
		r.Where(condition("same", "", 404, 1)).Get("/status", text("second"))
		r.Where(condition("same", "", 400, 1)).Get("/same", text("second"))
	})
	assert.Equal(t, "second", ask(t, a, "GET /header").body)
	assert.Equal(t, "second", ask(t, a, "GET /status").body)
	assert.Equal(t, http.StatusBadRequest, ask(t, a, "GET /same").status, "the first one is asked")
}

func TestWhereThatPanicsFailsTheCall(t *testing.T) {
	t.Parallel()
	a, log := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Where(routing.Condition{Words: "trouble", Quality: func(c *app.Call) float64 {
				if c.Query().Has("panic") {
					panic("what was wrong inside")
				}
				return 1
			}}).Get("/x", text("fine"))
		})
	})
	for range 3 {
		got := ask(t, a, "GET /x?panic")
		assert.Equal(t, http.StatusInternalServerError, got.status)
		assert.NotContains(t, got.body, "inside")
		assert.Equal(t, "fine", ask(t, a, "GET /x").body)
	}
	assert.Equal(t, 3, strings.Count(log.String(), "level=ERROR"))
	assert.Contains(t, log.String(), "what was wrong inside")
	assert.Contains(t, log.String(), "where_test.go")
}

func TestWhereMistakes(t *testing.T) {
	t.Parallel()
	fine := func(*app.Call) float64 { return 1 }
	for name, test := range map[string]struct {
		asked routing.Condition
		text  string
	}{
		"no words":       {routing.Condition{Quality: fine}, "route Where: the condition has no words"},
		"blank words":    {routing.Condition{Words: " ", Quality: fine}, "route Where: the condition has no words"},
		"no function":    {routing.Condition{Words: "x"}, "route x: the function is nil"},
		"no header":      {routing.Condition{Words: "x", Header: "a b", Quality: fine}, `route x: "a b" is no name of a header`},
		"the host":       {routing.Condition{Words: "x", Header: "host", Quality: fine}, `route x: no response varies by Host: leave the header out`},
		"a good status":  {routing.Condition{Words: "x", Status: 200, Quality: fine}, "route x: 200 is no status of a call that lacks something: those are 400 to 499"},
		"a server's":     {routing.Condition{Words: "x", Status: 500, Quality: fine}, "route x: 500 is no status of a call that lacks something: those are 400 to 499"},
		"below nothing":  {routing.Condition{Words: "x", Status: -1, Quality: fine}, "route x: -1 is no status of a call that lacks something: those are 400 to 499"},
		"nothing at all": {routing.Condition{}, "route Where: the condition has no words"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var site app.Site
			said := mistakes(t, func(r *routing.Route) {
				site = app.Caller(0)
				r.Where(test.asked).Get("/x", text(""))
			})
			site.Line++
			assert.Equal(t, site.String()+": "+test.text, said)
		})
	}
}

// TestHxRoutingByConditionsOfYourOwn is R289 to R293: what htmx's helpers
// declare, each selector nested in the one before.
func TestHxRoutingByConditionsOfYourOwn(t *testing.T) {
	t.Parallel()
	hx := func(name, value string) routing.Condition {
		return routing.Condition{Words: name + " is " + value, Header: name, Quality: func(c *app.Call) float64 {
			if c.Request.Header.Get(name) == value {
				return 1
			}
			return 0
		}}
	}
	a := serve(t, func(r *routing.Route) {
		r.Route("/htmx", func(r *routing.Route) {
			r.Get("", text("none"))
			htmx := r.Where(hx("HX-Request", "true"))
			htmx.Get("", text("htmx"))
			htmx.Where(hx("HX-Target", "#test")).Get("", text("target"))
			htmx.Where(hx("HX-Trigger", "#button")).Get("", text("trigger"))
		})
	})
	for name, test := range map[string]struct {
		headers []string
		body    string
	}{
		"R289":              {nil, "none"},
		"R290":              {[]string{"HX-Request", "true"}, "htmx"},
		"R291":              {[]string{"HX-Request", "true", "HX-Target", "#test"}, "target"},
		"R292":              {[]string{"HX-Request", "true", "HX-Trigger", "#button"}, "trigger"},
		"a target alone":    {[]string{"HX-Target", "#test"}, "none"},
		"a target of other": {[]string{"HX-Request", "true", "HX-Target", "#other"}, "htmx"},
	} {
		assert.Equal(t, test.body, ask(t, a, "GET /htmx", test.headers...).body, name)
	}
	assert.Equal(t, http.StatusMethodNotAllowed, ask(t, a, "POST /htmx", "HX-Request", "true").status, "R293")
}

// A condition of one's own: what the cookie says about how a page is to look.
func ExampleRoute_Where() {
	dark := routing.Condition{
		Words:  "cookie theme: dark",
		Header: "Cookie", // so that caches tell the pages apart
		Quality: func(c *app.Call) float64 {
			if theme, err := c.Request.Cookie("theme"); err != nil || theme.Value != "dark" {
				return 0
			}
			return 1
		},
	}
	application := app.New(func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/home", func(r *routing.Route) {
				r.Get("", func(c *app.Call) error { return c.RespondText("light") })
				r.Where(dark).Get("", func(c *app.Call) error { return c.RespondText("dark") })
			})
		})
	})
	ctx := context.Background()
	if err := application.Start(ctx); err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = application.Stop(ctx) }()

	for _, sent := range []string{"theme=dark", "theme=light"} {
		recorder := httptest.NewRecorder()
		request := httptest.NewRequest(http.MethodGet, "/home", nil)
		request.Header.Set("Cookie", sent)
		application.ServeHTTP(recorder, request)
		fmt.Println(sent, recorder.Body, recorder.Header().Get("Vary"))
	}
	// Output:
	// theme=dark dark Cookie
	// theme=light light Cookie
}

// TestAConditionInFrontOfATailOrAMountIs404: anything may be there.
func TestAConditionInFrontOfATailOrAMountIs404(t *testing.T) {
	t.Parallel()
	a := serve(t, func(r *routing.Route) {
		never := r.Where(routing.Condition{Words: "never", Status: http.StatusForbidden, Quality: func(*app.Call) float64 { return 0 }})
		never.Get("/one/{id}", text(""))
		never.Get("/tail/{path...}", text(""))
		never.Mount("/mount", http.NotFoundHandler())
	})
	assert.Equal(t, http.StatusForbidden, ask(t, a, "GET /one/1").status)
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /tail/1").status)
	assert.Equal(t, http.StatusNotFound, ask(t, a, "GET /mount").status)
}
