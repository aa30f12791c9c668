package form_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/form"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/doublereceive"
	"github.com/chitor-go/chitor/routing"
)

const parts = "--x\r\nContent-Disposition: form-data; name=\"user\"\r\n\r\nada\r\n" +
	"--x\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\nada\r\n--x--\r\n"

// Who is let in, and what a body that is no login is answered with.
func TestForms(t *testing.T) {
	t.Parallel()
	host := apptest.Start(t, guarded(func(c *form.Config[User]) { c.Validate = byName }),
		apptest.Configure(func(c *app.Config) { c.BodyLimit = 1000 }))
	for name, test := range map[string]struct {
		contentType, body string
		status            int
	}{
		"right":                    {urlEncoded, "user=ada&password=ada", 200},
		"right, with a charset":    {"Application/X-WWW-Form-URLEncoded; charset=utf-8", "user=ada&password=ada", 200},
		"right, and more":          {urlEncoded, "a=b&password=ada&user=ada&user=eve", 200},
		"empty values":             {urlEncoded, "user=&password=", 200},
		"multipart":                {"multipart/form-data; boundary=x", parts, 200},
		"wrong":                    {urlEncoded, "user=ada&password=eve", 401},
		"a field is missing":       {urlEncoded, "user=ada", 401},
		"the other one is missing": {urlEncoded, "password=ada", 401},
		"other names":              {urlEncoded, "User=ada&Password=ada", 401},
		"empty":                    {urlEncoded, "", 401},
		"another type":             {"text/plain", "user=ada&password=ada", 401},
		"no type":                  {"", "user=ada&password=ada", 401},
		"malformed":                {urlEncoded, "user=%zz&password=ada", 400},
		"a type that is malformed": {urlEncoded + "; =", "user=ada&password=ada", 400},
		"another charset":          {urlEncoded + "; charset=utf-16", "user=ada&password=ada", 415},
		"no boundary":              {"multipart/form-data", parts, 400},
		"broken off":               {"multipart/form-data; boundary=x", parts[:len(parts)-4], 400},
		"too long":                 {urlEncoded, "user=ada&password=" + strings.Repeat("x", 1000), 413},
		"too long, multipart":      {"multipart/form-data; boundary=x", strings.Repeat(parts[:60], 30) + parts, 413},
	} {
		response := host.Post("/who", test.contentType, strings.NewReader(test.body))
		assert.Equal(t, test.status, response.StatusCode, name)
	}
	assert.Equal(t, http.StatusUnauthorized, host.Get("/who?user=ada&password=ada").StatusCode, "a query is no form")
}

// The handler receives the form that has let the call in.
func TestHandlersReceiveTheForm(t *testing.T) {
	t.Parallel()
	configure := func(c *form.Config[User]) { c.Validate = byName }
	for name, plugins := range map[string][]app.Installable{
		"no plugin": nil, "DoubleReceive": {doublereceive.Plugin}, "Compression": {compression.Plugin},
	} {
		host := apptest.Start(t, guarded(configure, plugins...))
		for _, body := range []io.Reader{strings.NewReader("password=ada&user=ada&x=1"), io.MultiReader(strings.NewReader("password=ada&user=ada&x=1"))} {
			assert.Equal(t, "password=ada&user=ada&x=1", apptest.Text(t, host.Post("/fields", urlEncoded, body)), name)
		}
		long := "user=ada&password=ada&x=" + strings.Repeat("x", 500_000)
		assert.Equal(t, long, apptest.Text(t, host.Post("/body", urlEncoded, strings.NewReader(long))), name)
		const multipart = "multipart/form-data; boundary=x"
		assert.Equal(t, "password=ada&user=ada", apptest.Text(t, host.Post("/fields", multipart, strings.NewReader(parts))), name)
		assert.Equal(t, parts, apptest.Text(t, host.Post("/body", multipart, strings.NewReader(parts))), name)
	}
}

// Several schemes may read one form.
func TestTwoForms(t *testing.T) {
	t.Parallel()
	named := func(name string) *authentication.Scheme[User] {
		return form.New(name, func(c *form.Config[User]) { c.UserParamName, c.Validate = name, byName })
	}
	users, admins := named("user"), named("admin")
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error { return c.RespondText("OK") }).Install(authentication.Require(users, admins))
		})
	})
	for fields, want := range map[string]int{
		"user=ada&password=ada": 200, "admin=ada&password=ada": 200, "admin=ada&password=x": 401, "user=ada&password=x": 401,
	} {
		assert.Equal(t, want, host.Post("/", urlEncoded, strings.NewReader(fields)).StatusCode, fields)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	for page, sent := range map[string]string{"/login": "/login?return_to=", "/login?lang=de": "/login?lang=de&return_to="} {
		host := serve(t, func(c *form.Config[User]) { c.LoginPath, c.Validate = page, byName })
		client := host.NewClient(apptest.NoRedirects())
		for asked, want := range map[string]string{
			"/who": "/who", "/who?a=b&c=d": "/who?a=b&c=d", "/who?return_to=//evil.example": "/who?return_to=//evil.example",
			"/who?" + strings.Repeat("x", 2000): "",
		} {
			response := client.Get(asked)
			assert.Equal(t, http.StatusFound, response.StatusCode, asked)
			location := sent + url.QueryEscape(want)
			if want == "" { // it is too long to be kept
				location = page
			}
			assert.Equal(t, location, response.Header.Get("Location"))
		}
		refused := post(client, "/who", "user=ada&password=x")
		assert.Equal(t, http.StatusFound, refused.StatusCode)
		assert.Equal(t, page, refused.Header.Get("Location"), "what was posted cannot be gone on with")
		refused = post(client, "/who?return_to=/cart", "user=ada&password=x")
		assert.Equal(t, sent+url.QueryEscape("/cart"), refused.Header.Get("Location"), "a second try forgets nothing")
		refused = post(client, "/who?return_to=//evil.example", "user=ada&password=x")
		assert.Equal(t, page, refused.Header.Get("Location"))
	}
}

