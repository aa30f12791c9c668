package static_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/autoheadresponse"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

// TestConditions: a file answers them by its tag and by its time.
func TestConditions(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "/", func(c *static.Config) { c.CacheControl = func(static.File) string { return "no-cache" } })
		})
		first := h.Get("/file.txt")
		tag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
		require.Regexp(t, `^"[-0-9a-z]+"$`, tag)
		known := h.Get("/file.txt", apptest.Header("If-None-Match", tag))
		assert.Equal(t, http.StatusNotModified, known.StatusCode)
		assert.Equal(t, tag, known.Header.Get("ETag"))
		assert.Equal(t, "no-cache", known.Header.Get("Cache-Control"))
		assert.Equal(t, http.StatusPreconditionFailed, h.Get("/file.txt", apptest.Header("If-Match", `"other"`)).StatusCode)
		if modified != "" { // embedded files have none
			assert.Equal(t, "Mon, 30 Nov 2026 12:00:00 GMT", modified)
			assert.Equal(t, http.StatusNotModified, h.Get("/file.txt", apptest.Header("If-Modified-Since", modified)).StatusCode)
		}
		assert.Equal(t, tag, h.Get("/file.txt").Header.Get("ETag"), "each time the same")
	})
}

// TestEmbeddedFilesHaveNoTime: their tags are of what they hold.
func TestEmbeddedFilesHaveNoTime(t *testing.T) {
	fsys := fstest.MapFS{"a.txt": {Data: []byte("one")}, "b.txt": {Data: []byte("one")}, "c.txt": {Data: []byte("two")}}
	h := host(t, func(r *routing.Route) { static.Resources(r, "/", fsys) })
	a, b, c := h.Get("/a.txt"), h.Get("/b.txt"), h.Get("/c.txt")
	assert.Empty(t, a.Header.Get("Last-Modified"))
	assert.Equal(t, `"7692c3ad3540bb803c020b3aee66cd88"`, a.Header.Get("ETag"), "the beginning of its SHA-256")
	assert.Equal(t, a.Header.Get("ETag"), b.Header.Get("ETag"))
	assert.NotEqual(t, a.Header.Get("ETag"), c.Header.Get("ETag"))
}

// TestTheNextHandlerServesWhatIsNoFile, as if there were no content.
func TestTheNextHandlerServesWhatIsNoFile(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "/")
			r.Get("/{...}", func(c *app.Call) error { return c.RespondText("page " + c.PathParam("*")) })
			serve(r, "/skipped", func(c *static.Config) { c.Skip = func(c *app.Call) bool { return c.QueryParam("skip") != "" } })
		}, func(a *app.Application) { a.Install(autoheadresponse.Plugin) })
		assertBody(t, h, "/file.txt", "file.txt")
		response := assertBody(t, h, "/none", "page none")
		assert.Empty(t, response.Header.Get("ETag"))
		assert.Equal(t, int64(8), h.Head("/file.txt").ContentLength)
		assert.Equal(t, http.StatusNotFound, h.Do(http.MethodPost, "/file.txt", nil).StatusCode)
		assertBody(t, h, "/skipped/file.txt", "file.txt")
		assertStatus(t, h, "/skipped/file.txt?skip=1", http.StatusNotFound)
		assert.Empty(t, h.Log().Find("several handlers"))
	})
}

// TestHeadIsAsGet for what is no file too, where another handler answers.
func TestHeadIsAsGet(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		for name, modules := range map[string][]app.Module{
			"alone": nil, "AutoHeadResponse": {func(a *app.Application) { a.Install(autoheadresponse.Plugin) }},
		} {
			h := host(t, func(r *routing.Route) {
				serve(r, "/files")
				r.Get("/files/{...}", func(c *app.Call) error { return c.RespondText("page") })
				serve(r, "/alone")
			}, modules...)
			for _, path := range []string{
				"/files", "/files/", "/files/file.txt", "/files/none", "/files/a%2Fb", "/alone", "/alone/", "/alone/file.txt", "/alone/none", "/alone/types",
			} {
				get, head := h.Get(path), h.Head(path)
				assert.Equal(t, get.StatusCode, head.StatusCode, name+" "+path)
				if get.StatusCode == http.StatusOK {
					assert.Equal(t, get.ContentLength, head.ContentLength, name+" "+path)
					assert.Equal(t, get.Header.Get("ETag"), head.Header.Get("ETag"), name+" "+path)
				}
				assert.Empty(t, apptest.Text(t, head))
			}
		}
	})
}

