package routing_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestPatternsThatCannotBeReadAreMistakes(t *testing.T) {
	t.Parallel()
	for pattern, reason := range map[string]string{
		"/users/{id":        `"{id": the braces do not match`,
		"/users/id}":        `"id}": the braces do not match`,
		"/}{":               `"}{": the braces do not match`,
		"/{a/b}":            `"{a": the braces do not match`,
		"/{}":               `"{}": the parameter has no name`,
		"/{...}x":           `"{...}x": nothing can follow {...}, which takes all that remains`,
		"/{a}-{b}":          `"{a}-{b}": a segment has one parameter: Regexp takes several, or the handler splits its value`,
		"/{{a}}":            `"{{a}}": a parameter's name is letters, digits, - and _, a letter or _ first`,
		"/pre{a...}suf":     `"pre{a...}suf": nothing can follow {a...}, which takes all that remains`,
		"/{a}{b?}":          `"{a}{b?}": a segment has one parameter: Regexp takes several, or the handler splits its value`,
		"/{a}}":             `"{a}}": the braces do not match`,
		"/}{a}":             `"}{a}": the braces do not match`,
		"/{?}":              `"{?}": the parameter has no name`,
		"/{a??}":            `"{a??}": a parameter's name is letters, digits, - and _, a letter or _ first`,
		"/pre?{a}":          `"pre?{a}": a path ends in front of its query: ask for that by Param, or write %3F if it is meant`,
		"/pre%{a}":          `"pre%{a}": invalid URL escape "%"`,
		"/{a}%z":            `"{a}%z": invalid URL escape "%z"`,
		"/{a:[}":            "\"{a:[}\": error parsing regexp: missing closing ]: `[`",
		"/{a:(x}":           "\"{a:(x}\": error parsing regexp: missing closing ): `(x`",
		"/{a:x/y}":          `"{a:x": an expression is for one segment, so it has no slash in it, and its braces match: Regexp is for several segments`,
		"/{a:[{]}":          `"{a:[{]}": an expression is for one segment, so it has no slash in it, and its braces match: Regexp is for several segments`,
		"/{0:x}":            `"{0:x}": a parameter's name is letters, digits, - and _, a letter or _ first`,
		"/{*a}":             `"{*a}": all that remains is {a...}`,
		"/{a*}":             `"{a*}": all that remains is {a...}`,
		"/a/{$}":            `"{$}": a slash at the end of a path is no prefix here: leave {$} out`,
		"/{a:":              `"{a:": an expression is for one segment, so it has no slash in it, and its braces match: Regexp is for several segments`,
		"/a?b=1":            `"a?b=1": a path ends in front of its query: ask for that by Param, or write %3F if it is meant`,
		"/a#b":              `"a#b": no request has a fragment: write %23 if it is meant`,
		"GET /x":            `the path is "/x": for the method there are Get, Method and the like`,
		"post  /x/{y}":      `the path is "/x/{y}": for the method there are Get, Method and the like`,
		"/{0}":              `"{0}": a parameter's name is letters, digits, - and _, a letter or _ first`,
		"/{-a}":             `"{-a}": a parameter's name is letters, digits, - and _, a letter or _ first`,
		"/{a b}":            `"{a b}": a parameter's name is letters, digits, - and _, a letter or _ first`,
		"/{é}":              `"{é}": a parameter's name is letters, digits, - and _, a letter or _ first`,
		"/{*}":              `"{*}": all that remains is {...}`,
		"/{a....}":          `"{a....}": a parameter's name is letters, digits, - and _, a letter or _ first`,
		"/{path...}/edit":   `nothing can follow {path...}, which takes all that remains`,
		"/{...}/":           `nothing can follow {...}, which takes all that remains`,
		"/{a...}/{b...}":    `nothing can follow {a...}, which takes all that remains`,
		"/100%":             `"100%": invalid URL escape "%"`,
		"/%zz":              `"%zz": invalid URL escape "%zz"`,
		"/{id}/x/{name}/{n": `"{n": the braces do not match`,
	} {
		t.Run(strings.Trim(pattern, "/"), func(t *testing.T) {
			t.Parallel()
			var site app.Site
			said := mistakes(t, func(r *routing.Route) {
				site = app.Caller(0)
				r.Get(pattern, text(""))
			})
			site.Line++
			assert.Equal(t, site.String()+": route GET "+pattern+": "+reason, said)
		})
	}
}

