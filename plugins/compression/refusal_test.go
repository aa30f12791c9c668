package compression_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

// Each refusal has its status, and a text that can be shown. What was refused
// is not an error of the server.
func TestRefusals(t *testing.T) {
	gzipped, zlibbed, deflated, framed := encode(t, text, "gzip"), encode(t, text, "deflate"), encode(t, text, "raw"), encode(t, text, "zstd")
	flip := func(coded string, at int) string {
		at = (at + len(coded)) % len(coded)
		return coded[:at] + string([]byte{coded[at] ^ 0xff}) + coded[at+1:]
	}
	for _, test := range []struct {
		name, coding, body string
		status             int
		text               string
	}{
		{"not gzip", "gzip", text, 400, "the body cannot be decoded as gzip"},
		{"not gzip, under its old name", "x-gzip", text, 400, "the body cannot be decoded as gzip"},
		{"not deflate", "deflate", text, 400, "the body cannot be decoded as deflate"},
		{"not zstd", "zstd", text, 400, "the body cannot be decoded as zstd"},
		{"gzip, one byte", "gzip", "\x1f", 400, "the body cannot be decoded as gzip"},
		{"deflate, one byte", "deflate", "\x78", 400, "the body cannot be decoded as deflate"},
		{"zstd, one byte", "zstd", "\x28", 400, "the body cannot be decoded as zstd"},
		{"gzip, wrong checksum", "gzip", flip(gzipped, -6), 400, "the body cannot be decoded as gzip"},
		{"gzip, wrong length", "gzip", flip(gzipped, -1), 400, "the body cannot be decoded as gzip"},
		{"zlib, wrong checksum", "deflate", flip(zlibbed, -1), 400, "the body cannot be decoded as deflate"},
		{"zlib, dictionary", "deflate", "\x78\xbb\x00\x00\x00\x02" + zlibbed[2:], 400, "the body cannot be decoded as deflate"},
		{"zstd, wrong checksum", "zstd", flip(framed, -1), 400, "the body cannot be decoded as zstd"},
		{"gzip, garbage behind", "gzip", gzipped + "garbage", 400, "the body cannot be decoded as gzip"},
		{"gzip, one byte behind", "gzip", gzipped + "\x00", 400, "the body cannot be decoded as gzip"},
		{"gzip, half a header behind", "gzip", gzipped + "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xffname", 400, "the body cannot be decoded as gzip"},
		{"zlib, garbage behind", "deflate", zlibbed + "x", 400, "the body cannot be decoded as deflate"},
		{"deflate, garbage behind", "deflate", deflated + "x", 400, "the body cannot be decoded as deflate"},
		{"zstd, garbage behind", "zstd", framed + "x", 400, "the body cannot be decoded as zstd"},
		{"gzip, only half a header with a name", "gzip", "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xffname", 400, "the body cannot be decoded as gzip"},
		{"the inner one", "gzip, deflate", encode(t, "no gzip", "deflate"), 400, "the body cannot be decoded as gzip"},
		{"the outer one", "gzip, deflate", gzipped, 400, "the body cannot be decoded as deflate"},
		{"Ktor's order", "deflate, gzip", encode(t, text, "gzip", "deflate"), 400, "the body cannot be decoded as gzip"},
		{"too many", "gzip, gzip, gzip", gzipped, 400, "the body has too many content codings"},
		{"too many, without any work", "identity, identity, identity", text, 400, "the body has too many content codings"},
		{"unknown", "br", text, 415, "the content coding of the body is not supported"},
		{"unknown outside", "gzip, br", gzipped, 415, "the content coding of the body is not supported"},
		{"unknown inside", "br, gzip", gzipped, 415, "the content coding of the body is not supported"},
		{"a parameter", "gzip;q=1", gzipped, 415, "the content coding of the body is not supported"},
		{"almost gzip", "gzip\u017f", gzipped, 415, "the content coding of the body is not supported"},
		{"any", "*", gzipped, 415, "the content coding of the body is not supported"},
		{"too long", "gzip", encode(t, strings.Repeat("x", 1<<20+1), "gzip"), 413, "Request Entity Too Large"},
		{"whole", "gzip", gzipped, 200, "received"},
	} {
		t.Run(test.name, func(t *testing.T) {
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				var failure error
				host := start(t, with(zstdStandard), receiving(t, func(err error) { failure = err }), mode)
				for _, body := range []io.Reader{strings.NewReader(test.body), io.MultiReader(strings.NewReader(test.body))} {
					got := host.send("/", body, "Content-Encoding", test.coding)
					assert.Equal(t, test.status, got.status)
					assert.Equal(t, test.text, string(got.raw))
					wanted := ""
					if test.status == 415 {
						wanted = "gzip, deflate, zstd"
					}
					assert.Equal(t, wanted, got.header.Get("Accept-Encoding"))
					assert.Equal(t, test.status != 200, failure != nil)
				}
			})
		})
	}
}

