package static_test

import (
	"bufio"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// hostilePaths are what is behind /files in requests that try to get out, or to
// get what is kept from them.
var hostilePaths = []string{
	"/..", "/../", "/../secret.txt", "/%2e%2e/secret.txt", "/.%2e/secret.txt", "/..%2fsecret.txt", "/..%2Fsecret.txt", "/%2e%2e%2fsecret.txt",
	"/a/../../secret.txt", "/a/%2e%2e/%2e%2e/secret.txt", "/a/..", "/./a.txt", "/%2e/a.txt", "/a.txt/.", "/a.txt/..", "/...", "/..../secret.txt",
	`/..%5csecret.txt`, `/%5c..%5csecret.txt`, `/..\secret.txt`, `/a%5ca.txt`, `/a\a.txt`, "/%5c%5chost%5cshare",
	"/%00", "/a.txt%00", "/a.txt%00.html", "/%00../secret.txt", "/a.txt%0a", "/a.txt%0d%0aX: y", "/%7f",
	"//secret.txt", "//etc/passwd", "/%2fetc/passwd", "/%2Fetc%2Fpasswd", "/etc/passwd", "/C:/Windows/win.ini", "/C:%5cWindows%5cwin.ini", "/c:secret.txt",
	"/%ff%fe", "/%c0%ae%c0%ae/secret.txt", "/%c0%af", "/%e0%80%af", "/\u2025/secret.txt", "/\uff0e\uff0e/secret.txt", "/\u2215",
	"/%252e%252e/secret.txt", "/..%252fsecret.txt", "/..;/secret.txt", "/..%3bsecret.txt",
	"/.git/config", "/.env", "/a/.env", "/%2eenv", "/.well-known/.hidden", "/a/.well-known/x", "/.htaccess", "/.", "/.a/",
	"/a%2fa.txt", "/a%2Fa.txt", "/%61%2fa.txt", "/a.txt/", "/a.txt/x", "/a.txt//",
	"/a.txt.", "/a.txt%20", "/a.txt::$DATA", "/a.txt:stream", "/CON", "/NUL.txt", "/aux", "/COM1.log", "/GIT~1/config",
	"/" + strings.Repeat("a", 300), "/" + strings.Repeat("a/", 2500), "/" + strings.Repeat("%2e%2e/", 500), "/" + strings.Repeat("x", 8000),
	"/*", "/?", "/%3f", "/%23", "/$", "/|", "/~root", "/a.txt%ef%bb%bf",
}

// hostileTree has what must not be served beside what is.
var hostileTree = tree{
	"secret.txt": "secret", "public/index.html": "index", "public/a.txt": "a", "public/a/a.txt": "a", "public/.env": "secret",
	"public/.git/config": "secret", "public/a/.env": "secret", "public/.well-known/security.txt": "contact", "public/.well-known/.hidden": "secret",
	"public/a/.well-known/x": "secret",
}

// TestHostilePathsLeadNowhere: they are what is not there, never an error, over
// a raw connection where no client tidies them up.
func TestHostilePathsLeadNowhere(t *testing.T) {
	overEach(t, hostileTree, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "/files", func(c *static.Config) { c.Base = "public" })
			serve(r, "/page", func(c *static.Config) { c.Base, c.Default, c.Extensions = "public", "index.html", []string{"txt"} })
			serve(r, "/asked", func(c *static.Config) {
				c.Base = "public"
				c.Fallback = func(c *app.Call, requested string) error {
					assert.True(t, fs.ValidPath(requested), requested)
					return c.RespondText("asked")
				}
			})
		})
		conn := h.Dial()
		defer conn.Close()
		reader := bufio.NewReader(conn)
		for _, path := range hostilePaths {
			for _, content := range []string{"/files", "/page", "/asked"} {
				_, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", content+strings.NewReplacer("\r", "", "\n", "", " ", "%20").Replace(path))
				require.NoError(t, err)
				response, err := http.ReadResponse(reader, nil)
				require.NoError(t, err, path)
				body, err := readAll(response)
				require.NoError(t, err, path)
				assert.NotContains(t, body, "secret", path)
				assert.NotContains(t, body, "root:", path)
				if response.StatusCode != http.StatusNotFound {
					assert.Equal(t, http.StatusOK, response.StatusCode, path)
					assert.Contains(t, []string{"index", "asked"}, body, path)
				}
				if content == "/files" {
					assert.Equal(t, path == "/?", response.StatusCode == http.StatusOK, path)
				}
			}
		}
		assertBody(t, h, "/files/.well-known/security.txt", "contact")
		assert.Empty(t, h.Log().AtLeast(8), "none is an error")
	})
}

