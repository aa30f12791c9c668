package compression_test

import (
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/routing"
)

// What Ktor's CompressionTest has about requests, and the tests of its
// decoders, under their names.

// decompressing is the plugin that only decodes.
func decompressing(configure func(*compression.Config)) app.Installable {
	return with(func(c *compression.Config) {
		c.Mode = compression.DecompressRequest
		configure(c)
	})
}

// The list is written in the order of RFC 9110, in which Ktor reads it the
// other way round. A coding that is not known is 415, unless the handler wants
// the body as it is.
func TestCompression_testDecoding(t *testing.T) {
	host := start(t, with(func(c *compression.Config) {
		zstdStandard(c)
		c.MaxEncodingChainLength = 5
	}), func(r *routing.Route) {
		for path, applied := range map[string][]string{
			"/identity": {"identity"}, "/gzip": {"gzip"}, "/deflate": {"deflate"}, "/zstd": {"zstd"},
			"/multiple": {"zstd", "gzip", "deflate", "identity"},
		} {
			r.Post(path, func(c *app.Call) error {
				message, err := c.ReceiveText()
				if err != nil {
					return err
				}
				assert.Empty(t, c.Request.Header.Values("Content-Encoding"))
				assert.Equal(t, applied, compression.AppliedDecoders(c))
				return c.RespondText(message)
			})
		}
		r.Post("/unknown", func(c *app.Call) error {
			assert.Equal(t, []string{"unknown"}, c.Request.Header.Values("Content-Encoding"))
			assert.Empty(t, compression.AppliedDecoders(c))
			if c.QueryParam("as") == "it is" {
				compression.SuppressDecompression(c)
			}
			message, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return c.RespondText(message)
		})
	})
	for _, coding := range []string{"identity", "gzip", "deflate", "zstd"} {
		host.post("/"+coding, encode(t, text, coding), "Content-Encoding", coding).is("", text)
	}
	host.post("/multiple", encode(t, text, "zstd", "gzip", "deflate", "identity"), "Content-Encoding", "zstd,gzip,deflate,identity").is("", text)
	host.post("/unknown?as=it+is", "unknown", "Content-Encoding", "unknown").is("", "unknown")
	got := host.post("/unknown", "unknown", "Content-Encoding", "unknown")
	assert.Equal(t, http.StatusUnsupportedMediaType, got.status)
	assert.Equal(t, "gzip, deflate, zstd", got.header.Get("Accept-Encoding"))
}

func TestCompression_testDisableDecoding(t *testing.T) {
	compressed := encode(t, text, "gzip")
	got := start(t, with(func(c *compression.Config) { c.Mode = compression.CompressResponse }), func(r *routing.Route) {
		r.Post("/gzip", func(c *app.Call) error {
			assert.Equal(t, "gzip", c.Request.Header.Get("Content-Encoding"))
			body, err := c.ReceiveBytes()
			assert.Equal(t, compressed, string(body))
			assert.NoError(t, err)
			return c.RespondText(text)
		})
	}).post("/gzip", compressed, "Content-Encoding", "gzip", "Accept-Encoding", "gzip")
	got.is("gzip", text)
}

func TestCompression_testDisableEncoding(t *testing.T) {
	got := start(t, decompressing(asItIs), func(r *routing.Route) {
		r.Post("/gzip", func(c *app.Call) error {
			body, err := c.ReceiveBytes()
			assert.Empty(t, c.Request.Header.Values("Content-Encoding"))
			assert.Equal(t, text, string(body))
			assert.NoError(t, err)
			return c.RespondBytes(body)
		})
	}).post("/gzip", encode(t, text, "gzip"), "Content-Encoding", "gzip", "Accept-Encoding", "gzip")
	got.is("", text)
	assert.Empty(t, got.header.Values("Vary"))
}

func TestCompression_testDisableCallEncoding_request(t *testing.T) {
	start(t, compression.Plugin, func(r *routing.Route) {
		r.Post("/gzip", func(c *app.Call) error {
			c.SuppressCompression()
			body, err := c.ReceiveBytes()
			assert.Equal(t, []string{"gzip"}, compression.AppliedDecoders(c))
			assert.Empty(t, c.Request.Header.Values("Content-Encoding"))
			assert.Equal(t, text, string(body))
			assert.NoError(t, err)
			return c.RespondBytes(body)
		})
	}).post("/gzip", encode(t, text, "gzip"), "Content-Encoding", "gzip", "Accept-Encoding", "gzip").is("", text)
}

func TestCompression_testDisableCallDecoding(t *testing.T) {
	compressed := encode(t, text, "gzip")
	start(t, compression.Plugin, func(r *routing.Route) {
		r.Post("/gzip", func(c *app.Call) error {
			assert.False(t, compression.IsDecompressionSuppressed(c))
			compression.SuppressDecompression(c)
			assert.True(t, compression.IsDecompressionSuppressed(c))
			assert.Equal(t, "gzip", c.Request.Header.Get("Content-Encoding"))
			assert.EqualValues(t, len(compressed), c.Request.ContentLength)
			body, err := c.ReceiveBytes()
			assert.Equal(t, compressed, string(body))
			assert.NoError(t, err)
			assert.Empty(t, compression.AppliedDecoders(c))
			return c.RespondText(text)
		})
	}).post("/gzip", compressed, "Content-Encoding", "gzip", "Accept-Encoding", "gzip").is("gzip", text)
}