// A page behind its own scheme is no loop.
func TestThePageIsNotRedirectedToItself(t *testing.T) {
	t.Parallel()
	host := serve(t, func(c *form.Config[User]) { c.LoginPath, c.Validate = "/who", byName })
	assert.Equal(t, http.StatusUnauthorized, host.Get("/who?a=b").StatusCode)
	assert.Equal(t, "ada", apptest.Text(t, host.Post("/who", urlEncoded, strings.NewReader("user=ada&password=ada"))))
}

// An EventSource that is sent to a page gives up, and a script takes it for what it
// has asked for.
func TestPagesAloneAreRedirected(t *testing.T) {
	t.Parallel()
	host := serve(t, func(c *form.Config[User]) { c.LoginPath, c.Validate = "/login", byName })
	client := host.NewClient(apptest.NoRedirects())
	assert.Equal(t, http.StatusUnauthorized, client.Get("/who", apptest.Header("Accept", "text/event-stream")).StatusCode)
	assert.Equal(t, http.StatusUnauthorized, client.Get("/who", apptest.Header("Sec-Fetch-Mode", "cors")).StatusCode)
	redirect := client.Get("/who", apptest.Header("Sec-Fetch-Mode", "navigate"))
	assert.Equal(t, http.StatusFound, redirect.StatusCode)
	assert.Equal(t, "no-store", redirect.Header.Get("Cache-Control"))
}

// A link that leads to the page cannot lead to another site from there.
func TestOpenRedirects(t *testing.T) {
	t.Parallel()
	host := serve(t, func(c *form.Config[User]) { c.LoginPath, c.Validate = "/login", byName })
	for path, want := range map[string]string{
		"/cart?x=1": "/cart?x=1", "/a b": "/a%20b",
		"": "/", "//evil.example": "/", `/\evil.example`: "/", `\/evil.example`: "/", "https://evil.example": "/", "https:evil.example": "/",
		"javascript:alert(1)": "/", "evil.example": "/", "/\t/evil.example": "/", "/a\r\nSet-Cookie: a=b": "/", "/a\x00": "/", " //evil.example": "/",
		"/" + strings.Repeat("x", 1024): "/",
	} {
		response := host.Get("/login?return_to=" + url.QueryEscape(path))
		assert.Equal(t, "on to "+want, apptest.Text(t, response), "%q", path)
	}
	assert.Equal(t, "on to /", apptest.Text(t, host.Get("/login")))
}

func TestOnUnauthorized(t *testing.T) {
	t.Parallel()
	host := serve(t, func(c *form.Config[User]) {
		c.Validate = byName
		c.OnUnauthorized = func(c *app.Call, refused *authentication.UnauthorizedError) error {
			c.SetStatus(refused.StatusCode())
			return c.RespondText("Credentials are not valid")
		}
	})
	response := host.Post("/who", urlEncoded, strings.NewReader("user=ada&password=x"))
	assert.Equal(t, http.StatusUnauthorized, response.StatusCode)
	assert.Equal(t, "Credentials are not valid", apptest.Text(t, response))
}

// A table that is down is no refusal, and no log has a password.
func TestFailures(t *testing.T) {
	t.Parallel()
	host := serve(t, func(c *form.Config[User]) {
		c.LoginPath = "/login"
		c.Validate = func(*app.Call, form.Credential) (User, error) { return User{}, errors.New("the table is down") }
	})
	response := host.Post("/who", urlEncoded, strings.NewReader("user=ada&password=secret"))
	assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
	response = host.Post("/who", urlEncoded, strings.NewReader("user=ada&password=secret%zz"))
	assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	assert.Equal(t, "the form cannot be read", apptest.Text(t, response))
	var log strings.Builder
	for _, line := range host.Log().Find("") {
		fmt.Fprintln(&log, line.Message, line.Attrs)
	}
	assert.Contains(t, log.String(), "the table is down")
	assert.Contains(t, log.String(), "the form cannot be read")
	for _, part := range []string{"secret", "zz"} {
		assert.NotContains(t, log.String(), part)
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	err := apptest.StartError(t, guarded(func(c *form.Config[User]) {
		c.UserParamName, c.PasswordParamName, c.LoginPath = "a", "a", "//evil.example"
		c.OnUnauthorized = func(*app.Call, *authentication.UnauthorizedError) error { return nil }
	}))
	for _, text := range []string{
		"the function Validate is nil", `UserParamName is "a" and PasswordParamName "a"`, `LoginPath "//evil.example" is no path`,
		"LoginPath and OnUnauthorized are both set",
	} {
		require.ErrorContains(t, err, text)
	}
	for _, page := range []string{"login", "https://example.com/login", "/login#form", "/lo gin", `/\login`} {
		err := apptest.StartError(t, guarded(func(c *form.Config[User]) { c.LoginPath, c.Validate = page, byName }))
		require.ErrorContains(t, err, "is no path of the application", page)
	}
	require.ErrorContains(t, apptest.StartError(t, guarded(nil)), "the configuration function is nil")
}