// TestDotFilesAreServedOnDemand, and nothing above them.
func TestDotFilesAreServedOnDemand(t *testing.T) {
	overEach(t, hostileTree, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "/files", func(c *static.Config) { c.Base, c.DotFiles = "public", true })
		})
		assertBody(t, h, "/files/.env", "secret")
		assertBody(t, h, "/files/a/.env", "secret")
		assertStatus(t, h, "/files/%2e%2e/secret.txt", http.StatusNotFound)
		assertStatus(t, h, "/files/%2e", http.StatusNotFound)
	})
}

// TestAnEncodedSlashPassesNoRoute: what a route is declared for is not reached
// around it.
func TestAnEncodedSlashPassesNoRoute(t *testing.T) {
	overEach(t, tree{"private/plan.txt": "plan", "a b/c.txt": "c", "100%.txt": "all"}, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			r.Route("/{user}/files", func(r *routing.Route) {
				serve(r, "")
				r.Get("/private/{...}", func(c *app.Call) error { return c.RespondStatus(http.StatusUnauthorized) })
			})
		})
		assertStatus(t, h, "/me/files/private/plan.txt", http.StatusUnauthorized)
		assertStatus(t, h, "/me/files/private%2Fplan.txt", http.StatusNotFound)
		assertStatus(t, h, "/me/files/private%2fplan.txt", http.StatusNotFound)
		assertBody(t, h, "/me%2fyou/files/a%20b/c.txt", "c")
		assertBody(t, h, "/me%2fyou/files/100%25.txt", "all")
	})
}

// TestNamesForWindows is the rule that Windows needs, on every system.
func TestNamesForWindows(t *testing.T) {
	for name, want := range map[string]bool{
		"a.txt": true, ".": true, "css/app.css": true, "console.js": true, "null.txt": true, "com.txt": true, "com10": true, "auxiliary/x": true, "a~b": true,
		"a.txt.": false, "a.txt ": false, "css /a": false, "css./a": false, "a.txt::$DATA": false, "C:/x": false, "a|b": false, `a\b`: false, "a?": false, "a*": false,
		"CON": false, "con.txt": false, "x/NUL": false, "nul.tar.gz": false, "Aux .txt": false, "COM1": false, "lpt9.x/y": false, "COM¹": false, "CONIN$": false,
		"GIT~1": false, "x/PROGRA~2/y": false,
	} {
		assert.Equal(t, want, static.IsForWindows(name), name)
	}
}

// FuzzName: whatever is asked for, the name that is opened is a plain one below
// the content, and the one that was asked for.
func FuzzName(f *testing.F) {
	for _, path := range hostilePaths {
		f.Add(strings.TrimPrefix(path, "/"), true)
		f.Add(strings.TrimPrefix(path, "/"), false)
	}
	f.Add("css/app.css", false)
	f.Fuzz(func(t *testing.T, tail string, dotFiles bool) {
		name, folder, plain := static.Parse(tail, dotFiles)
		if !plain {
			return
		}
		require.True(t, fs.ValidPath(name), name)
		require.True(t, utf8.ValidString(name))
		require.True(t, filepath.IsLocal(filepath.FromSlash(name)), name)
		require.NotContains(t, name, `\`)
		require.NotContains(t, name, "\x00")
		require.Equal(t, strings.HasSuffix(tail, "/"), folder)
		if name != "." {
			require.Equal(t, strings.TrimSuffix(tail, "/"), name)
			require.Equal(t, filepath.ToSlash(filepath.Clean(filepath.FromSlash(name))), name)
		}
		for part := range strings.SplitSeq(name, "/") {
			if part != "." && part != ".well-known" && !dotFiles {
				require.False(t, strings.HasPrefix(part, "."), name)
			}
		}
	})
}
