// Static-files is Ktor's sample of that name: directories that are served in
// several ways. It is run in its own folder, where the directories are.
package main

import (
	"cmp"
	"log"
	"net/http"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		static.Files(r, "/resources", "files")
		static.Files(r, "/", "files", func(c *static.Config) {
			c.Default = "index.html"
			c.PreCompressed = []static.Coding{static.Brotli, static.Zstd, static.Gzip, static.Deflate}
			c.Modify = func(c *app.Call, f static.File) error {
				c.Header().Set("ETag", `"`+path.Base(f.Name)+string(f.Coding)+`"`)
				return nil
			}
		})
		static.Files(r, "/files", "textFiles", texts)
		static.Files(r, "/filesWithEtagAndLastModified", "files", func(c *static.Config) {
			c.ETag = func(static.File) string { return "etag" }
			c.LastModified = func(static.File) time.Time { return time.Now() }
		})
		static.Files(r, "/filesWithStrongGeneratedEtag", "files", func(c *static.Config) { c.HashETags = true })
	})
}

// texts configures the directory textFiles. Its Default answers for all that is
// not there, so that the Fallback is asked only if that is removed.
func texts(c *static.Config) {
	c.Default = "html-file.txt"
	c.Exclude = func(name string) bool { return strings.Contains(name, "excluded") }
	c.Fallback = func(c *app.Call, requested string) error {
		switch path.Ext(requested) {
		case ".php":
			return c.RespondRedirect("/static/index.html") // an absolute path
		case ".kt":
			return c.RespondRedirect("Default.kt") // a relative path
		case ".xml":
			return c.RespondStatus(http.StatusGone)
		default:
			return c.RespondFile(nil, "files/index.html")
		}
	}
	c.ContentType = func(f static.File) string {
		if path.Base(f.Name) == "html-file.txt" {
			return "text/html; charset=utf-8"
		}
		return ""
	}
	c.CacheControl = func(f static.File) string {
		if path.Base(f.Name) == "file.txt" {
			return "immutable, max-age=10000"
		}
		return ""
	}
}

func main() {
	port, err := strconv.Atoi(cmp.Or(os.Getenv("PORT"), "8080"))
	if err != nil {
		log.Fatalf("PORT: %v", err)
	}
	if err := engine.EmbeddedServer(Module, engine.Port(port)).Run(); err != nil {
		log.Fatal(err)
	}
}
