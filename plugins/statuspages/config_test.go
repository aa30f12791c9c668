package statuspages_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// TestStatusFile: in Ktor a missing file is only found when somebody asks for
// the page, and becomes 500.
func TestStatusFile(t *testing.T) {
	files := fstest.MapFS{
		"pages/error401.html": {Data: []byte("<h1>401</h1>")},
		"pages/error402.html": {Data: []byte("<h1>402</h1>")},
		"4044-4.txt":          {Data: []byte("twice")},
		"plain":               {Data: []byte("no extension")},
	}
	host := serve(t, func(c *statuspages.Config) {
		c.StatusFile(files, "pages/error#.html", 401, 402)
		c.StatusFile(fstest.MapFS{"404-404.txt": {Data: []byte("twice")}}, "#-#.txt", 404)
		c.StatusFile(files, "plain", 405, 500)
	}, declareStatuses)
	for path, want := range map[string]struct {
		status            int
		text, contentType string
	}{
		"/401": {401, "<h1>401</h1>", "text/html; charset=utf-8"},
		"/402": {402, "<h1>402</h1>", "text/html; charset=utf-8"},
		"/404": {404, "twice", "text/plain; charset=utf-8"},
		"/405": {405, "no extension", "application/octet-stream"},
		"/500": {500, "no extension", "application/octet-stream"},
		"/403": {403, "", ""},
	} {
		response := expect(t, host, path, want.status, want.text)
		assert.Equal(t, want.contentType, response.Header.Get("Content-Type"), path)
	}
}

// All mistakes are told at once, with the line of the installation.
func TestMistakes(t *testing.T) {
	a := app.New(func(a *app.Application) {
		a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
			c.Status(99, page)
			c.Status(1000, page)
			c.Status(404, nil)
			c.StatusContent(405, nil)
			c.StatusFile(nil, "error#.html", 404)
			c.StatusFile(fstest.MapFS{}, "error#.html", 401, 402)
			c.Unhandled(nil)
			c.ExceptionFunc(nil, func(*app.Call, error) error { return nil })
			c.ExceptionFunc(func(error) bool { return true }, nil)
			statuspages.Exception[*illegalStateError](c, nil)
		}))
	})
	err := a.Start(context.Background())
	require.Error(t, err)
	for _, want := range []string{
		"statuspages/config_test.go:", "install StatusPages: ", "status 99: a response cannot have it", "status 1000: ",
		"status 404: the handler is nil", "status 405: the handler is nil", "status file error#.html: there is no file system",
		"error401.html", "error402.html", "unhandled: the handler is nil", "exception: a function is nil",
		"exception *statuspages_test.illegalStateError: the handler is nil",
	} {
		assert.ErrorContains(t, err, want)
	}
	assert.Equal(t, 2, strings.Count(err.Error(), "exception: a function is nil"))
}

func TestInstalledTwice(t *testing.T) {
	a := app.New(func(a *app.Application) {
		a.Install(statuspages.Plugin)
		a.Install(statuspages.Plugin)
	})
	assert.ErrorContains(t, a.Start(context.Background()), "install StatusPages: it is already installed")
}

// TestConfigurationIsRead: what is changed after the installation changes
// nothing.
func TestConfigurationIsRead(t *testing.T) {
	var kept *statuspages.Config
	host := serve(t, func(c *statuspages.Config) {
		statuspages.Exception(c, handler[*illegalStateError]("first"))
		c.Status(404, page)
		kept = c
	}, func(r *routing.Route) { r.Get("/fail", failing(&illegalStateError{"broken"})) })
	statuspages.Exception(kept, handler[*illegalStateError]("second"))
	statuspages.Exception(kept, handler[error]("second"))
	kept.Status(404, func(c *app.Call, _ int) error { return c.RespondText("second") })
	kept.Unhandled(func(c *app.Call) error { return c.RespondText("second") })
	expect(t, host, "/fail", 200, "first: broken")
	expect(t, host, "/missing", 404, "page Not Found")
}

// Installed as it is, the plugin does nothing.
func TestDefaults(t *testing.T) {
	host := serve(t, func(*statuspages.Config) {}, declareStatuses)
	expect(t, host, "/401", 401, "")
	expect(t, host, "/missing", 404, "")
}
