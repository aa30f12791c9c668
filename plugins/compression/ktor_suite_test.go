package compression_test

import (
	"html/template"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

// Ktor's CompressionTestSuite.
func TestCompressionSuite(t *testing.T) {
	const lines = 655350
	line := "test of a large body\n"
	file := filepath.Join(t.TempDir(), "plugin.txt")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	host := start(t, compression.Plugin, func(r *routing.Route) {
		r.Get("/file", byHTTP(func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, file) }))
		r.Get("/respond", func(c *app.Call) error { return c.RespondFile(nil, file) })
		r.Get("/large", func(c *app.Call) error {
			for range lines {
				if _, err := io.WriteString(c.Writer(), line); err != nil {
					return err
				}
			}
			return nil
		})
	})
	t.Run("testLocalFileContentWithCompression", func(t *testing.T) {
		for _, path := range []string{"/file", "/respond"} {
			got := host.accepting("gzip", path)
			got.is("gzip", text)
			assert.Equal(t, "text/plain; charset=utf-8", got.header.Get("Content-Type"))
			assert.Empty(t, got.header.Values("Accept-Ranges"))
			host.accepting("", path).is("", text)
		}
	})
	t.Run("testStreamingContentWithCompression, testCompressionRespondBytes", func(t *testing.T) {
		start(t, compression.Plugin, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				io.WriteString(c.Writer(), "Hello!")
				return http.NewResponseController(c.Writer()).Flush()
			})
		}).accepting("gzip", "/").is("gzip", "Hello!")
	})
	t.Run("testLocalFileContentRangeWithCompression", func(t *testing.T) {
		got := host.get("/file", "Accept-Encoding", "gzip", "Range", "bytes=0-0")
		got.is("", text[:1])
		assert.Equal(t, http.StatusPartialContent, got.status)
		assert.Equal(t, "bytes", got.header.Get("Accept-Ranges"))
		assert.Equal(t, "Accept-Encoding", got.header.Get("Vary"))
	})
	t.Run("testCompressionWriteToLarge", func(t *testing.T) {
		got := host.accepting("gzip", "/large")
		assert.Equal(t, "gzip", got.header.Get("Content-Encoding"))
		same(t, strings.Repeat(line, lines), decode(t, "gzip", got.raw), "the text")
	})
}

// What Ktor's tests of its template engines ask: FreeMarkerTest, JteTest,
// ThymeleafTest and VelocityTest under the first name, MustacheTest and
// PebbleTest under the second. The tag gets weak, since it is the one of other
// bytes.
func TestTemplates(t *testing.T) {
	page := template.Must(template.New("").Parse("<p>Hello, {{.ID}}</p>\n<h1>{{.Title}}</h1>\n"))
	minimum := func(e *compression.EncoderConfig) { e.MinimumSize(10) }
	t.Run("testCompression, Render template compressed with GZIP", func(t *testing.T) {
		got := start(t, with(func(c *compression.Config) { c.Gzip(minimum) }), func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				c.Header().Set("ETag", `"e"`)
				return c.RespondHTML(page, struct {
					ID    int
					Title string
				}{1, "Hello, World!"})
			})
		}).accepting("gzip", "/")
		got.is("gzip", "<p>Hello, 1</p>\n<h1>Hello, World!</h1>\n")
		assert.Equal(t, "text/html; charset=UTF-8", got.header.Get("Content-Type"))
		assert.Equal(t, `W/"e"`, got.header.Get("ETag"))
	})
}
