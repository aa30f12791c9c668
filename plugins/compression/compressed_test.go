package compression_test

import (
	"bytes"
	"net/http"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

// What is compressed in itself is left alone by default, in any case and with
// any parameters; what only sounds like it is not.
func TestCompressedFormatsAreLeftAlone(t *testing.T) {
	for contentType, want := range map[string]string{
		"application/zip":                         "",
		"APPLICATION/Zip; x=y":                    "",
		"application/gzip":                        "",
		"application/x-gzip":                      "",
		"application/zstd":                        "",
		"application/x-7z-compressed":             "",
		"application/vnd.rar":                     "",
		"application/x-xz":                        "",
		"application/java-archive":                "",
		"application/pdf":                         "",
		"application/epub+zip":                    "",
		"application/vnd.oasis.opendocument.text": "",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document": "",
		"application/vnd.ms-excel.sheet.macroEnabled.12":                          "",
		"application/font-woff": "",
		"font/woff":             "",
		"font/woff2":            "",
		"image/gif":             "",
		"image/webp":            "",
		"image/avif":            "",

		"application/json":                                 "gzip",
		"application/wasm":                                 "gzip",
		"application/x-tar":                                "gzip",
		"application/octet-stream":                         "gzip",
		"application/zipper":                               "gzip",
		"application/msword":                               "gzip",
		"application/vnd.oasis.opendocument.text-flat-xml": "gzip",
		"font/ttf":                                         "gzip",
		"font/otf":                                         "gzip",
		"image/svg+xml":                                    "gzip",
		"image/bmp":                                        "gzip",
		"text/zip":                                         "gzip",
	} {
		t.Run(contentType, func(t *testing.T) {
			host := start(t, compression.Plugin, func(r *routing.Route) { r.Get("/", sending(contentType, text)) })
			host.accepting("gzip", "/").is(want, text)
		})
	}
}

// A download that is left alone can be resumed.
func TestCompressedDownloadsCanBeResumed(t *testing.T) {
	files := http.FileServerFS(fstest.MapFS{
		"a.zip": {Data: bytes.Repeat([]byte("z"), 5000), ModTime: time.Unix(1e9, 0)},
		"a.txt": {Data: bytes.Repeat([]byte("z"), 5000), ModTime: time.Unix(1e9, 0)},
	})
	host := start(t, compression.Plugin, func(r *routing.Route) { r.Mount("/", files) })
	whole := host.accepting("gzip", "/a.zip")
	assert.Equal(t, "bytes", whole.header.Get("Accept-Ranges"))
	assert.Equal(t, "5000", whole.header.Get("Content-Length"))
	rest := host.get("/a.zip", "Accept-Encoding", "gzip", "Range", "bytes=4990-", "If-Range", whole.header.Get("Last-Modified"))
	assert.Equal(t, http.StatusPartialContent, rest.status)
	assert.Len(t, rest.raw, 10)
	assert.Empty(t, host.accepting("gzip", "/a.txt").header.Get("Accept-Ranges"))
}

// What somebody asks for himself is done, as with the other default conditions.
func TestCompressedFormatsOnRequest(t *testing.T) {
	for name, configure := range map[string]func(*compression.Config){
		"for all encoders": func(c *compression.Config) { c.MatchContentType("application/*") },
		"for one encoder": func(c *compression.Config) {
			c.Gzip(func(e *compression.EncoderConfig) { e.MatchContentType("application/zip") })
		},
	} {
		t.Run(name, func(t *testing.T) {
			host := start(t, with(configure), func(r *routing.Route) { r.Get("/", sending("application/zip", text)) })
			host.accepting("gzip", "/").is("gzip", text)
		})
	}
}
