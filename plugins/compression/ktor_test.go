package compression_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// Ktor's CompressionTest, less what is about requests. The cases have the names
// of Ktor's tests.
func TestCompression(t *testing.T) {
	video := func(r *routing.Route) { r.Get("/", sending("video/mp4", text)) }
	sizes := func(r *routing.Route) {
		r.Get("/big", sending("", "test content, big on"))
		r.Get("/small", sending("", "a small one :-"))
		r.Get("/tiny", sending("", "tiny"))
	}
	types := func(r *routing.Route) {
		r.Get("/plain", sending("text/plain", "OK"))
		r.Get("/vcard", sending("text/vcard", "OK"))
		r.Get("/other", sending("some/other", "OK"))
	}
	minimum10 := func(e *compression.EncoderConfig) { e.MinimumSize(10) }
	type request struct{ accept, path, want, body string }
	for _, test := range []struct {
		name      string
		configure func(*compression.Config)
		routes    func(*routing.Route)
		requests  []request
	}{
		{"testCompressionNotSpecified", asItIs, texts, []request{{"", "/", "", text}}},
		{"testCompressionUnknownAcceptedEncodings", asItIs, texts, []request{{"a,b,c", "/", "", text}}},
		{"testCompressionDefaultDeflate, as zlib", asItIs, texts, []request{{"deflate", "/", "deflate", text}}},
		{"testCompressionDefaultGzip", asItIs, texts, []request{{"gzip,deflate", "/", "gzip", text}}},
		{
			"testCompressionDefaultZstd", func(c *compression.Config) { c.ZstdStandard() }, texts, []request{{"zstd,gzip,deflate", "/", "zstd", text}},
		},
		{"testAcceptStarContentEncodingGzip", onlyGzip, texts, []request{{"*", "/", "gzip", text}}},
		{"testShouldNotCompressVideoByDefault", asItIs, video, []request{{"*", "/", "", text}}},
		{"testGzipShouldNotCompressVideoByDefault", onlyGzip, video, []request{{"*", "/", "", text}}},
		{"testAcceptStarContentEncodingDeflate", onlyDeflate, texts, []request{{"*", "/", "deflate", text}}},
		{"testAcceptStarContentEncodingZstd", onlyZstd, texts, []request{{"*", "/", "zstd", text}}},
		{"testUnknownEncodingListedEncoding", asItIs, texts, []request{{"special,gzip,deflate", "/", "gzip", text}}},
		{
			"testCustomEncoding", func(c *compression.Config) {
				c.Default()
				c.Encoder(special())
			}, texts, []request{{"special", "/", "special", text}},
		},
		{
			"testMinSize", func(c *compression.Config) { c.MinimumSize(10) }, sizes,
			[]request{
				{"gzip,deflate", "/big", "gzip", "test content, big on"},
				{"gzip,deflate", "/small", "gzip", "a small one :-"},
				{"gzip,deflate", "/tiny", "", "tiny"},
			},
		},
		{
			"testMinSizeGzip", func(c *compression.Config) { c.Gzip(minimum10) }, sizes,
			[]request{
				{"gzip,deflate", "/big", "gzip", "test content, big on"},
				{"gzip,deflate", "/small", "gzip", "a small one :-"},
				{"gzip,deflate", "/tiny", "", "tiny"},
			},
		},
		{
			"testMinSizeZstd", func(c *compression.Config) { c.Zstd(minimum10) }, sizes,
			[]request{
				{"zstd,gzip,deflate", "/big", "zstd", "test content, big on"},
				{"gzip,deflate,zstd", "/small", "zstd", "a small one :-"},
				{"gzip,zstd,deflate", "/tiny", "", "tiny"},
			},
		},
		{
			"testMimeTypes", func(c *compression.Config) {
				c.MatchContentType("text/*")
				c.ExcludeContentType("text/vcard")
			}, types,
			[]request{
				{"gzip", "/plain", "gzip", "OK"},
				{"gzip", "/vcard", "", "OK"},
				{"gzip", "/other", "", "OK"},
			},
		},
		{
			"testEncoderLevelCondition", func(c *compression.Config) {
				c.Gzip(func(e *compression.EncoderConfig) { e.Condition(queryIs("e", "1")) })
				c.Deflate()
			}, texts,
			[]request{
				{"gzip", "/?e=1", "gzip", text},
				{"gzip", "/?e", "", text},
				{"gzip,deflate", "/?e", "deflate", text},
			},
		},
		{
			"testCompressionLevelZstd", func(c *compression.Config) {
				c.Zstd(func(e *compression.EncoderConfig) { e.Level = 20 })
			}, texts, []request{{"zstd", "/", "zstd", text}},
		},
		{
			"testEncoderPriority1", priorities(10, 1), texts,
			[]request{
				{"gzip", "/", "gzip", text},
				{"deflate", "/", "deflate", text},
				{"gzip,deflate", "/", "gzip", text},
			},
		},
		{
			"testEncoderPriority2", priorities(1, 10), texts,
			[]request{
				{"gzip", "/", "gzip", text},
				{"deflate", "/", "deflate", text},
				{"gzip,deflate", "/", "deflate", text},
			},
		},
		{
			"testEncoderQuality", zstdStandard, texts,
			[]request{
				{"gzip", "/", "gzip", text},
				{"deflate", "/", "deflate", text},
				{"zstd", "/", "zstd", text},
				{"gzip;q=1,zstd;q=0.5,deflate;q=0.1", "/", "gzip", text},
				{"gzip;q=0.1,zstd;q=0.5,deflate;q=1", "/", "deflate", text},
				{"gzip;q=0.1,zstd;q=1,deflate;q=0.5", "/", "zstd", text},
			},
		},
		{
			"testCustomCondition", func(c *compression.Config) { c.Condition(queryIs("compress", "true")) }, texts,
			[]request{
				{"gzip", "/", "", text},
				{"gzip", "/?compress=true", "gzip", text},
			},
		},
		{
			"testIdentityRequested, without its header", asItIs, func(r *routing.Route) {
				r.Get("/text", sending("text/plain", text))
				r.Get("/bytes", sending("application/octet-stream", text))
			},
			[]request{
				{"identity", "/text", "", text},
				{"identity", "/bytes", "", text},
			},
		},
		{
			"testDisableEncoding, by a condition", func(c *compression.Config) {
				c.Condition(func(*app.Call, *app.Outgoing) bool { return false })
			}, texts, []request{{"gzip", "/", "", text}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			host := start(t, with(test.configure), test.routes)
			for _, request := range test.requests {
				got := host.accepting(request.accept, request.path)
				got.is(request.want, request.body)
				if request.want == "" {
					assert.Equal(t, strconv.Itoa(len(request.body)), got.header.Get("Content-Length"))
				}
			}
		})
	}
}