// Every proper beginning of a body is refused, in whatever pieces it arrives.
func TestTruncated(t *testing.T) {
	host := start(t, with(zstdStandard), receiving(t, func(error) {}))
	body := "some text, some more text" + string(incompressible(100))
	for _, test := range []struct {
		name, coding string
		formats      []string
	}{
		{"gzip", "gzip", []string{"gzip"}},
		{"zlib", "deflate", []string{"deflate"}},
		{"deflate", "deflate", []string{"raw"}},
		{"zstd", "zstd", []string{"zstd"}},
		{"a list", "gzip, zstd", []string{"gzip", "zstd"}},
	} {
		coded := encode(t, body, test.formats...)
		for n := 1; n < len(coded); n++ {
			assert.Equal(t, http.StatusBadRequest, host.post("/", coded[:n], "Content-Encoding", test.coding).status, "%s, %d bytes", test.name, n)
		}
		assert.Equal(t, http.StatusOK, host.post("/", coded, "Content-Encoding", test.coding).status, test.name)
	}
}

// Without a known coding outside, a handler that reads by itself gets what
// arrived; with one, what is left when that is taken off. The header says what.
func TestUnknownCodings(t *testing.T) {
	host := start(t, with(func(c *compression.Config) { c.MaxEncodingChainLength = 3 }), func(r *routing.Route) {
		r.Post("/", func(c *app.Call) error {
			body, err := io.ReadAll(c.Request.Body)
			if err != nil {
				return err
			}
			left := strings.Join(c.Request.Header.Values("Content-Encoding"), " / ")
			return c.RespondText(left + ": " + string(body) + ": " + strings.Join(compression.AppliedDecoders(c), " / "))
		})
	})
	for _, test := range []struct{ coding, body, want string }{
		{"br", "brotli", "br: brotli: "},
		{"gzip, br", "brotli", "gzip, br: brotli: "},
		{"br, gzip", encode(t, "brotli", "gzip"), "br: brotli: gzip"},
		{"br, X-GZIP, Identity", encode(t, "brotli", "gzip"), "br: brotli: gzip / identity"},
		{"br, zstd, identity", "brotli", "br, zstd: brotli: identity"},
	} {
		host.post("/", test.body, "Content-Encoding", test.coding).is("", test.want)
	}
}

// TestUntouchedLinesOfContentEncoding: where nothing is decoded, the lines of
// the header stay as they came; where something is, the rest becomes one line.
func TestUntouchedLinesOfContentEncoding(t *testing.T) {
	for name, test := range map[string]struct {
		lines, want []string
		suppress    bool
	}{
		"none is known":            {[]string{"br", "x-one,  x-two"}, []string{"br", "x-one,  x-two"}, false},
		"the known one is inside":  {[]string{"gzip", "br"}, []string{"gzip", "br"}, false},
		"the known one is outside": {[]string{"x-one", "br", "identity"}, []string{"x-one, br"}, false},
		"left as it came":          {[]string{"br", "identity"}, []string{"br", "identity"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			host := start(t, with(func(c *compression.Config) { c.MaxEncodingChainLength = 3 }), func(r *routing.Route) {
				r.Post("/", func(c *app.Call) error {
					if test.suppress {
						compression.SuppressDecompression(c)
					}
					assert.Equal(t, test.want, c.Request.Header["Content-Encoding"])
					body, err := io.ReadAll(c.Request.Body)
					assert.Equal(t, "as it came", string(body))
					return err
				})
			})
			var header []string
			for _, line := range test.lines {
				header = append(header, "Content-Encoding", line)
			}
			host.post("/", "as it came", header...)
		})
	}
}

