package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// Ktor's ApplicationTest, testRoot, and the other paths of its README.
func TestRoot(t *testing.T) {
	host := apptest.Start(t, Module)
	for _, path := range []string{"/", "/resources", "/resources/index.html", "/none"} {
		response := host.Get(path)
		assert.Equal(t, http.StatusOK, response.StatusCode, path)
		assert.Equal(t, "text/html; charset=utf-8", response.Header.Get("Content-Type"), path)
		assert.Contains(t, apptest.Text(t, response), "<h1>Static page</h1>", path)
	}
	script := host.Get("/js/script.js", apptest.Header("Accept-Encoding", "gzip"))
	assert.Equal(t, "gzip", script.Header.Get("Content-Encoding"))
	assert.Equal(t, `"script.jsgzip"`, script.Header.Get("ETag"))
}

func TestTexts(t *testing.T) {
	host := apptest.Start(t, Module)
	page := host.Get("/files")
	assert.Equal(t, "text/html; charset=utf-8", page.Header.Get("Content-Type"))
	assert.Contains(t, apptest.Text(t, page), "<h1>HTML file</h1>")
	file := host.Get("/files/file.txt")
	assert.Equal(t, "immutable, max-age=10000", file.Header.Get("Cache-Control"))
	assert.Equal(t, "Contents of \"file.txt\".\n", apptest.Text(t, file))
	assert.Equal(t, http.StatusForbidden, host.Get("/files/excluded.txt").StatusCode)
}

func TestFallback(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			static.Files(r, "/files", "textFiles", texts, func(c *static.Config) { c.Default = "" })
		})
	})
	client := host.NewClient(apptest.NoRedirects())
	assert.Equal(t, "/static/index.html", client.Get("/files/a.php").Header.Get("Location"))
	assert.Equal(t, "Default.kt", client.Get("/files/a.kt").Header.Get("Location"))
	assert.Equal(t, http.StatusGone, client.Get("/files/a.xml").StatusCode)
	assert.Contains(t, apptest.Text(t, client.Get("/files/a")), "<h1>Static page</h1>")
}

func TestTags(t *testing.T) {
	host := apptest.Start(t, Module)
	given := host.Get("/filesWithEtagAndLastModified/logo.png")
	assert.Equal(t, `"etag"`, given.Header.Get("ETag"))
	assert.NotEmpty(t, given.Header.Get("Last-Modified"))
	made := host.Get("/filesWithStrongGeneratedEtag/logo.png")
	require.Regexp(t, `^"[0-9a-f]{32}"$`, made.Header.Get("ETag"))
	known := host.Get("/filesWithStrongGeneratedEtag/logo.png", apptest.Header("If-None-Match", made.Header.Get("ETag")))
	assert.Equal(t, http.StatusNotModified, known.StatusCode)
}
