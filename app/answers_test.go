package app_test

import (
	"html/template"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

func TestRedirectHTMLAndFile(t *testing.T) {
	t.Parallel()
	page := template.Must(template.New("page").Parse(`<p>{{.Name}}</p>`))
	files := fstest.MapFS{"docs/a.html": {Data: []byte("<html>")}, "b.unknown": {Data: []byte("<html>")}}
	directory := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(directory, "c.css"), []byte("p {}"), 0o600))
	type user struct{ Name string }
	for name, test := range map[string]struct {
		handler app.Handler
		status  int
		text    string
		header  http.Header // what it has besides length, time and ranges
	}{
		"redirect":           {func(c *app.Call) error { return c.RespondRedirect("/there?a=b") }, 302, "", http.Header{"Location": {"/there?a=b"}}},
		"permanent redirect": {func(c *app.Call) error { return c.RespondPermanentRedirect("/there") }, 301, "", http.Header{"Location": {"/there"}}},
		"HTML": {func(c *app.Call) error { return c.RespondHTML(page, user{"<Jet>"}) }, 200, "<p>&lt;Jet&gt;</p>",
			http.Header{"Content-Type": {"text/html; charset=UTF-8"}}},
		"HTML with a status": {func(c *app.Call) error { c.SetStatus(404); return c.RespondHTML(page, user{"x"}) }, 404, "<p>x</p>",
			http.Header{"Content-Type": {"text/html; charset=UTF-8"}}},
		"HTML that fails": {func(c *app.Call) error { return c.RespondHTML(page, 7) }, 500, "Internal Server Error",
			http.Header{"Content-Type": {"text/plain; charset=UTF-8"}}},
		"file": {func(c *app.Call) error { return c.RespondFile(files, "docs/a.html") }, 200, "<html>",
			http.Header{"Content-Type": {"text/html; charset=utf-8"}}},
		"file of an unknown type": {func(c *app.Call) error { return c.RespondFile(files, "b.unknown") }, 200, "<html>",
			http.Header{"Content-Type": {"application/octet-stream"}}},
		"file with a type set": {func(c *app.Call) error {
			c.Header().Set("Content-Type", "a/b")
			return c.RespondFile(files, "docs/a.html")
		}, 200, "<html>", http.Header{"Content-Type": {"a/b"}}},
		"file of the system": {func(c *app.Call) error { return c.RespondFile(nil, filepath.Join(directory, "c.css")) }, 200, "p {}",
			http.Header{"Content-Type": {"text/css; charset=utf-8"}}},
		"no such file":            {func(c *app.Call) error { return c.RespondFile(files, "none") }, 404, "Not Found", http.Header{"Content-Type": {"text/plain; charset=UTF-8"}}},
		"invalid name":            {func(c *app.Call) error { return c.RespondFile(files, "../a") }, 404, "Not Found", http.Header{"Content-Type": {"text/plain; charset=UTF-8"}}},
		"directory":               {func(c *app.Call) error { return c.RespondFile(files, "docs") }, 404, "Not Found", http.Header{"Content-Type": {"text/plain; charset=UTF-8"}}},
		"directory of the system": {func(c *app.Call) error { return c.RespondFile(nil, directory) }, 404, "Not Found", http.Header{"Content-Type": {"text/plain; charset=UTF-8"}}},
	} {
		for _, wrapped := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				logs := &logbook{}
				a := start(t, logs.module, answering(test.handler), func(a *app.Application) {
					if wrapped {
						a.Use(wrappingWriter)
					}
				})
				response := get(t, a, "/")
				assert.Equal(t, test.status, response.StatusCode)
				assert.Equal(t, test.text, body(t, response))
				response.Header.Del("Content-Length")
				response.Header.Del("Last-Modified")
				response.Header.Del("Accept-Ranges")
				assert.Equal(t, test.header, response.Header)
				for _, logged := range logs.all() {
					assert.NotContains(t, logged.attributes["error"], "%!", "a message that was put together wrongly")
				}
			})
		}
	}
}

func TestRedirectHTMLAndFileRefuseAnAnsweredCall(t *testing.T) {
	t.Parallel()
	for name, respond := range map[string]func(c *app.Call) error{
		"redirect": func(c *app.Call) error { return c.RespondRedirect("/there") },
		"HTML":     func(c *app.Call) error { return c.RespondHTML(nil, nil) },
		"file":     func(c *app.Call) error { return c.RespondFile(nil, "none") },
	} {
		recorder := httptest.NewRecorder()
		start(t, answering(func(c *app.Call) error {
			_ = c.RespondText("first")
			assert.ErrorIs(t, respond(c), app.ErrAnswered, name)
			return nil
		})).ServeHTTP(recorder, request(1))
		assert.Equal(t, "first", recorder.Body.String(), name)
		assert.Empty(t, recorder.Header().Get("Location"), name)
	}
}

// TestRespondHTMLWithoutATemplate is an error, and the call can still be
// answered.
func TestRespondHTMLWithoutATemplate(t *testing.T) {
	t.Parallel()
	a := start(t, answering(func(c *app.Call) error {
		assert.EqualError(t, c.RespondHTML(nil, nil), "respond with template: the template is nil")
		return c.RespondText("no page")
	}))
	assert.Equal(t, "no page", body(t, get(t, a, "/")))
}

// TestRedirectKeepsARedirectionThatWasSet: there are more than two, and the
// others are set as any status is.
func TestRedirectKeepsARedirectionThatWasSet(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ set, temporary, permanent int }{
		{0, 302, 301}, {200, 302, 301}, {201, 302, 301}, {404, 302, 301},
		{300, 300, 301}, {301, 301, 301}, {302, 302, 301}, {303, 303, 301},
		{304, 302, 301}, {307, 307, 301}, {308, 308, 308}, {399, 399, 301}, {400, 302, 301},
	} {
		for wrapped, module := range map[string]app.Module{"": using(), ", wrapped": using(wrappingWriter)} {
			t.Run(strconv.Itoa(test.set)+wrapped, func(t *testing.T) {
				t.Parallel()
				for want, respond := range map[int]func(*app.Call, string) error{
					test.temporary: (*app.Call).RespondRedirect, -test.permanent: (*app.Call).RespondPermanentRedirect,
				} {
					response := get(t, start(t, module, answering(func(c *app.Call) error {
						c.SetStatus(test.set)
						return respond(c, "/there")
					})), "/")
					assert.Equal(t, max(want, -want), response.StatusCode)
					assert.Equal(t, "/there", response.Header.Get("Location"))
				}
			})
		}
	}
}
