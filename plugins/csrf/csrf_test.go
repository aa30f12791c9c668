package csrf_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/cors"
	"github.com/chitor-go/chitor/plugins/csrf"
	"github.com/chitor-go/chitor/plugins/xforwardedheaders"
	"github.com/chitor-go/chitor/routing"
)

func TestWhoMaySend(t *testing.T) {
	t.Parallel()
	allow := func(c *csrf.Config) { c.AllowOrigin("https://Partner.example:443/", "http://localhost:3000") }
	requireOrigin := func(c *csrf.Config) { allow(c); c.RequireOrigin = true }
	for name, test := range map[string]struct {
		configure func(*csrf.Config)
		url       string
		headers   []string
		status    int
	}{
		"site: the same":               {allow, "https://me.example", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		"site: none, by the user":      {allow, "https://me.example", []string{"Sec-Fetch-Site", "none"}, 200},
		"site: a sub-domain":           {allow, "https://me.example", []string{"Sec-Fetch-Site", "same-site", "Origin", "https://x.me.example"}, 403},
		"site: a stranger":             {allow, "https://me.example", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 403},
		"site: a partner":              {allow, "https://me.example", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://partner.example"}, 200},
		"site: no origin":              {allow, "https://me.example", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"site: an opaque origin":       {allow, "https://me.example", []string{"Sec-Fetch-Site", "cross-site", "Origin", "null"}, 403},
		"site: a word of tomorrow":     {allow, "https://me.example", []string{"Sec-Fetch-Site", "near", "Origin", "https://me.example"}, 403},
		"site beats origin":            {allow, "https://me.example", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://me.example"}, 403},
		"site, with an origin":         {requireOrigin, "https://me.example", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		"origin: its own":              {allow, "https://me.example", []string{"Origin", "https://me.example"}, 200},
		"origin: its own, in capitals": {allow, "https://me.example", []string{"Origin", "https://ME.example", "Host", "me.EXAMPLE"}, 200},
		"origin: its own, with a port": {allow, "http://me.example:8080", []string{"Origin", "http://me.example:8080"}, 200},
		"origin: another port":         {allow, "http://me.example:8080", []string{"Origin", "http://me.example:8081"}, 403},
		"origin: the port of http":     {allow, "http://me.example:8080", []string{"Origin", "http://me.example"}, 403},
		"origin: a sub-domain":         {allow, "https://me.example", []string{"Origin", "https://x.me.example"}, 403},
		"origin: a suffix":             {allow, "https://me.example", []string{"Origin", "https://evilme.example"}, 403},
		"origin: http for https":       {allow, "https://me.example", []string{"Origin", "http://me.example"}, 403},
		"origin: http at https's port": {allow, "https://me.example", []string{"Origin", "http://me.example:443"}, 403},
		"origin: TLS ends before":      {allow, "http://me.example", []string{"Origin", "https://me.example"}, 200},
		"origin: TLS at another port":  {allow, "http://me.example:8443", []string{"Origin", "https://me.example:8443"}, 200},
		"origin: another port of TLS":  {allow, "http://me.example", []string{"Origin", "https://me.example:8443"}, 403},
		"origin: an extension":         {allow, "http://me.example", []string{"Origin", "chrome-extension://me.example"}, 403},
		"origin: a partner":            {allow, "https://me.example", []string{"Origin", "https://partner.example"}, 200},
		"origin: a partner's http":     {allow, "https://me.example", []string{"Origin", "http://partner.example"}, 403},
		"origin: opaque":               {allow, "https://me.example", []string{"Origin", "null"}, 403},
		"origin: opaque, no host":      {allow, "https://me.example", []string{"Origin", "null", "Host", ""}, 403},
		"origin: no host":              {allow, "https://me.example", []string{"Origin", "https://", "Host", ""}, 403},
		"origin: with a user":          {allow, "https://me.example", []string{"Origin", "https://x@me.example"}, 403},
		"origin: a list":               {allow, "https://me.example", []string{"Origin", "https://me.example https://evil.example"}, 403},
		"unknown":                      {allow, "https://me.example", nil, 200},
		"unknown, empty headers":       {allow, "https://me.example", []string{"Origin", "", "Sec-Fetch-Site", ""}, 200},
		"unknown, required":            {requireOrigin, "https://me.example", nil, 403},
		"required, empty headers":      {requireOrigin, "https://me.example", []string{"Origin", "", "Sec-Fetch-Site", "", "Referer", ""}, 403},
		"referer, not required":        {allow, "https://me.example", []string{"Referer", "https://evil.example/"}, 200},
		"referer: its own":             {requireOrigin, "https://me.example", []string{"Referer", "https://me.example/form?a=b"}, 200},
		"referer: its own, no path":    {requireOrigin, "https://me.example", []string{"Referer", "https://me.example?x"}, 200},
		"referer: a partner":           {requireOrigin, "https://me.example", []string{"Referer", "https://partner.example/#x"}, 200},
		"referer: a stranger":          {requireOrigin, "https://me.example", []string{"Referer", "https://evil.example/https://me.example"}, 403},
		"referer: of http":             {requireOrigin, "https://me.example", []string{"Referer", "http://me.example/"}, 403},
		"referer: a user in front":     {requireOrigin, "https://me.example", []string{"Referer", "https://me.example@evil.example/"}, 403},
		"referer: no URL":              {requireOrigin, "https://me.example", []string{"Referer", "x"}, 403},
		"referer: about:blank":         {requireOrigin, "https://me.example", []string{"Referer", "about:blank"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.status, guarded(t, test.configure).post(test.url+"/csrf", test.headers...))
		})
	}
}

// What the client has sent comes back in nothing.
func TestRefusalsSayNothingOfTheClient(t *testing.T) {
	t.Parallel()
	for name, headers := range map[string][]string{
		"origin": {"Origin", "https://<script>"},
		"site":   {"Sec-Fetch-Site", "<script>", "Origin", "https://<script>"},
		"header": {"X-Proof", "<script>"},
	} {
		var refusal error
		s := guarded(t, func(c *csrf.Config) {
			c.CheckHeader("X-Proof", func(*app.Call, string) bool { return false })
			c.OnFailure = func(_ *app.Call, refused *csrf.RefusedError) error {
				refusal = refused
				return nil
			}
		})
		refused := s.send(http.MethodPost, "/csrf", headers...)
		assert.Equal(t, http.StatusForbidden, refused.Code, name)
		assert.Equal(t, "Forbidden", refused.Body.String(), name)
		assert.NotContains(t, refusal.Error(), "script", name)
		for _, values := range refused.Header() {
			assert.NotContains(t, strings.Join(values, " "), "script", name)
		}
	}
}

func TestErrorsOfOnFailure(t *testing.T) {
	t.Parallel()
	s := guarded(t, func(c *csrf.Config) {
		c.OnFailure = func(*app.Call, *csrf.RefusedError) error { return app.NewError(http.StatusTeapot, "no tea") }
	})
	assert.Equal(t, http.StatusTeapot, s.post("/csrf", "Origin", "https://evil.example"))
}

// Plugins further in hear nothing of a refused call, also where OnFailure answers it.
func TestRefusalsGoNoFurther(t *testing.T) {
	t.Parallel()
	heard := 0
	s := start(t, func(a *app.Application) {
		a.Install(csrf.Plugin.With(func(c *csrf.Config) {
			c.OnFailure = func(c *app.Call, _ *csrf.RefusedError) error { return c.RespondText("no") }
		}))
		a.Install(app.NewPlugin("Inner", func() struct{} { return struct{}{} }, func(b *app.PluginBuilder[struct{}]) error {
			b.OnCall(func(*app.Call) error { heard++; return nil })
			return nil
		}))
	})
	assert.Equal(t, "no", s.send(http.MethodPost, "/", "Origin", "https://evil.example").Body.String())
	assert.Zero(t, heard)
	assert.Equal(t, http.StatusNotFound, s.post("/"))
	assert.Equal(t, 1, heard)
}

// All checks of a header hold, and the first value counts.
func TestChecksAddUp(t *testing.T) {
	t.Parallel()
	has := func(text string) func(*app.Call, string) bool {
		return func(_ *app.Call, value string) bool { return strings.Contains(value, text) }
	}
	s := guarded(t, func(c *csrf.Config) {
		c.CheckHeader("x-proof", has("a"), has("b"))
		c.CheckHeader("X-Proof", has("c"))
	})
	for value, want := range map[string]int{"abc": 200, "ab": 403, "bc": 403, "ac": 403, "": 403} {
		assert.Equal(t, want, s.post("/csrf", "X-Proof", value), value)
	}
	assert.Equal(t, http.StatusForbidden, s.post("/csrf", "X-Proof", "", "X-Proof", "abc"))
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	err := apptest.StartError(t, guard(func(c *csrf.Config) {
		c.AllowOrigin("https://fine.example", "example.com", "null", "https://example.com/path")
		c.CheckHeader("X Proof")
		c.CheckHeader("X-Proof", nil)
	}))
	require.Error(t, err)
	for _, text := range []string{
		`allow origin "example.com": that is no origin`, `allow origin "null"`, `allow origin "https://example.com/path"`,
		`check header "X Proof": that is not the name of a header`, `check header X-Proof: a check is nil`, "host_test.go:",
	} {
		assert.ErrorContains(t, err, text)
	}
	assert.NotContains(t, err.Error(), "fine.example")
}

// A page of another site logs its visitor in under a name of its own, to see
// later what was done under it.
func TestLoginCSRF(t *testing.T) {
	t.Parallel()
	logins := 0
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(csrf.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/login", func(c *app.Call) error {
				form, err := c.ReceiveForm()
				if err != nil {
					return err
				}
				logins++
				return errors.Join(c.SetCookie(&http.Cookie{Name: "session", Value: form.Get("user")}), c.RespondText("hello"))
			})
		})
	})
	login := func(contentType string, options ...apptest.RequestOption) *http.Response {
		return host.Post("/login", contentType, strings.NewReader("user=mallory&password=x"), options...)
	}
	const form = "application/x-www-form-urlencoded"
	// What forms can send.
	for _, contentType := range []string{form, "text/plain", "multipart/form-data; boundary=x"} {
		for _, from := range []string{"https://evil.example", "null"} {
			refused := login(contentType, apptest.Header("Origin", from))
			assert.Equal(t, http.StatusForbidden, refused.StatusCode)
			assert.Empty(t, refused.Cookies())
			refused = login(contentType, apptest.Header("Origin", from), apptest.Header("Sec-Fetch-Site", "cross-site"))
			assert.Equal(t, http.StatusForbidden, refused.StatusCode)
			assert.Empty(t, refused.Cookies())
		}
	}
	assert.Zero(t, logins, "the handler has run")
	own := login(form, apptest.Header("Origin", host.URL), apptest.Header("Sec-Fetch-Site", "same-origin"))
	assert.Equal(t, http.StatusOK, own.StatusCode)
	assert.Len(t, own.Cookies(), 1)
}

