package cors_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/routing"
)

// saying is a net/http handler that does CORS by itself: header lines, names
// and values in turn, as a proxy adds them.
func saying(lines ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(lines); i += 2 {
			w.Header().Add(lines[i], lines[i+1])
		}
		io.WriteString(w, "OK")
	})
}

// access returns the headers of CORS in a response, and Vary.
func access(response *http.Response) http.Header {
	found := http.Header{}
	for name, lines := range response.Header {
		if strings.HasPrefix(name, "Access-Control-") || name == "Vary" {
			found[name] = lines
		}
	}
	return found
}

// TestThePolicyIsTheOnlyOne: whatever else says what pages may do, only what
// the policy says leaves.
func TestThePolicyIsTheOnlyOne(t *testing.T) {
	const allowOrigin, allowCredentials, expose = "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers"
	one := http.Header{allowOrigin: {example}, "Vary": {"Origin"}}
	none := http.Header{"Vary": {"Origin"}}
	trusting := func(c *cors.Config) { c.AllowHost("example.com"); c.AllowCredentials = true; c.ExposeHeader("X-Own") }
	for name, test := range map[string]struct {
		configure func(*cors.Config)
		origin    string
		said      []string
		want      http.Header
	}{
		"nothing":           {exampleCom, example, nil, one},
		"every origin":      {exampleCom, example, []string{allowOrigin, "*", "Vary", "Origin"}, one},
		"the same":          {exampleCom, example, []string{allowOrigin, example}, one},
		"another origin":    {exampleCom, example, []string{allowOrigin, "https://other.example", "Vary", "Origin"}, one},
		"credentials":       {exampleCom, example, []string{allowOrigin, "*", allowCredentials, "true"}, one},
		"only credentials":  {exampleCom, example, []string{allowCredentials, "true"}, one},
		"exposed":           {exampleCom, example, []string{expose, "X-Their"}, one},
		"of a preflight":    {exampleCom, example, []string{"Access-Control-Allow-Methods", "PUT", "Access-Control-Allow-Headers", "X", "Access-Control-Max-Age", "5"}, one},
		"unknown":           {exampleCom, example, []string{"Access-Control-Allow-Private-Network", "true"}, one},
		"Vary of others":    {exampleCom, example, []string{"Vary", "Accept, origin", "Vary", "Accept"}, http.Header{allowOrigin: {example}, "Vary": {"Origin, Accept"}}},
		"Vary of all":       {exampleCom, example, []string{"Vary", "*"}, http.Header{allowOrigin: {example}, "Vary": {"*"}}},
		"no origin":         {exampleCom, "", []string{allowOrigin, "*", allowCredentials, "true"}, none},
		"own origin":        {exampleCom, "http://localhost", []string{allowOrigin, "*"}, none},
		"no readable one":   {exampleCom, "https://a b", []string{allowOrigin, "*"}, none},
		"all that there is": {trusting, example, []string{allowOrigin, "*", allowCredentials, "false", expose, "X-Their"}, http.Header{allowOrigin: {example}, allowCredentials: {"true"}, expose: {"X-Own"}, "Vary": {"Origin"}}},
		"any host":          {anyHost, example, []string{allowOrigin, example, allowCredentials, "true"}, http.Header{allowOrigin: {"*"}}},
		"any host, none":    {anyHost, "", []string{allowOrigin, "https://other.example"}, none},
	} {
		t.Run(name, func(t *testing.T) {
			s := tester{t, apptest.Start(t, module(test.configure, func(r *routing.Route) { r.Mount("/", saying(test.said...)) }))}
			var headers []string
			if test.origin != "" {
				headers = []string{"Origin", test.origin}
			}
			response := s.send("GET /", headers...)
			assert.Equal(t, "OK", apptest.Text(t, response))
			assert.Equal(t, test.want, access(response))
		})
	}
}