// TestARouteOfAContentCanBeInstalledOn: for GET and HEAD, and for nothing else.
func TestARouteOfAContentCanBeInstalledOn(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "/files").Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) { c.Header("X-Files", "yes") }))
			r.Get("/files/page", func(c *app.Call) error { return c.RespondText("page") })
		}, func(a *app.Application) {
			a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
				c.Status(http.StatusNotFound, func(c *app.Call, _ int) error { return c.RespondText("nothing here") })
			}))
		})
		assert.Equal(t, "yes", h.Get("/files/file.txt").Header.Get("X-Files"))
		assert.Equal(t, "yes", h.Head("/files/file.txt").Header.Get("X-Files"))
		assert.Empty(t, h.Get("/files/page").Header.Get("X-Files"))
		missing := h.Get("/files/none")
		assert.Equal(t, http.StatusNotFound, missing.StatusCode)
		assert.Equal(t, "nothing here", apptest.Text(t, missing))
	})
}

// TestFoldersWithoutASlash are served, or sent to the path with one.
func TestFoldersWithoutASlash(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "/plain")
			serve(r, "/a b/strict", func(c *static.Config) { c.RedirectFolders = true })
		})
		client := h.NewClient(apptest.NoRedirects())
		assertBody(t, h, "/plain/nested", "nested index")
		for path, want := range map[string]string{
			"/a%20b/strict": "./strict/", "/a%20b/strict/nested": "./nested/", "/a%20b/strict/nested?a=b%20c": "./nested/?a=b%20c",
		} {
			response := client.Get(path)
			assert.Equal(t, http.StatusMovedPermanently, response.StatusCode)
			assert.Equal(t, want, response.Header.Get("Location"))
		}
		assertBody(t, h, "/a%20b/strict/nested", "nested index")
		assertBody(t, h, "/a%20b/strict/nested/", "nested index")
		assertStatus(t, h, "/a%20b/strict/file.txt/", http.StatusNotFound)
		assertStatus(t, h, "/a%20b/strict/types", http.StatusNotFound)
	})
}

// TestModifyAnswersInPlaceOfTheFile, and an error of it is one of the call.
func TestModifyAnswersInPlaceOfTheFile(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "/", func(c *static.Config) {
				c.Modify = func(c *app.Call, f static.File) error {
					switch f.Name {
					case "file.txt":
						return c.RespondStatus(http.StatusTeapot)
					case "default.txt":
						return app.NewError(http.StatusGone, "it was here")
					case "ignore.txt":
						panic("out of order")
					default:
						return nil
					}
				}
			})
		})
		assertStatus(t, h, "/file.txt", http.StatusTeapot)
		gone := assertStatus(t, h, "/default.txt", http.StatusGone)
		assert.Empty(t, gone.Header.Get("ETag"), "it is of the file")
		assertStatus(t, h, "/ignore.txt", http.StatusInternalServerError)
		assertBody(t, h, "/has-fallback.txt", "has-fallback.txt")
	})
}

// TestModifyMayPass: the next handler answers, and nothing is said of the file.
func TestModifyMayPass(t *testing.T) {
	overEach(t, encoded, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "/", func(c *static.Config) {
				c.PreCompressed = []static.Coding{static.Brotli}
				c.CacheControl = func(static.File) string { return "max-age=60" }
				c.Modify = func(c *app.Call, _ static.File) error {
					c.Header().Set("X-File", "yes")
					return app.ErrPass
				}
			})
			r.Get("/{...}", func(c *app.Call) error { return c.RespondText("page") })
		}, func(a *app.Application) {
			a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) { c.Header("X-All", "yes") }))
		})
		page := assertBody(t, h, "/app.css", "page", accepting("br"))
		for _, name := range []string{"Content-Encoding", "ETag", "Cache-Control", "X-File", "Last-Modified"} {
			assert.Empty(t, page.Header.Values(name), name)
		}
		assert.Equal(t, "text/plain; charset=UTF-8", page.Header.Get("Content-Type"))
		assert.Equal(t, "yes", page.Header.Get("X-All"))
	})
}