// The proxy ends TLS and calls the application by a name of its own.
func TestBehindAProxy(t *testing.T) {
	t.Parallel()
	behind := func(proxies string) server {
		return start(t, func(a *app.Application) {
			a.Install(xforwardedheaders.Plugin.With(func(c *xforwardedheaders.Config) { c.TrustProxies(proxies) }))
			guard(func(*csrf.Config) {})(a)
		})
	}
	const proxy, other = "192.0.2.0/24", "10.0.0.0/8" // httptest calls from 192.0.2.1
	for name, test := range map[string]struct {
		proxies string
		headers []string
		status  int
	}{
		"its own":                 {proxy, []string{"Origin", "https://me.example"}, 200},
		"its own, by site":        {proxy, []string{"Origin", "https://me.example", "Sec-Fetch-Site", "same-origin"}, 200},
		"a page of http":          {proxy, []string{"Origin", "http://me.example"}, 403},
		"the name that it uses":   {proxy, []string{"Origin", "http://internal:8080"}, 403},
		"a stranger":              {proxy, []string{"Origin", "https://evil.example"}, 403},
		"no proxy is trusted":     {other, []string{"Origin", "https://me.example"}, 403},
		"by site, none trusted":   {other, []string{"Origin", "https://me.example", "Sec-Fetch-Site", "same-origin"}, 200},
		"a stranger says who":     {other, []string{"Origin", "https://evil.example", "X-Forwarded-Host", "evil.example"}, 403},
		"nobody, for all we know": {proxy, nil, 200},
	} {
		headers := append([]string{"X-Forwarded-Proto", "https", "X-Forwarded-Host", "me.example", "X-Forwarded-For", "198.51.100.1"}, test.headers...)
		assert.Equal(t, test.status, behind(test.proxies).post("http://internal:8080/csrf", headers...), name)
	}
}