// A preflight is answered by the plugin, and one that is none of its business
// has nothing of what a mounted handler says.
func TestPreflightsAndMountedHandlers(t *testing.T) {
	said := saying("Access-Control-Allow-Origin", "*", "Access-Control-Allow-Methods", "DELETE")
	s := tester{t, apptest.Start(t, module(exampleCom, func(r *routing.Route) { r.Mount("/", said) }))}
	answered := s.preflight(example, "GET /")
	assert.Empty(t, apptest.Text(t, answered))
	assert.Equal(t, []string{example}, answered.Header["Access-Control-Allow-Origin"])
	assert.Equal(t, []string{"GET, HEAD, POST"}, answered.Header["Access-Control-Allow-Methods"])
	s.refuses(s.preflight("https://other.example", "GET /"))
	passed := s.send("OPTIONS /", "Access-Control-Request-Method", "DELETE")
	assert.Equal(t, "OK", apptest.Text(t, passed))
	assert.Equal(t, http.Header{"Vary": {"Origin"}}, access(passed))
}

// However the response comes about, what leaves is the policy's.
func TestThePolicyOfAnyResponse(t *testing.T) {
	theirs := func(c *app.Call) { c.Header().Set("Access-Control-Allow-Origin", "*") }
	s := tester{t, apptest.Start(t, module(exampleCom, func(r *routing.Route) {
		r.Get("/text", func(c *app.Call) error { theirs(c); return c.RespondText("OK") })
		r.Get("/writer", func(c *app.Call) error {
			theirs(c)
			_, err := io.WriteString(c.Writer(), strings.Repeat("x", 10_000))
			return err
		})
		r.Get("/flush", func(c *app.Call) error {
			theirs(c)
			return http.NewResponseController(c.Writer()).Flush()
		})
		r.Get("/error", func(c *app.Call) error { theirs(c); return errors.New("no") })
		r.Get("/panic", func(c *app.Call) error { theirs(c); panic("no") })
		r.Route("/timeout", func(r *routing.Route) {
			r.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Minute, "late") })
			r.Get("/", func(c *app.Call) error { theirs(c); return c.RespondText("OK") })
		})
	}))}
	for _, path := range []string{"/text", "/writer", "/flush", "/error", "/panic", "/timeout/", "/missing"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			response := s.from(example, method+" "+path)
			assert.Equal(t, []string{example}, response.Header["Access-Control-Allow-Origin"], "%s %s", method, path)
			assert.Equal(t, []string{"Origin"}, response.Header["Vary"], "%s %s", method, path)
		}
	}
}