// TestAPageBesideItsFolder: what belongs to a page may be in a folder of its
// name, as the exports of some frameworks are.
func TestAPageBesideItsFolder(t *testing.T) {
	files := tree{"about.html": "about", "about/team.html": "team", "docs.html": "page", "docs/index.html": "index", "empty/x.txt": "x", "index.html": "index"}
	overEach(t, files, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "/", func(c *static.Config) { c.Extensions = []string{"html"} })
			serve(r, "/hidden", func(c *static.Config) {
				c.Extensions = []string{"html"}
				c.Exclude = func(name string) bool { return name == "about.html" }
			})
		})
		for path, want := range map[string]string{"/about": "about", "/about/team": "team", "/docs": "index", "/docs/": "index", "/": "index"} {
			assertBody(t, h, path, want)
		}
		for _, path := range []string{"/about/", "/empty", "/empty/"} {
			assertStatus(t, h, path, http.StatusNotFound)
		}
		assertStatus(t, h, "/hidden/about", http.StatusForbidden)
	})
}

// TestMistakes are those of Start, with the line that declares the content.
func TestMistakes(t *testing.T) {
	for name, test := range map[string]struct {
		declare func(r *routing.Route)
		want    string
	}{
		"no directory": {func(r *routing.Route) { static.Files(r, "/x", "none/at/all") }, `static files at /x: directory "none/at/all" is not there: create it, or run the program where it is; `},
		"a file":       {func(r *routing.Route) { static.Files(r, "/x", "doc.go") }, `directory "doc.go": `},
		"empty":        {func(r *routing.Route) { static.Files(r, "/x", "") }, `the directory is empty: the working directory is "."`},
		"nil":          {func(r *routing.Route) { static.Resources(r, "/x", nil) }, "static resources at /x: the file system is nil"},
		"no archive":   {func(r *routing.Route) { static.Zip(r, "/x", "none.zip") }, `static archive at /x: archive "none.zip" is not there: create it`},
		"no zip":       {func(r *routing.Route) { static.Zip(r, "/x", "doc.go") }, `archive "doc.go": read `},
		"a folder":     {func(r *routing.Route) { static.Zip(r, "/x", ".") }, `archive ".": `},
		"base":         {with(func(c *static.Config) { c.Base = "none" }), "none is needed: "},
		"base, a file": {with(func(c *static.Config) { c.Base = "file.txt" }), "file.txt is needed as a folder, and is none"},
		"base above":   {with(func(c *static.Config) { c.Base = "../up" }), `Base: "../up" is no name below the content`},
		"index":        {with(func(c *static.Config) { c.Index = "/index.html" }), `Index: "/index.html" is no name below the content`},
		"default":      {with(func(c *static.Config) { c.Default = "." }), `Default: "." is no name below the content`},
		"extension":    {with(func(c *static.Config) { c.Extensions = []string{".html"} }), `extension ".html": write it as in html, without a dot in front`},
		"coding":       {with(offering("lzma")), `pre-compressed "lzma": there is no such coding`},
		"coding twice": {with(offering(static.Gzip, static.Gzip)), `pre-compressed "gzip": it is listed twice`},
		"pattern":      {func(r *routing.Route) { static.Files(r, "/{", ".") }, `route /{/{...}: "{": the braces do not match`},
		"below a tail": {func(r *routing.Route) { static.Resources(r, "/{...}", public.fs()) }, "nothing can follow {...}"},
		"nil function": {with(nil), "the configuration function is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			err := apptest.StartError(t, func(a *app.Application) { routing.Routes(a, test.declare) })
			require.ErrorContains(t, err, test.want)
			assert.ErrorContains(t, err, "static/content_test.go:")
			assert.Equal(t, 1, strings.Count(err.Error(), "static/content_test.go:"), err)
		})
	}
}

func with(configure func(c *static.Config)) func(r *routing.Route) {
	return func(r *routing.Route) { static.Resources(r, "/x", public.fs(), configure) }
}
