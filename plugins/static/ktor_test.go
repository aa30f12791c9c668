package static_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// This file has Ktor's StaticContentTest, each test over all kinds of contents,
// and the one of StaticContentResolutionTest that is about more than class paths.

// StaticContentTest, testFiles, testPath, testPathFromZip and testResources.
func TestFiles(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "static", func(c *static.Config) {
				c.Default = "default.txt"
				c.CacheControl = func(f static.File) string {
					if strings.HasSuffix(f.Name, "file-nested.txt") {
						return "immutable, max-age=1"
					}
					return ""
				}
				c.ContentType = func(f static.File) string {
					if strings.HasSuffix(f.Name, "file-nested.txt") {
						return "application/json"
					}
					return ""
				}
			})
			serve(r, "static_no_index", func(c *static.Config) { c.Index = "" })
			serve(r, "static_based", func(c *static.Config) { c.Base = "nested" })
		})
		index := assertBody(t, h, "/static", "index")
		assert.Equal(t, "text/html; charset=utf-8", index.Header.Get("Content-Type"))
		assertBody(t, h, "/static/nested", "nested index")
		custom := assertBody(t, h, "/static/nested/file-nested.txt", "file-nested.txt")
		assert.Equal(t, "application/json", custom.Header.Get("Content-Type"))
		assert.Equal(t, "immutable, max-age=1", custom.Header.Get("Cache-Control"))
		file := assertBody(t, h, "/static/file.txt", "file.txt")
		assert.Equal(t, "text/plain; charset=utf-8", file.Header.Get("Content-Type"))
		assert.Empty(t, file.Header.Get("Cache-Control"))
		assertBody(t, h, "/static/not-existing", "default")

		assertStatus(t, h, "/static_no_index", http.StatusNotFound)
		assertBody(t, h, "/static_no_index/file.txt", "file.txt")
		assertStatus(t, h, "/static_no_index/not-existing", http.StatusNotFound)

		assertBody(t, h, "/static_based", "nested index")
		assertBody(t, h, "/static_based/file-nested.txt", "file-nested.txt")
		assertStatus(t, h, "/static_based/file.txt", http.StatusNotFound)
	})
}

// StaticContentTest, testFallback.
func TestFallback(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "files", func(c *static.Config) {
				c.Fallback = func(c *app.Call, requested string) error {
					switch filepath.Ext(requested) {
					case ".pdf":
						return c.RespondRedirect("/files/nested/file-nested.txt")
					case ".zip":
						return c.RespondRedirect("file-nested.txt")
					default:
						return nil
					}
				}
			})
			serve(r, "default", func(c *static.Config) {
				c.Default = "file.txt"
				c.Fallback = func(*app.Call, string) error { panic("there is a default") }
			})
			serve(r, "bad", func(c *static.Config) {
				c.Default = "none.txt"
				c.Fallback = func(c *app.Call, _ string) error { return c.RespondRedirect("/files/file.txt") }
			})
		})
		assertBody(t, h, "/files/nested/file-nested.txt", "file-nested.txt")
		assertBody(t, h, "/files/NoSuchFile.pdf", "file-nested.txt")
		assertBody(t, h, "/files/nested/NoSuchFile.zip", "file-nested.txt")
		assertStatus(t, h, "/files/NoSuchFile", http.StatusNotFound)
		assertBody(t, h, "/default/nested/none.txt", "file.txt")
		assertBody(t, h, "/bad/nested/none.txt", "file.txt")
	})
}

// StaticContentTest, testExtensions.
func TestExtensions(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "files", func(c *static.Config) { c.Extensions = []string{"txt"} })
		})
		for _, path := range []string{"/files/file.txt", "/files/file"} {
			response := assertBody(t, h, path, "file.txt")
			assert.Equal(t, "text/plain; charset=utf-8", response.Header.Get("Content-Type"))
			assert.Empty(t, response.Header.Get("Cache-Control"))
		}
	})
}