func TestCompression_testVaryHeaderPresent(t *testing.T) {
	got := start(t, compression.Plugin, texts).accepting("gzip", "/")
	got.is("gzip", text)
	assert.Equal(t, []string{"Accept-Encoding"}, got.header.Values("Vary"))
}

func TestCompression_testStatusCode(t *testing.T) {
	got := start(t, compression.Plugin, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			c.SetStatus(http.StatusFound)
			c.Header().Set("Location", "/somewhere")
			return c.RespondText(text)
		})
	}).accepting("*", "/")
	got.is("gzip", text)
	assert.Equal(t, http.StatusFound, got.status)
	assert.Equal(t, "/somewhere", got.header.Get("Location"))
}

// With net/http's ServeContent in the place of Ktor's ConditionalHeaders and
// CachingHeaders.
func TestCompression_testWithConditionalHeaders(t *testing.T) {
	modified := time.Date(2020, 2, 2, 12, 0, 0, 0, time.UTC)
	expires := modified.Add(time.Hour).Format(http.TimeFormat)
	host := start(t, compression.Plugin, func(r *routing.Route) {
		r.Get("/", byHTTP(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("Cache-Control", "no-cache, public")
			w.Header().Set("Expires", expires)
			http.ServeContent(w, r, "", modified, strings.NewReader(text))
		}))
	})
	for _, test := range []struct {
		name, accept string
		since        time.Time
		status       int
		coding       string
	}{
		{"gzip", "gzip", time.Time{}, http.StatusOK, "gzip"},
		{"not modified, gzip", "gzip", modified, http.StatusNotModified, ""},
		{"not modified, plain", "", modified, http.StatusNotModified, ""},
		{"modified since, gzip", "gzip", modified.Add(-time.Hour), http.StatusOK, "gzip"},
		{"modified since, plain", "", modified.Add(-time.Hour), http.StatusOK, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var header []string
			if test.accept != "" {
				header = append(header, "Accept-Encoding", test.accept)
			}
			if !test.since.IsZero() {
				header = append(header, "If-Modified-Since", test.since.Format(http.TimeFormat))
			}
			got := host.get("/", header...)
			assert.Equal(t, test.status, got.status)
			assert.Equal(t, modified.Format(http.TimeFormat), got.header.Get("Last-Modified"))
			assert.Equal(t, "no-cache, public", got.header.Get("Cache-Control"))
			assert.Equal(t, expires, got.header.Get("Expires"))
			assert.Equal(t, "Accept-Encoding", got.header.Get("Vary"))
			if test.status == http.StatusOK {
				got.is(test.coding, text)
				assert.Equal(t, "text/plain; charset=utf-8", got.header.Get("Content-Type"))
			} else {
				got.is("", "")
			}
		})
	}
}