// A preflight is answered by CORS, and what it lets in still has to be allowed.
func TestTogetherWithCORS(t *testing.T) {
	t.Parallel()
	for name, order := range map[string][]int{"CORS outside": {0, 1}, "CORS inside": {1, 0}} {
		s := start(t, func(a *app.Application) {
			plugins := []app.Installable{
				cors.Plugin.With(func(c *cors.Config) { c.AllowHost("partner.example") }),
				csrf.Plugin.With(func(c *csrf.Config) {
					c.AllowOrigin("https://partner.example")
					c.CheckHeader("X-Proof")
				}),
			}
			for _, i := range order {
				a.Install(plugins[i])
			}
			routing.Routes(a, func(r *routing.Route) { r.Post("/", func(c *app.Call) error { return c.RespondText("OK") }) })
		})
		preflight := s.send(http.MethodOptions, "https://me.example/", "Origin", "https://partner.example", "Access-Control-Request-Method", "POST")
		assert.Equal(t, http.StatusOK, preflight.Code, name)
		assert.Equal(t, http.StatusForbidden, s.post("https://me.example/", "Origin", "https://partner.example"), name)
		assert.Equal(t, http.StatusOK, s.post("https://me.example/", "Origin", "https://partner.example", "X-Proof", "1"), name)
		assert.Equal(t, http.StatusForbidden, s.post("https://me.example/", "Origin", "https://evil.example", "X-Proof", "1"), name)
	}
}