// StaticContentTest, testExclude.
func TestExclude(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "files", func(c *static.Config) {
				c.Index = "index.txt"
				c.Extensions = []string{"secret.txt", "txt"}
				c.Exclude = func(name string) bool { return strings.Contains(name, "ignore") || strings.Contains(name, "secret") }
			})
		})
		assertBody(t, h, "/files/file.txt", "file.txt")
		assertBody(t, h, "/files/has-fallback", "has-fallback.txt")
		for _, path := range []string{"/files/ignore.txt", "/files/ignore", "/files/ignored/", "/files/no-secret"} {
			assertStatus(t, h, path, http.StatusForbidden)
		}
	})
}

// StaticContentTest, testPreCompressed, testResourcesVaryHeaderWithPreCompressed
// and the seven of preCompressed { } that are for the older API.
func TestPreCompressed(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "files", func(c *static.Config) {
				c.PreCompressed = []static.Coding{static.Brotli, static.Gzip}
				c.ContentType = func(static.File) string { return "text/plain" }
			})
			serve(r, "gz", func(c *static.Config) { c.PreCompressed = []static.Coding{static.Gzip, static.Brotli} })
		})
		for _, test := range []struct{ path, accept, body, coding string }{
			{"/files", "", "index", ""},
			{"/files", "gzip", "index.gz", "gzip"},
			{"/files", "br", "index.br", "br"},
			{"/files/nested/file-nested.txt", "", "file-nested.txt", ""},
			{"/files/nested/file-nested.txt", "br", "file-nested.txt.br", "br"},
			{"/files/nested/file-nested.txt", "gzip", "file-nested.txt", ""},
			{"/files", "gzip, br", "index.br", "br"},
			{"/gz", "gzip, br", "index.gz", "gzip"},
			{"/gz", "br, gzip, deflate, identity", "index.gz", "gzip"},
		} {
			response := assertBody(t, h, test.path, test.body, accepting(test.accept))
			assert.Equal(t, test.coding, response.Header.Get("Content-Encoding"))
			assert.Equal(t, "Accept-Encoding", response.Header.Get("Vary"), "also where the file itself is sent")
			assert.Contains(t, response.Header.Get("Content-Type"), "text/")
		}
	})
}

// StaticContentTest, testAutoHead, without anything to enable.
func TestAutoHead(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) { serve(r, "files") })
		for path, length := range map[string]int64{"/files": 5, "/files/file.txt": 8} {
			response := h.Head(path)
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Equal(t, length, response.ContentLength)
		}
		assert.Equal(t, http.StatusNotFound, h.Head("/files/not-existing").StatusCode)
	})
}

// StaticContentTest, testModifier.
func TestModifier(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "files", func(c *static.Config) {
				c.Modify = func(c *app.Call, f static.File) error {
					c.Header().Set("ETag", `"`+f.Name+`"`)
					return nil
				}
			})
		})
		assert.Equal(t, `"index.html"`, h.Get("/files").Header.Get("ETag"))
		assert.Equal(t, `"file.txt"`, h.Get("/files/file.txt").Header.Get("ETag"))
	})
}

// StaticContentTest, testWithIndexAndDefault: one response, and no other.
func TestWithIndexAndDefault(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		responses := 0
		h := host(t, func(r *routing.Route) {
			serve(r, "files", func(c *static.Config) { c.Index, c.Default = "file.txt", "default.txt" })
		}, func(a *app.Application) {
			a.InterceptSend(app.SendTransform, func(*app.Call, *app.Outgoing) error { responses++; return nil })
		})
		assertBody(t, h, "/files", "file.txt")
		assert.Equal(t, 1, responses)
		assertBody(t, h, "/files/not-existing", "default")
		assert.Equal(t, 2, responses)
	})
}

// StaticContentTest, testCharset.
func TestCharset(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) { serve(r, "files", func(c *static.Config) { c.Base = "types" }) })
		for extension, want := range map[string]string{
			"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "svg": "image/svg+xml", "xml": "text/xml; charset=utf-8",
		} {
			assert.Equal(t, want, assertBody(t, h, "/files/file."+extension, "").Header.Get("Content-Type"))
		}
	})
}