// A middleware in front of the plugin that names whatever origin a call has
// lets no page in that the policy keeps out, whether it answers by itself or the
// plugin refuses the call.
func TestAnEchoedOriginIsNotAllowedByThat(t *testing.T) {
	const other = "https://other.example"
	echo := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Access-Control-Allow-Origin"] = r.Header["Origin"]
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			if r.URL.Path == "/own" {
				io.WriteString(w, "OK")
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	for name, allow := range map[string]func(*cors.Config){
		"a host":     exampleCom,
		"a function": func(c *cors.Config) { c.AllowOrigins(func(origin string) bool { return origin == example }) },
	} {
		t.Run(name, func(t *testing.T) {
			s := tester{t, apptest.Start(t, func(a *app.Application) {
				a.Use(echo)
				a.Install(cors.Plugin.With(func(c *cors.Config) { allow(c); c.AllowCredentials = true }))
				routing.Routes(a, root)
			})}
			none := http.Header{"Vary": {"Origin"}}
			allowed := http.Header{"Access-Control-Allow-Origin": {example}, "Access-Control-Allow-Credentials": {"true"}, "Vary": {"Origin"}}
			for _, line := range []string{"GET /own", "GET /"} {
				assert.Equal(t, none, access(s.from(other, line)), line)
				assert.Equal(t, allowed, access(s.from(example, line)), line)
			}
		})
	}
}

// A function is asked once about the origin of a call that it lets in.
func TestAFunctionIsAskedOnce(t *testing.T) {
	asked := 0
	s := tester{t, apptest.Start(t, module(func(c *cors.Config) {
		c.AllowOrigins(func(string) bool { asked++; return true })
		c.AllowCredentials = true
	}, root))}
	s.from(example, "GET /")
	assert.Equal(t, 1, asked)
}

// Two parts of an application keep their policies.
func TestEachScopeHasItsPolicy(t *testing.T) {
	said := saying("Access-Control-Allow-Origin", "*")
	s := serveRoutes(t, func(r *routing.Route) {
		r.Route("/a", func(r *routing.Route) { r.Install(cors.Plugin.With(exampleCom)); r.Mount("/", said) })
		r.Route("/b", func(r *routing.Route) { r.Install(cors.Plugin.With(myHost)); r.Mount("/", said) })
		r.Route("/c", func(r *routing.Route) { r.Mount("/", said) })
	})
	s.allows(s.from(example, "GET /a/"), example, "OK")
	s.refuses(s.from(example, "GET /b/"))
	s.allows(s.from("http://my-host", "GET /b/"), "http://my-host", "OK")
	s.allows(s.from(example, "GET /c/"), "*", "OK")
}

// A page without an origin gets credentials only from a function that names it.
func TestOpaqueOriginsAndCredentials(t *testing.T) {
	credentials := func(allow func(*cors.Config)) func(*cors.Config) {
		return func(c *cors.Config) {
			allow(c)
			c.AllowCredentials = true
			c.AllowMethod(http.MethodPut)
		}
	}
	everything := func(c *cors.Config) { c.AllowOrigins(func(string) bool { return true }) }
	only := func(allowed string) func(*cors.Config) {
		return func(c *cors.Config) {
			c.AnyHost()
			c.AllowOrigins(func(origin string) bool { return origin == allowed })
		}
	}
	for name, test := range map[string]struct {
		configure func(*cors.Config)
		origin    string
		want      []string
	}{
		"any host":                      {credentials(anyHost), "null", nil},
		"any host by its other name":    {credentials(func(c *cors.Config) { c.AllowHost("*") }), "null", nil},
		"any host, a page":              {credentials(anyHost), example, []string{"true"}},
		"by a function":                 {credentials(everything), "null", []string{"true"}},
		"any host and a function":       {credentials(only("null")), "null", []string{"true"}},
		"any host and another function": {credentials(only(example)), "null", nil},
	} {
		for _, line := range []string{"GET /", "preflight", "mounted"} {
			t.Run(name+", "+line, func(t *testing.T) {
				s := tester{t, apptest.Start(t, module(test.configure, func(r *routing.Route) {
					root(r)
					r.Get("/mounted", app.FromHTTP(saying("Access-Control-Allow-Origin", test.origin, "Access-Control-Allow-Credentials", "true")))
				}))}
				response := map[string]func() *http.Response{
					"GET /":     func() *http.Response { return s.from(test.origin, "GET /") },
					"preflight": func() *http.Response { return s.preflight(test.origin, "PUT /") },
					"mounted":   func() *http.Response { return s.from(test.origin, "GET /mounted") },
				}[line]()
				assert.Equal(t, http.StatusOK, response.StatusCode)
				assert.Equal(t, []string{test.origin}, response.Header["Access-Control-Allow-Origin"])
				assert.Equal(t, test.want, response.Header["Access-Control-Allow-Credentials"])
			})
		}
	}
}

// Any host together with credentials is logged when the application starts, with
// the line that says it; each of the two alone is not.
func TestAnyHostWithCredentialsIsLogged(t *testing.T) {
	var site app.Site
	for name, test := range map[string]struct {
		configure func(*cors.Config)
		logged    bool
	}{
		"both":                  {func(c *cors.Config) { c.AllowCredentials = true; site = app.Caller(0); c.AnyHost() }, true},
		"by its other name":     {func(c *cors.Config) { c.AllowCredentials = true; site = app.Caller(0); c.AllowHost("*") }, true},
		"any host":              {anyHost, false},
		"credentials":           {func(c *cors.Config) { c.AllowHost("example.com"); c.AllowCredentials = true }, false},
		"everything on purpose": {func(c *cors.Config) { c.AllowOrigins(func(string) bool { return true }); c.AllowCredentials = true }, false},
	} {
		t.Run(name, func(t *testing.T) {
			lines := apptest.Start(t, module(test.configure, root)).Log().AtLeast(slog.LevelWarn)
			if !test.logged {
				assert.Empty(t, lines)
				return
			}
			require.Len(t, lines, 1)
			assert.Contains(t, lines[0].Message, "AllowOrigins")
			assert.Equal(t, site.String(), lines[0].Attrs["site"])
		})
	}
}
