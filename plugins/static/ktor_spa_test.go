package static_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// This file has Ktor's SinglePageApplicationTest, each test with a directory and
// with a file system of the program.

func overBoth(t *testing.T, test func(t *testing.T, files func(c *static.SPAConfig))) {
	t.Helper()
	spa := tree{"public/Empty1.kt": "empty 1", "public/Empty2.kt": "empty 2", "public/Empty3.kt": "empty 3", "public/index.html": "index"}
	t.Run("FilesPath", func(t *testing.T) {
		directory := spa.directory(t)
		test(t, func(c *static.SPAConfig) { c.FilesPath = directory + "/public" })
	})
	t.Run("Resources", func(t *testing.T) {
		test(t, func(c *static.SPAConfig) { c.Resources, c.FilesPath = spa.fs(), "public" })
	})
}

// SinglePageApplicationTest, fullWithFilesTest, fullWithResourcesTest, testPageGet.
func TestSinglePageApplication(t *testing.T) {
	overBoth(t, func(t *testing.T, files func(c *static.SPAConfig)) {
		h := host(t, func(r *routing.Route) {
			static.SinglePageApplication(r, files, func(c *static.SPAConfig) {
				c.ApplicationRoute = "selected"
				c.DefaultPage = "Empty3.kt"
				c.Exclude = func(name string) bool { return strings.Contains(name, "Empty2.kt") }
			})
		})
		assertBody(t, h, "/selected", "empty 3")
		assertBody(t, h, "/selected/", "empty 3")
		assertBody(t, h, "/selected/a", "empty 3")
		assertBody(t, h, "/selected/a/b/", "empty 3")
		assertStatus(t, h, "/selected/Empty2.kt", http.StatusForbidden)
		assertBody(t, h, "/selected/Empty1.kt", "empty 1")
		assertStatus(t, h, "/other", http.StatusNotFound)
	})
}

// SinglePageApplicationTest, testResources, testShortcut and
// testIgnoreResourceRoutes.
func TestSinglePageApplicationAtTheRoot(t *testing.T) {
	overBoth(t, func(t *testing.T, files func(c *static.SPAConfig)) {
		h := host(t, func(r *routing.Route) {
			static.SinglePageApplication(r, files, func(c *static.SPAConfig) {
				c.Exclude = func(name string) bool { return strings.HasSuffix(name, "1.kt") || strings.HasSuffix(name, "2.kt") }
			})
			r.Get("/api/{id}", func(c *app.Call) error { return c.RespondText("api " + c.PathParam("id")) })
		})
		assertBody(t, h, "/", "index")
		assertBody(t, h, "/index.html", "index")
		page := assertBody(t, h, "/users/7/edit", "index")
		assert.Equal(t, "text/html; charset=utf-8", page.Header.Get("Content-Type"))
		assertBody(t, h, "/api/7", "api 7")
		assertStatus(t, h, "/Empty1.kt", http.StatusForbidden)
		assertStatus(t, h, "/Empty2.kt", http.StatusForbidden)
		assert.Equal(t, int64(5), h.Head("/users").ContentLength)
		// What can be no file is not there either: the application may know it.
		for _, path := range []string{"/.env", "/search/a%2Fb", "/search/a%5Cb", "/search/%00", "/users/../7"} {
			assertBody(t, h, path, "index")
		}
	})
}

func TestASinglePageApplicationNeedsItsPage(t *testing.T) {
	for name, test := range map[string]struct {
		configure func(c *static.SPAConfig)
		want      string
	}{
		"no page":      {func(c *static.SPAConfig) { c.FilesPath = t.TempDir() }, "single-page application at /: index.html is needed"},
		"no directory": {func(*static.SPAConfig) {}, `FilesPath: the directory is empty`},
		"empty page":   {func(c *static.SPAConfig) { c.Resources, c.DefaultPage = public.fs(), "" }, "DefaultPage is empty"},
		"a folder":     {func(c *static.SPAConfig) { c.Resources, c.DefaultPage = public.fs(), "nested" }, "nested is needed as a file, and is none"},
		"no base":      {func(c *static.SPAConfig) { c.Resources, c.FilesPath = public.fs(), "none" }, "none is needed: "},
		"nil":          {nil, "the configuration function is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			err := apptest.StartError(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) { static.SinglePageApplication(r, test.configure) })
			})
			assert.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, "static/ktor_spa_test.go:")
		})
	}
}