func TestCompression_testLargeContent(t *testing.T) {
	var content strings.Builder
	for i := range 16384 {
		fmt.Fprintf(&content, "test%05d\n", i)
	}
	host := start(t, with(zstdStandard), func(r *routing.Route) {
		r.Get("/text", sending("text/plain", content.String()))
		r.Get("/writer", func(c *app.Call) error {
			for line := range strings.Lines(content.String()) {
				if _, err := io.WriteString(c.Writer(), line); err != nil {
					return err
				}
			}
			return nil
		})
	})
	for _, coding := range []string{"deflate", "gzip", "zstd", ""} {
		for _, path := range []string{"/text", "/writer"} {
			t.Run(coding+path, func(t *testing.T) { host.accepting(coding, path).is(coding, content.String()) })
		}
	}
}

func TestCompression_testRespondWrite(t *testing.T) {
	start(t, compression.Plugin, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error {
				io.WriteString(w, "test ")
				assert.NoError(t, http.NewResponseController(w).Flush())
				_, err := io.WriteString(w, "me")
				return err
			}))
		})
	}).accepting("gzip", "/").is("gzip", "test me")
}

func TestCompression_testCompressionRespondObjectWithIdentity(t *testing.T) {
	got := start(t, with(func(c *compression.Config) { c.MinimumSize(0) }), func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			c.Header().Set("Content-Encoding", "identity")
			return c.RespondText("Hello!")
		})
	}).accepting("gzip", "/")
	got.is("identity", "Hello!")
	assert.Equal(t, "6", got.header.Get("Content-Length"))
}

func TestCompression_testCompressionUpgradeShouldNotBeCompressed(t *testing.T) {
	host := start(t, compression.Plugin, func(r *routing.Route) {
		r.Get("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "Upgrade")
			w.Header().Set("Upgrade", "test")
			w.WriteHeader(http.StatusSwitchingProtocols)
			assert.NoError(t, http.NewResponseController(w).Flush())
		}))
	})
	response := host.open(http.MethodGet, "/", "Accept-Encoding", "gzip", "Connection", "Upgrade", "Upgrade", "test")
	assert.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
	assert.Empty(t, response.Header.Values("Content-Encoding"))
	assert.Empty(t, response.Header.Values("Vary"))
}

func TestCompression_testCompressionContentTypesShouldNotBeCompressed(t *testing.T) {
	for _, contentType := range []string{
		"text/event-stream", "text/event-stream; charset=utf-8", "TEXT/Event-Stream ;x=y",
		"video/mpeg", "multipart/form-data; boundary=x", "multipart/mixed",
	} {
		t.Run(contentType, func(t *testing.T) {
			got := start(t, compression.Plugin, func(r *routing.Route) {
				r.Get("/", sending(contentType, text))
			}).accepting("gzip", "/")
			got.is("", text)
			assert.Equal(t, contentType, got.header.Get("Content-Type"))
			assert.Empty(t, got.header.Values("Vary"))
		})
	}
}