// StaticContentTest, "test custom ETag and LastModified with ConditionalHeaders".
func TestCustomETagAndLastModified(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		date := time.Date(2001, time.September, 9, 1, 46, 40, 0, time.UTC)
		h := host(t, func(r *routing.Route) {
			serve(r, "files", func(c *static.Config) {
				c.PreCompressed = []static.Coding{static.Brotli}
				c.ETag = func(static.File) string { return "etag" }
				c.LastModified = func(static.File) time.Time { return date }
			})
		})
		for _, accept := range []string{"", "br"} {
			for _, path := range []string{"/files/nested/file-nested.txt", "/files", "/files/file.txt"} {
				response := h.Get(path, accepting(accept))
				assert.Equal(t, http.StatusOK, response.StatusCode)
				assert.Equal(t, []string{`"etag"`}, response.Header.Values("ETag"))
				assert.Equal(t, []string{"Sun, 09 Sep 2001 01:46:40 GMT"}, response.Header.Values("Last-Modified"))
			}
		}
	})
}

// StaticContentTest, "test strong etag".
func TestStrongETag(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		for _, hash := range []bool{false, true} {
			h := host(t, func(r *routing.Route) {
				serve(r, "static", func(c *static.Config) {
					c.PreCompressed = []static.Coding{static.Brotli, static.Gzip}
					c.HashETags = hash
				})
			})
			seen := map[string]bool{}
			for _, coding := range []string{"", "br", "gzip"} {
				response := h.Get("/static/index.html", accepting(coding))
				assert.Equal(t, http.StatusOK, response.StatusCode)
				assert.Equal(t, coding, response.Header.Get("Content-Encoding"))
				tag := response.Header.Get("ETag")
				assert.Regexp(t, `^"[-0-9a-z]+"$`, tag)
				seen[tag] = true
			}
			assert.Len(t, seen, 3)
		}
	})
}

// StaticContentTest, testResourcesSiblings and testLegacyBuilder.
func TestSiblings(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "/remote", func(c *static.Config) { c.Base = "nested" })
			serve(r, "/remote")
		})
		assertBody(t, h, "/remote/file-nested.txt", "file-nested.txt")
		assertBody(t, h, "/remote/file.txt", "file.txt")
		assertBody(t, h, "/remote", "nested index")
		assertStatus(t, h, "/remote/none", http.StatusNotFound)
		assert.Empty(t, h.Log().Find("handler"), "nobody has forgotten anything")
	})
}

// StaticContentTest, testLegacyPriority.
func TestPriority(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		text := func(text string) app.Handler { return func(c *app.Call) error { return c.RespondText(text) } }
		h := host(t, func(r *routing.Route) {
			r.Get("/before", text("before"))
			serve(r, "/")
			r.Get("/after", text("after"))
			r.Get("/{a}/{b}", text("parameters"))
			serve(r, "/nested")
		})
		assertBody(t, h, "/before", "before")
		assertBody(t, h, "/after", "after")
		assertBody(t, h, "/", "index")
		assertBody(t, h, "/file.txt", "file.txt")
		assertBody(t, h, "/nested/file.txt", "file.txt")
		assertBody(t, h, "/types/file.js", "parameters")
	})
}

// StaticContentTest, testInterceptCacheControl.
func TestInterceptCacheControl(t *testing.T) {
	overEach(t, public, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) { serve(r, "/") }, func(a *app.Application) {
			a.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					c.Header().Set("Cache-Control", "max-age=300")
					return next(c)
				}
			})
		})
		assert.Equal(t, "max-age=300", assertBody(t, h, "/file.txt", "file.txt").Header.Get("Cache-Control"))
	})
}

// StaticContentTest, testLegacyBadPath, testLegacyNullJarFile and
// testSendLocalFileBadRelative, and StaticContentResolutionTest,
// testNoPassTraversalAllowed, which has 400 where this has 404.
func TestNoPassTraversalAllowed(t *testing.T) {
	outer := tree{"secret.txt": "secret", "public/allowed.txt": "allowed", "public/index.html": "index"}
	overEach(t, outer, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) { serve(r, "/static", func(c *static.Config) { c.Base = "public" }) })
		assertBody(t, h, "/static/allowed.txt", "allowed")
		for _, path := range []string{
			"/static/../secret.txt", "/static/%2e%2e/secret.txt", `/static/\../secret.txt`, "/static/^.^./secret.txt", "/static/%2e%2e%2fsecret.txt",
			"/static/../../secret.txt", "/static/./.././../secret.txt", "/static/..%5csecret.txt",
		} {
			assertStatus(t, h, path, http.StatusNotFound)
		}
	})
}