func TestMistakesNameTheirLines(t *testing.T) {
	t.Parallel()
	ok, stream := text(""), func(*sse.Session) error { return nil }
	here := func() app.Site { return app.Caller(1) }
	same := func(next app.Handler) app.Handler { return next }
	for name, mistake := range map[string]struct {
		declare func(r *routing.Route) app.Site // on one line, so that the line is known
		text    string
	}{
		"nil net/http":    {func(r *routing.Route) app.Site { r.Get("/x", app.FromHTTP(nil)); return here() }, "route GET /x: the handler is nil"},
		"nil block":       {func(r *routing.Route) app.Site { r.Route("/x", nil); return here() }, "route /x: the block is nil"},
		"nil mount func":  {func(r *routing.Route) app.Site { r.Mount("/x", http.HandlerFunc(nil)); return here() }, "mount /x: the handler is nil"},
		"nil option":      {func(r *routing.Route) app.Site { r.SSE("/x", stream, nil); return here() }, "route SSE /x: an option is nil"},
		"nil plugin":      {func(r *routing.Route) app.Site { r.Route("/x", block).Install(nil); return here() }, "install: the plugin is nil"},
		"nil middleware":  {func(r *routing.Route) app.Site { r.Route("/x", block).Use(nil); return here() }, "use: the middleware is nil"},
		"nil interceptor": {func(r *routing.Route) app.Site { r.Intercept(app.PhaseCall, nil); return here() }, "intercept Call: the interceptor is nil"},
		"no such phase":   {func(r *routing.Route) app.Site { r.Intercept(9, same); return here() }, "intercept: there is no Phase(9)"},
		"nil send hook":   {func(r *routing.Route) app.Site { r.InterceptSend(app.SendAfter, nil); return here() }, "intercept a send step: the hook is nil"},
		"nil receive":     {func(r *routing.Route) app.Site { r.InterceptReceive(app.ReceiveAfter, nil); return here() }, "intercept a receive step: the hook is nil"},
		"two words":       {func(r *routing.Route) app.Site { r.Method("GET /x", "/x", ok); return here() }, `route GET /x /x: "GET /x" is no method: it is one word of letters, digits and marks (RFC 9110, section 9.1)`},
		"lower case":      {func(r *routing.Route) app.Site { r.Method("get", "/x", ok); return here() }, "route get /x: methods are told apart by case: write GET"},
		"lower case part": {func(r *routing.Route) app.Site { r.ForMethod("Query"); return here() }, "route Query: methods are told apart by case: write QUERY"},
		"no method":       {func(r *routing.Route) app.Site { r.Method("", "/x", ok); return here() }, "route  /x: the method is empty: Handle is for any method"},
		"bad block":       {func(r *routing.Route) app.Site { r.Route("/{", block); return here() }, `route /{: "{": the braces do not match`},
		"bad mount":       {func(r *routing.Route) app.Site { r.Mount("/{", http.NotFoundHandler()); return here() }, `mount /{: "{": the braces do not match`},
		"bad stream":      {func(r *routing.Route) app.Site { r.SSE("/{", stream); return here() }, `route SSE /{: "{": the braces do not match`},
		"below a tail":    {func(r *routing.Route) app.Site { r.Route("/{t...}", block).Get("/x", ok); return here() }, "route GET /x: nothing can follow {t...}, which takes all that remains"},
		"below a get":     {func(r *routing.Route) app.Site { r.Get("/{t...}", ok).Get("/x", ok); return here() }, "route GET /x: nothing can follow {t...}, which takes all that remains"},
		"mount on a tail": {func(r *routing.Route) app.Site { r.Mount("/{t...}", http.NotFoundHandler()); return here() }, "mount /{t...}: nothing can follow {t...}, which takes all that remains"},
		"below a mount":   {func(r *routing.Route) app.Site { r.Mount("/m", http.NotFoundHandler()).Get("", ok); return here() }, "route GET : nothing can be declared below a mount"},
		"stream, plugin":  {func(r *routing.Route) app.Site { r.SSE("/x", stream); return here() }, "route GET /x: the plugin SSE is not installed: call a.Install(sse.Plugin)"},
		"install twice":   {func(r *routing.Route) app.Site { r.Install(scoped); r.Install(scoped); return here() }, "install Scoped: it is already installed on /, at HERE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var site app.Site
			said := mistakes(t, func(r *routing.Route) { site = mistake.declare(r) })
			assert.Equal(t, site.String()+": "+strings.ReplaceAll(mistake.text, "HERE", site.String()), said)
		})
	}
}

