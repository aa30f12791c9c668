package static_test

import (
	"html/template"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

const immutable = "public, max-age=31536000, immutable"

// TestAssets: a URL with a fingerprint is kept for ever, the plain one is asked
// for each time.
func TestAssets(t *testing.T) {
	files := tree{
		"web/css/app.css": "body{}", "web/css/app.css.br": "in br", "web/a b.min.js": "x", "web/LICENSE": "free", "web/.env": "secret", "web/private.txt": "secret",
	}
	overEach(t, files, func(t *testing.T, serve verb) {
		var assets static.Assets
		h := host(t, func(r *routing.Route) {
			r.Route("/site", func(r *routing.Route) {
				serve(r, "/assets", func(c *static.Config) {
					c.Base, c.Assets, c.PreCompressed = "web", &assets, []static.Coding{static.Brotli}
					c.Exclude = func(name string) bool { return name == "private.txt" }
				})
			})
			r.Get("/page", func(c *app.Call) error {
				page, err := template.New("page").Funcs(template.FuncMap{"asset": assets.URL}).Parse(`<link href="{{asset "css/app.css"}}">`)
				if err != nil {
					return err
				}
				return c.RespondHTML(page, nil)
			})
		})
		for name, want := range map[string]string{
			"css/app.css": "/site/assets/css/app-7c98040a.css", "a b.min.js": "/site/assets/a%20b.min-2d711642.js", "LICENSE": "/site/assets/LICENSE-ad95d5fa",
		} {
			url, err := assets.URL(name)
			require.NoError(t, err)
			assert.Equal(t, want, url)
			response := assertBody(t, h, url, files["web/"+name])
			assert.Equal(t, immutable, response.Header.Get("Cache-Control"))
			assert.NotEmpty(t, response.Header.Get("ETag"))
		}
		plain := assertBody(t, h, "/site/assets/css/app.css", "body{}")
		assert.Equal(t, "no-cache", plain.Header.Get("Cache-Control"))
		known := h.Get("/site/assets/css/app.css", apptest.Header("If-None-Match", plain.Header.Get("ETag")))
		assert.Equal(t, http.StatusNotModified, known.StatusCode)
		variant := assertBody(t, h, "/site/assets/css/app-7c98040a.css", "in br", accepting("br"))
		assert.Equal(t, immutable, variant.Header.Get("Cache-Control"))
		assert.Equal(t, "text/css; charset=utf-8", variant.Header.Get("Content-Type"))

		assertBody(t, h, "/page", `<link href="/site/assets/css/app-7c98040a.css">`)
		assertStatus(t, h, "/site/assets/css/app-00000000.css", http.StatusNotFound)
		for _, name := range []string{"none.css", ".env", "private.txt", "css", "../web/LICENSE", ""} {
			_, err := assets.URL(name)
			assert.ErrorContains(t, err, "there is no such file below /site/assets/", name)
		}
	})
}

// TestAnAssetThatHasChangedIsNotKept: its fingerprint is of what it was.
func TestAnAssetThatHasChangedIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		directory := filepath.Join(t.TempDir(), "dist")
		write(t, filepath.Join(directory, "app.css"), "one")
		var assets static.Assets
		h := host(t, func(r *routing.Route) {
			static.Files(r, "/", directory, func(c *static.Config) { c.Assets = &assets })
		})
		first, err := assets.URL("app.css")
		require.NoError(t, err)
		assert.Equal(t, immutable, h.Get(first).Header.Get("Cache-Control"))
		write(t, filepath.Join(directory, "app.css"), "longer")
		assert.Equal(t, "no-cache", assertBody(t, h, first, "longer").Header.Get("Cache-Control"))

		require.NoError(t, os.RemoveAll(directory))
		write(t, filepath.Join(directory, "app.css"), "two")
		time.Sleep(time.Second)
		assert.Equal(t, http.StatusOK, h.Get("/app.css").StatusCode)
		second, err := assets.URL("app.css")
		require.NoError(t, err)
		assert.NotEqual(t, first, second)
		assert.Equal(t, immutable, assertBody(t, h, second, "two").Header.Get("Cache-Control"))
		assertStatus(t, h, first, http.StatusNotFound)
	})
}

// TestAssetsBelowARootPath have it in their URLs.
func TestAssetsBelowARootPath(t *testing.T) {
	var assets static.Assets
	h := host(t, func(r *routing.Route) {
		static.Resources(r, "/assets", public.fs(), func(c *static.Config) { c.Assets, c.RedirectFolders = &assets, true })
	}, func(a *app.Application) { a.Configure(func(c *app.Config) { c.RootPath = "/shop" }) })
	url, err := assets.URL("file.txt")
	require.NoError(t, err)
	assert.Regexp(t, `^/shop/assets/file-[0-9a-f]{8}\.txt$`, url)
	assertBody(t, h, url, "file.txt")
	assertBody(t, h, "/shop/assets/nested", "nested index")
	assertStatus(t, h, "/assets/file.txt", http.StatusNotFound)
}

func TestMistakesWithAssets(t *testing.T) {
	var assets, twice static.Assets
	_, err := assets.URL("app.css")
	require.ErrorContains(t, err, "the application has not started with these assets")
	err = apptest.StartError(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			static.Resources(r, "/{tenant}/assets", public.fs(), func(c *static.Config) { c.Assets = &assets })
			static.Resources(r, "/a", public.fs(), func(c *static.Config) { c.Assets = &twice })
			static.Resources(r, "/b", public.fs(), func(c *static.Config) { c.Assets = &twice })
		})
	})
	require.ErrorContains(t, err, "the Assets need a path without parameters, not /{tenant}/assets/{...}")
	require.ErrorContains(t, err, "the Assets belong to another content: each has its own")
}