func TestCompression_receiving(t *testing.T) {
	t.Run("body should be decompressed by compression plugin before receiving as ByteArray", func(t *testing.T) {
		host := start(t, decompressing(onlyGzip), echoing)
		host.post("/", encode(t, "\xde\xad\xbe\xef", "gzip"), "Content-Encoding", "gzip").is("", "\xde\xad\xbe\xef")
	})
	t.Run("body should be decompressed by compression plugin before receiving as multipart", func(t *testing.T) {
		host := start(t, decompressing(onlyGzip), func(r *routing.Route) {
			r.Post("/multipart", func(c *app.Call) error {
				var lines strings.Builder
				lines.WriteString("START\n")
				for part, err := range c.ReceiveMultipart() {
					if err != nil {
						return err
					}
					value, err := io.ReadAll(part)
					if err != nil {
						return err
					}
					lines.WriteString(part.FormName() + "=" + string(value) + "\n")
				}
				return c.RespondText(lines.String() + "END\n")
			})
		})
		var body strings.Builder
		form := multipart.NewWriter(&body)
		require.NoError(t, form.WriteField("test", "test"))
		require.NoError(t, form.Close())
		host.post("/multipart", encode(t, body.String(), "gzip"), "Content-Type", form.FormDataContentType(), "Content-Encoding", "gzip").
			is("", "START\ntest=test\nEND\n")
	})
	t.Run("body should be decompressed by compression plugin before receiving with content negotiation", func(t *testing.T) {
		host := startModule(t, func(a *app.Application) {
			a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() }))
			a.Install(decompressing(onlyGzip))
			routing.Routes(a, func(r *routing.Route) {
				r.Post("/json", func(c *app.Call) error {
					body, err := app.Receive[struct{ Test string }](c)
					if err != nil {
						return err
					}
					return c.RespondText(body.Test)
				})
			})
		})
		host.post("/json", encode(t, `{"test": "This is a test"}`, "gzip"), "Content-Type", "application/json", "Content-Encoding", "gzip").
			is("", "This is a test")
	})
}

func TestCompression_testRejectTooLongContentEncodingChain(t *testing.T) {
	got := start(t, decompressing(onlyGzip), echoing).
		post("/", encode(t, text, "gzip"), "Content-Encoding", "gzip,gzip,gzip,gzip,gzip,gzip")
	assert.Equal(t, http.StatusBadRequest, got.status)
	assert.Equal(t, "the body has too many content codings", string(got.raw))
}

func TestCompression_testRejectDecompressionBomb(t *testing.T) {
	got := start(t, decompressing(func(c *compression.Config) {
		c.Gzip()
		c.MaxDecodedContentLength = 16 << 10
	}), echoing).post("/", encode(t, strings.Repeat("\x00", 1<<20), "gzip"), "Content-Encoding", "gzip")
	assert.Equal(t, http.StatusRequestEntityTooLarge, got.status)
}

func TestCompression_testAllowDecodedContentBelowLimit(t *testing.T) {
	for _, above := range []int{100, 0} {
		start(t, decompressing(func(c *compression.Config) {
			c.Gzip()
			c.MaxDecodedContentLength = int64(len(text) + above)
		}), echoing).post("/", encode(t, text, "gzip"), "Content-Encoding", "gzip").is("", text)
	}
}

// The response of one call is the request of the next.
func TestCompression_basicZstdEncodeDecodeTest(t *testing.T) {
	for _, n := range []int{3, 10} {
		host := start(t, with(func(c *compression.Config) { c.Zstd(level(n)) }), func(r *routing.Route) {
			texts(r)
			echoing(r)
		})
		encoded := host.accepting("zstd", "/")
		encoded.is("zstd", text)
		host.post("/", string(encoded.raw), "Content-Encoding", "zstd").is("", text)
	}
}

// Ktor's ZstdTest.
func TestZstd(t *testing.T) {
	const size = 4098
	host := start(t, with(onlyZstd), echoing)
	t.Run("encode handles incompressible payload close to buffer size", func(t *testing.T) {
		payload := string(incompressible(size))
		host.post("/", encode(t, payload, "zstd"), "Content-Encoding", "zstd").is("", payload)
	})
	t.Run("decode handles payload split into multiple zstd frames", func(t *testing.T) {
		first, second := strings.Repeat("zstd", size), strings.Repeat("ktor", size)
		host.post("/", encode(t, first, "zstd")+encode(t, second, "zstd"), "Content-Encoding", "zstd").is("", first+second)
	})
	t.Run("decode handles zstd frames that span multiple buffer reads", func(t *testing.T) {
		body := strings.Repeat("zstd", size)
		host.send("/", iotest.OneByteReader(strings.NewReader(encode(t, body, "zstd"))), "Content-Encoding", "zstd").is("", body)
	})
}

// Ktor's EncodersJvmTest.
func TestEncodersJvm(t *testing.T) {
	t.Run("malformed gzip fails", func(t *testing.T) {
		got := start(t, compression.Plugin, echoing).
			post("/", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x01\x00\x00", "Content-Encoding", "gzip")
		assert.Equal(t, http.StatusBadRequest, got.status)
		assert.Equal(t, "the body cannot be decoded as gzip", string(got.raw))
	})
	t.Run("deflate with full output buffer", func(t *testing.T) {
		body := strings.Repeat("\x01", 4097)
		for _, format := range []string{"raw", "deflate"} {
			start(t, compression.Plugin, echoing).post("/", encode(t, body, format), "Content-Encoding", "deflate").is("", body)
		}
	})
}