// A mounted handler sees the error of its read.
func TestMountedHandlerSeesTheError(t *testing.T) {
	host := start(t, with(func(c *compression.Config) { c.MaxDecodedContentLength = 100 }), func(r *routing.Route) {
		r.Mount("/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, err := io.ReadAll(r.Body)
			var coded interface{ StatusCode() int }
			var tooLarge *http.MaxBytesError
			switch {
			case errors.As(err, &coded):
				w.WriteHeader(coded.StatusCode())
			case errors.As(err, &tooLarge):
				assert.EqualValues(t, 100, tooLarge.Limit)
				w.WriteHeader(http.StatusRequestEntityTooLarge)
			default:
				assert.NoError(t, err)
			}
		}))
	})
	assert.Equal(t, 200, host.post("/", encode(t, text[:100], "gzip"), "Content-Encoding", "gzip").status)
	assert.Equal(t, 413, host.post("/", encode(t, text[:101], "gzip"), "Content-Encoding", "gzip").status)
	assert.Equal(t, 400, host.post("/", "no gzip", "Content-Encoding", "gzip").status)
	assert.Equal(t, 400, host.post("/", "no gzip", "Content-Encoding", "gzip, gzip, gzip").status)
}

// A handler that does not read a body is not told that it could not.
func TestUnreadBodies(t *testing.T) {
	host := start(t, compression.Plugin, func(r *routing.Route) {
		r.Post("/", func(c *app.Call) error { return c.RespondText("unread") })
	})
	for _, coding := range []string{"gzip", "br", "gzip, gzip, gzip"} {
		host.post("/", "nothing of it", "Content-Encoding", coding).is("", "unread")
	}
}

// Suppressed bodies are received as they are, whatever is wrong with them; it
// is too late when something was read.
func TestSuppressDecompression(t *testing.T) {
	host := start(t, compression.Plugin, func(r *routing.Route) {
		r.Post("/", func(c *app.Call) error {
			compression.SuppressDecompression(c)
			compression.SuppressDecompression(c)
			body, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return c.RespondText(c.Request.Header.Get("Content-Encoding") + ": " + body)
		})
		r.Post("/late", func(c *app.Call) error {
			n, err := io.ReadFull(c.Request.Body, make([]byte, 1))
			assert.Equal(t, 1, n)
			assert.NoError(t, err)
			compression.SuppressDecompression(c)
			assert.True(t, compression.IsDecompressionSuppressed(c))
			assert.Equal(t, []string{"gzip"}, compression.AppliedDecoders(c))
			rest, err := io.ReadAll(c.Request.Body)
			assert.NoError(t, err)
			return c.RespondText(c.Request.Header.Get("Content-Encoding") + string(rest))
		})
	})
	for _, coding := range []string{"gzip", "br", "br, gzip", "gzip, gzip, gzip", "identity"} {
		host.post("/", "as it is", "Content-Encoding", coding).is("", coding+": as it is")
		host.send("/", io.MultiReader(strings.NewReader("as it is")), "Content-Encoding", coding).is("", coding+": as it is")
	}
	host.post("/late", encode(t, text, "gzip"), "Content-Encoding", "gzip").is("", text[1:])
}

// An interceptor of the first phase comes before the plugin.
func TestSuppressDecompressionEarly(t *testing.T) {
	host := startModule(t, func(a *app.Application) {
		a.Install(compression.Plugin)
		a.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				compression.SuppressDecompression(c)
				return next(c)
			}
		})
		routing.Routes(a, echoing)
	})
	host.post("/", "as it is", "Content-Encoding", "gzip").is("", "as it is")
}
