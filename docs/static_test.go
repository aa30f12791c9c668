package docs_test

import (
	"embed"
	"html/template"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// embedded has a page of the documentation, which is there in any case.
//
//go:embed *.md
var embedded embed.FS

// inSite runs a test in a folder with files.
func inSite(t *testing.T, names ...string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, name := range names {
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
		require.NoError(t, os.WriteFile(name, []byte(name), 0o600))
	}
}

func TestDirectories(t *testing.T) {
	inSite(t, "files/report.pdf", "files/index.html", "dist/index.html", "dist/app.js")
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			static.Files(r, "/files", "files")
			static.SinglePageApplication(r, func(c *static.SPAConfig) { c.FilesPath = "dist" })
		})
	})
	for path, want := range map[string]string{
		"/files/report.pdf": "files/report.pdf", "/files/": "files/index.html", "/app.js": "dist/app.js", "/users/7": "dist/index.html",
	} {
		assert.Equal(t, want, apptest.Text(t, host.Get(path)), path)
	}
}

func TestEmbeddedFiles(t *testing.T) {
	assets := embedded
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			static.Resources(r, "/pages", assets, func(c *static.Config) {
				c.Index = "README.md"
				c.CacheControl = func(f static.File) string {
					if strings.HasSuffix(f.Name, ".md") {
						return "no-cache"
					}
					return "max-age=3600"
				}
			})
		})
	})
	page := host.Get("/pages/")
	assert.Equal(t, "no-cache", page.Header.Get("Cache-Control"))
	assert.Equal(t, "text/markdown; charset=utf-8", page.Header.Get("Content-Type"))
	assert.Equal(t, http.StatusNotModified, host.Get("/pages/", apptest.Header("If-None-Match", page.Header.Get("ETag"))).StatusCode)
}

func TestWhatIsNotThere(t *testing.T) {
	inSite(t, "site/about.html", "site/draft.html", "site/404.html", "theme/site.css")
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			static.Files(r, "/", "site", func(c *static.Config) {
				c.Extensions = []string{"html"} // about is about.html
				c.Exclude = func(name string) bool { return strings.HasPrefix(name, "draft") }
			})
			// What site does not have:
			static.Files(r, "/", "theme")
			// And what neither has:
			r.Get("/{...}", func(c *app.Call) error {
				c.SetStatus(http.StatusNotFound)
				return c.RespondFile(nil, "site/404.html")
			})
		})
	})
	for path, want := range map[string]string{"/about": "site/about.html", "/site.css": "theme/site.css", "/none": "site/404.html"} {
		assert.Equal(t, want, apptest.Text(t, host.Get(path)), path)
	}
	assert.Equal(t, http.StatusForbidden, host.Get("/draft").StatusCode)
	assert.Equal(t, http.StatusNotFound, host.Get("/none").StatusCode)
	assert.Empty(t, host.Log().Find("handler"))
}

func TestStoredVariants(t *testing.T) {
	inSite(t, "site/app.css", "site/app.css.br", "site/app.css.gz")
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(compression.Plugin) // for what is stored in no coding
		routing.Routes(a, func(r *routing.Route) {
			static.Files(r, "/", "site", func(c *static.Config) {
				c.PreCompressed = []static.Coding{static.Brotli, static.Gzip}
			})
		})
	})
	response := host.Get("/app.css", apptest.Header("Accept-Encoding", "gzip, br"))
	assert.Equal(t, "br", response.Header.Get("Content-Encoding"))
	assert.Equal(t, "site/app.css.br", apptest.Text(t, response))
}

func TestFingerprints(t *testing.T) {
	inSite(t, "web/app.css")
	module := func(a *app.Application) {
		var assets static.Assets
		page := template.Must(template.New("page").Funcs(template.FuncMap{"asset": assets.URL}).
			Parse(`<link rel="stylesheet" href="{{asset "app.css"}}">`))

		routing.Routes(a, func(r *routing.Route) {
			static.Files(r, "/assets", "web", func(c *static.Config) { c.Assets = &assets })
			r.Get("/", func(c *app.Call) error { return c.RespondHTML(page, nil) })
		})
	}
	host := apptest.Start(t, module)
	assert.Regexp(t, `<link rel="stylesheet" href="/assets/app-[0-9a-f]{8}\.css">`, apptest.Text(t, host.Get("/")))
}

func TestDownload(t *testing.T) {
	inSite(t, "invoice.pdf")
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/invoice", func(c *app.Call) error {
				c.Header().Set("Content-Disposition", app.Attachment("invoice.pdf"))
				return c.RespondFile(nil, "invoice.pdf")
			})
		})
	})
	part := host.Get("/invoice", apptest.Header("Range", "bytes=0-6"))
	assert.Equal(t, http.StatusPartialContent, part.StatusCode)
	assert.Equal(t, "invoice", apptest.Text(t, part))
}