// TestEveryMethodThatTakesAHandlerNamesItsLine gives each of them nil.
func TestEveryMethodThatTakesAHandlerNamesItsLine(t *testing.T) {
	t.Parallel()
	here := func() app.Site { return app.Caller(1) }
	// Each is on one line, so that the line is known.
	for what, declare := range map[string]func(r *routing.Route) app.Site{
		"route GET /x":        func(r *routing.Route) app.Site { r.Get("/x", nil); return here() },
		"route POST /x":       func(r *routing.Route) app.Site { r.Post("/x", nil); return here() },
		"route PUT /x":        func(r *routing.Route) app.Site { r.Put("/x", nil); return here() },
		"route PATCH /x":      func(r *routing.Route) app.Site { r.Patch("/x", nil); return here() },
		"route DELETE /x":     func(r *routing.Route) app.Site { r.Delete("/x", nil); return here() },
		"route HEAD /x":       func(r *routing.Route) app.Site { r.Head("/x", nil); return here() },
		"route OPTIONS /x":    func(r *routing.Route) app.Site { r.Options("/x", nil); return here() },
		"route QUERY /x":      func(r *routing.Route) app.Site { r.Query("/x", nil); return here() },
		"route TRACE /x":      func(r *routing.Route) app.Site { r.Method(http.MethodTrace, "/x", nil); return here() },
		"route any method /x": func(r *routing.Route) app.Site { r.Handle("/x", nil); return here() },
		"route SSE /x":        func(r *routing.Route) app.Site { r.SSE("/x", nil); return here() },
		"mount /x":            func(r *routing.Route) app.Site { r.Mount("/x", nil); return here() },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			var site app.Site
			said := mistakes(t, func(r *routing.Route) { site = declare(r) })
			assert.Equal(t, site.String()+": "+what+": the handler is nil", said)
		})
	}
}

func TestTwoMountsAtOnePathAreAMistake(t *testing.T) {
	t.Parallel()
	var first, second app.Site
	said := mistakes(t, func(r *routing.Route) {
		first = app.Caller(0)
		r.Mount("/x", http.NotFoundHandler())
		second = app.Caller(0)
		r.Mount("/x", http.NotFoundHandler())
	})
	first.Line, second.Line = first.Line+1, second.Line+1
	assert.Equal(t, second.String()+": mount /x: something is mounted there already, at "+first.String(), said)
}

func TestRoutesWithoutABlockAreAMistake(t *testing.T) {
	t.Parallel()
	var site app.Site
	a := app.New(func(a *app.Application) {
		site = app.Caller(0)
		routing.Routes(a, nil)
	})
	err := a.Start(t.Context())
	site.Line++
	require.EqualError(t, err, site.String()+": routes: the block is nil")
}

func TestStartReturnsAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	said := mistakes(t, func(r *routing.Route) {
		r.Get("/{", text(""))
		r.Route("/bad}", func(r *routing.Route) {
			r.Get("/x", nil) // found although nobody will reach it
		})
		r.Get("/x", text("")).Mount("", nil)
	})
	for _, part := range []string{"/{:", "/bad}:", "route GET /x: the handler is nil", "mount : the handler is nil"} {
		assert.Contains(t, said, part)
	}
	assert.Len(t, strings.Split(said, "\n"), 4)
}

func TestAMiddlewareThatFailsIsReportedOnce(t *testing.T) {
	t.Parallel()
	var site app.Site
	said := mistakes(t, func(r *routing.Route) {
		r.Route("/x", func(r *routing.Route) {
			site = app.Caller(0)
			r.Use(func(http.Handler) http.Handler { panic("no") })
			r.Get("/a", text(""))
			r.Get("/b", text(""))
		})
	})
	site.Line++
	assert.Equal(t, site.String()+": put Plugins phase together: panic: no", said)
}