func TestCompression_testSubrouteInstall(t *testing.T) {
	host := start(t, nil, func(r *routing.Route) {
		r.Route("/1", func(r *routing.Route) {
			r.Install(with(onlyDeflate))
			r.Get("", sending("text/plain", text))
			r.Route("/nearer", func(r *routing.Route) {
				r.Install(with(onlyGzip))
				r.Get("", sending("text/plain", text))
			})
		})
		r.Get("/2", sending("text/plain", text))
	})
	host.accepting("*", "/1").is("deflate", text)
	host.accepting("*", "/1/nearer").is("gzip", text)
	host.accepting("*", "/2").is("", text)
}

func TestCompression_testResponseShouldBeSentAfterCompression(t *testing.T) {
	start(t, compression.Plugin, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			assert.False(t, c.Answered())
			assert.NoError(t, c.RespondText(text))
			assert.True(t, c.Answered())
			return nil
		})
	}).accepting("gzip", "/").is("gzip", text)
}

func TestCompression_testSkipCompressionForSSEResponse(t *testing.T) {
	got := startModule(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		a.Install(with(func(c *compression.Config) {
			c.Deflate(func(e *compression.EncoderConfig) { e.MinimumSize(1024) })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/", func(s *sse.Session) error { return s.Send(sse.Event{Data: "Hello"}) })
		})
	}).accepting("*", "/")
	got.is("", "data: Hello\r\n\r\n")
	assert.Equal(t, "text/event-stream", got.header.Get("Content-Type"))
}

func TestCompression_testDisableCallEncoding(t *testing.T) {
	got := start(t, compression.Plugin, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			assert.False(t, c.CompressionSuppressed())
			c.SuppressCompression()
			assert.True(t, c.CompressionSuppressed())
			return c.RespondText(text)
		})
	}).accepting("gzip", "/")
	got.is("", text)
	assert.Empty(t, got.header.Values("Vary"))
}

// Ktor's CompressionAcceptEncodingTest. The cases have the names of Ktor's
// tests.
func TestCompressionAcceptEncoding(t *testing.T) {
	both := func(c *compression.Config) {
		c.Gzip()
		c.Deflate()
	}
	conditional := func(c *compression.Config) {
		c.Gzip(func(e *compression.EncoderConfig) { e.Condition(queryIs("e", "1")) })
		c.Deflate()
	}
	for _, test := range []struct {
		name, accept string
		configure    func(*compression.Config)
		want         string
	}{
		{"q=0 on the only matching coding sends the response uncompressed", "gzip;q=0", both, ""},
		{"wildcard q=0 excludes every encoder", "*;q=0", both, ""},
		{"explicit q=0 is excluded while the wildcard enables the rest", "gzip;q=0,*;q=0.5", both, "deflate"},
		{"explicit coding overrides wildcard q=0", "gzip;q=1,*;q=0", priorities(1, 10), "gzip"},
		{"explicit qvalue overrides the wildcard qvalue for the same coding", "gzip;q=0.1,*;q=0.9", priorities(10, 0.9), "deflate"},
		{"coding match is case-insensitive", "GZIP;q=0,*;q=0.5", priorities(10, 0.9), "deflate"},
		{"highest qvalue wins", "gzip;q=0.2,deflate;q=0.8", both, "deflate"},
		{"equal qvalue falls back to configured priority", "gzip;q=0.5,deflate;q=0.5", priorities(1, 2), "deflate"},
		{"equal qvalue tie-break uses priority not match specificity", "gzip;q=0.5,*;q=0.5", priorities(1, 10), "deflate"},
		{"wildcard alone selects the highest priority encoder", "*", priorities(1, 10), "deflate"},
		{"missing q is treated as 1", "gzip,deflate;q=0.5", both, "gzip"},
		{"malformed q is treated as 1", "gzip;q=abc", onlyGzip, "gzip"},
		{"coding absent from the header is not eligible", "deflate;q=0.5", both, "deflate"},
		{"no eligible encoder leaves the response uncompressed", "br", onlyGzip, ""},
		{"encoder whose condition fails falls through to the next eligible encoder", "gzip;q=1,deflate;q=0.5", conditional, "deflate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			start(t, with(test.configure), texts).accepting(test.accept, "/?e=0").is(test.want, text)
		})
	}
}
