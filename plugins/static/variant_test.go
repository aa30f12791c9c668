package static_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// long is what compression compresses.
var long = strings.Repeat("body { color: black }\n", 100)

// encoded has a file in every form. What the forms hold is a text, by which a
// test knows which it got.
var encoded = tree{
	"app.css": long, "app.css.br": "in br", "app.css.gz": "in gzip", "app.css.zst": "in zstd", "app.css.deflate": "in deflate",
	"only.css": long, "only.css.gz": "in gzip", "plain.css": long, "lonely.css.br": "in br", "odd.css": long, "odd.css.br/x": "a folder",
}

func offering(codings ...static.Coding) func(c *static.Config) {
	return func(c *static.Config) { c.PreCompressed = codings }
}

func TestNegotiation(t *testing.T) {
	overEach(t, encoded, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) {
			serve(r, "/", offering(static.Brotli, static.Gzip, static.Zstd, static.Deflate))
		})
		for _, test := range []struct{ path, accept, coding string }{
			{"/app.css", "gzip, deflate, br, zstd", "br"},
			{"/app.css", "gzip;q=0.9, br;q=0.8", "gzip"},
			{"/app.css", "BR;Q=0.5, GZip;q=0.25", "br"},
			{"/app.css", "x-gzip", "gzip"},
			{"/app.css", "zstd", "zstd"},
			{"/app.css", "deflate", "deflate"},
			{"/app.css", "*", "br"},
			{"/app.css", "br;q=0, *", "gzip"},
			{"/app.css", "*;q=0.5, zstd", "zstd"},
			{"/app.css", "br;q=0, gzip;q=0, *;q=0", ""},
			{"/app.css", "identity, br;q=0.5", ""},
			{"/app.css", "identity;q=0.5, br;q=0.5", "br"},
			{"/app.css", "identity;q=0, br", "br"},
			{"/app.css", "identity;q=0", ""},
			{"/app.css", "", ""},
			{"/app.css", "compress", ""},
			{"/only.css", "br, gzip;q=0.1", "gzip"},
			{"/only.css", "br", ""},
			{"/odd.css", "br", ""},
		} {
			response := h.Get(test.path, accepting(test.accept))
			assert.Equal(t, http.StatusOK, response.StatusCode, test.accept)
			assert.Equal(t, test.coding, response.Header.Get("Content-Encoding"), test.accept)
			want := long
			if test.coding != "" {
				want = "in " + test.coding
			}
			assert.Equal(t, want, apptest.Text(t, response), test.accept)
			assert.Equal(t, "text/css; charset=utf-8", response.Header.Get("Content-Type"))
			assert.Equal(t, []string{"Accept-Encoding"}, response.Header.Values("Vary"))
		}
		assert.Equal(t, http.StatusNotFound, h.Get("/lonely.css", accepting("br")).StatusCode, "there is no such file")
		asked := assertBody(t, h, "/app.css.br", "in br", accepting("br"))
		assert.Empty(t, asked.Header.Get("Content-Encoding"), "the file itself was asked for")
		assert.Equal(t, "application/octet-stream", asked.Header.Get("Content-Type"))
	})
}

// TestAVariantHasATagAndRangesOfItsOwn (RFC 9110 sections 8.8.3 and 14).
func TestAVariantHasATagAndRangesOfItsOwn(t *testing.T) {
	overEach(t, encoded, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) { serve(r, "/", offering(static.Brotli, static.Gzip)) })
		plain, br, gzip := h.Get("/app.css", accepting("identity")), h.Get("/app.css", accepting("br")), h.Get("/app.css", accepting("gzip"))
		tags := map[string]bool{}
		for _, response := range []*http.Response{plain, br, gzip} {
			tags[response.Header.Get("ETag")] = true
			assert.Regexp(t, `^"`, response.Header.Get("ETag"), "strong")
			assert.Equal(t, "bytes", response.Header.Get("Accept-Ranges"))
		}
		assert.Len(t, tags, 3)
		matching := apptest.Header("If-None-Match", br.Header.Get("ETag"))
		known := h.Get("/app.css", accepting("br"), matching)
		assert.Equal(t, http.StatusNotModified, known.StatusCode)
		assert.Equal(t, "Accept-Encoding", known.Header.Get("Vary"))
		assert.Equal(t, br.Header.Get("ETag"), known.Header.Get("ETag"))
		assert.Equal(t, http.StatusOK, h.Get("/app.css", accepting("gzip"), matching).StatusCode)

		part := h.Get("/app.css", accepting("br"), apptest.Header("Range", "bytes=3-4"), apptest.Header("If-Range", br.Header.Get("ETag")))
		assert.Equal(t, http.StatusPartialContent, part.StatusCode)
		assert.Equal(t, "br", part.Header.Get("Content-Encoding"))
		assert.Equal(t, "bytes 3-4/5", part.Header.Get("Content-Range"))
		assert.Equal(t, "br", apptest.Text(t, part))
		other := h.Get("/app.css", accepting("br"), apptest.Header("Range", "bytes=3-4"), apptest.Header("If-Range", plain.Header.Get("ETag")))
		assert.Equal(t, http.StatusOK, other.StatusCode, "a part of one form does not continue another")

		head := h.Head("/app.css", accepting("gzip"))
		assert.Equal(t, int64(len("in gzip")), head.ContentLength)
		assert.Equal(t, "gzip", head.Header.Get("Content-Encoding"))
	})
}

// TestBesideCompression: what is stored in a coding is left as it is, and the
// rest is encoded on its way out.
func TestBesideCompression(t *testing.T) {
	overEach(t, encoded, func(t *testing.T, serve verb) {
		h := host(t, func(r *routing.Route) { serve(r, "/", offering(static.Brotli, static.Gzip)) },
			func(a *app.Application) { a.Install(compression.Plugin) })
		stored := assertBody(t, h, "/app.css", "in gzip", accepting("gzip"))
		assert.Equal(t, []string{"gzip"}, stored.Header.Values("Content-Encoding"))
		assert.Equal(t, []string{"Accept-Encoding"}, stored.Header.Values("Vary"))
		assert.Regexp(t, `^"`, stored.Header.Get("ETag"))
		assert.Equal(t, int64(len("in gzip")), stored.ContentLength)

		plain := h.Get("/plain.css", accepting("identity")).Header.Get("ETag")
		encoded := h.Get("/plain.css", accepting("gzip"))
		assert.Equal(t, []string{"gzip"}, encoded.Header.Values("Content-Encoding"))
		assert.Equal(t, "W/"+plain, encoded.Header.Get("ETag"), "these are not the bytes that the tag is of")
		assert.Empty(t, encoded.Header.Get("Accept-Ranges"))
		assert.Equal(t, []string{"Accept-Encoding"}, encoded.Header.Values("Vary"))
		known := h.Get("/plain.css", accepting("gzip"), apptest.Header("If-None-Match", encoded.Header.Get("ETag")))
		assert.Equal(t, http.StatusNotModified, known.StatusCode)

		part := h.Get("/plain.css", accepting("gzip"), apptest.Header("Range", "bytes=0-3"))
		assert.Equal(t, http.StatusPartialContent, part.StatusCode)
		assert.Empty(t, part.Header.Get("Content-Encoding"))
		assert.Equal(t, "body", apptest.Text(t, part))
	})
}