// What another plugin has answered is none of this one's business, whatever the
// method.
func TestAnsweredCallsAreLeftAlone(t *testing.T) {
	t.Parallel()
	s := start(t, func(a *app.Application) {
		a.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
			return func(c *app.Call) error { return errors.Join(c.RespondText("answered"), next(c)) }
		})
		a.Install(csrf.Plugin.With(func(c *csrf.Config) {
			c.OnFailure = func(*app.Call, *csrf.RefusedError) error {
				assert.Fail(t, "it was asked")
				return nil
			}
		}))
	})
	answer := s.send(http.MethodPost, "/", "Origin", "https://evil.example")
	assert.Equal(t, http.StatusOK, answer.Code)
	assert.Equal(t, "answered", answer.Body.String())
}

// The innermost installation is the only one that runs.
func TestNearestWins(t *testing.T) {
	t.Parallel()
	s := start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Install(csrf.Plugin)
			r.Post("/form", func(c *app.Call) error { return c.RespondText("OK") })
			r.Post("/webhook", func(c *app.Call) error {
				body, err := c.ReceiveText()
				return errors.Join(err, c.RespondText(body))
			}).Install(csrf.Plugin.With(func(c *csrf.Config) {
				c.SkipWhen = func(c *app.Call) bool { return c.Request.Header.Get("X-Signature") != "" }
			}))
		})
	})
	stranger := []string{"Origin", "https://evil.example"}
	assert.Equal(t, http.StatusForbidden, s.post("/form", stranger...))
	assert.Equal(t, http.StatusForbidden, s.post("/webhook", stranger...))
	assert.Equal(t, http.StatusOK, s.post("/webhook", append(stranger, "X-Signature", "x")...))
	assert.Equal(t, http.StatusNotFound, s.post("/nowhere", stranger...))
}

// On the application it sees every call, before routing.
func TestOnTheApplication(t *testing.T) {
	t.Parallel()
	s := start(t, func(a *app.Application) { a.Install(csrf.Plugin) })
	assert.Equal(t, http.StatusForbidden, s.post("/nowhere", "Origin", "https://evil.example"))
	assert.Equal(t, http.StatusNotFound, s.post("/nowhere"))
}
