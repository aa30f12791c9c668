package compression_test

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

func TestVary(t *testing.T) {
	for _, test := range []struct {
		name      string
		configure func(*compression.Config)
		header    []string
		want      []string // with and without Accept-Encoding
	}{
		{"none yet", asItIs, nil, []string{"Accept-Encoding"}},
		{"another", asItIs, []string{"Vary", "Origin"}, []string{"Origin, Accept-Encoding"}},
		{"several lines", asItIs, []string{"Vary", "Origin", "Vary", "Cookie, Accept"}, []string{"Origin, Cookie, Accept, Accept-Encoding"}},
		{"there already", asItIs, []string{"Vary", "Origin,accept-encoding"}, []string{"Origin,accept-encoding"}},
		{"everything", asItIs, []string{"Vary", "*"}, []string{"*"}},
		{"no encoder could have applied: type", asItIs, []string{"Content-Type", "image/png"}, nil},
		{"no encoder could have applied: global condition", func(c *compression.Config) { c.MinimumSize(1 << 20) }, []string{"Content-Length", "2200"}, nil},
		{"no encoder could have applied: own conditions", func(c *compression.Config) {
			c.Gzip(func(e *compression.EncoderConfig) { e.MatchContentType("text/html") })
			c.Deflate(func(e *compression.EncoderConfig) { e.MatchContentType("text/css") })
		}, nil, nil},
		{"only the last encoder could have applied", func(c *compression.Config) {
			c.Zstd(func(e *compression.EncoderConfig) { e.MatchContentType("text/css") })
			c.Gzip(func(e *compression.EncoderConfig) { e.MatchContentType("text/plain") })
		}, nil, []string{"Accept-Encoding"}},
		{"identity does not vary", func(c *compression.Config) { c.Identity() }, nil, nil},
		{"no-transform", asItIs, []string{"Cache-Control", "no-transform"}, nil},
		{"encoded by the handler", asItIs, []string{"Content-Encoding", "br"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			header := test.header
			host := start(t, with(test.configure), func(r *routing.Route) {
				r.Get("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "text/plain")
					for i := 0; i < len(header); i += 2 {
						if header[i] == "Content-Type" {
							w.Header().Del("Content-Type")
						}
						w.Header().Add(header[i], header[i+1])
					}
					io.WriteString(w, text)
				}))
			})
			for _, accept := range []string{"gzip", "br", ""} {
				assert.Equal(t, test.want, host.accepting(accept, "/").header["Vary"], "Accept-Encoding: %s", accept)
			}
		})
	}
}

func TestETag(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		accept string
		header []string
		want   string
	}{
		{"strong, encoded", 200, "gzip", []string{"ETag", `"x"`}, `W/"x"`},
		{"strong, plain", 200, "", []string{"ETag", `"x"`}, `"x"`},
		{"strong, other coding", 200, "br", []string{"ETag", `"x"`}, `"x"`},
		{"weak, encoded", 200, "gzip", []string{"ETag", `W/"x"`}, `W/"x"`},
		{"weak, plain", 200, "", []string{"ETag", `W/"x"`}, `W/"x"`},
		{"strong, not modified, would be encoded", 304, "gzip", []string{"ETag", `"x"`}, `W/"x"`},
		{"strong, not modified, would be plain", 304, "", []string{"ETag", `"x"`}, `"x"`},
		{"strong, a range", 206, "gzip", []string{"ETag", `"x"`, "Content-Range", "bytes 0-2199/2201"}, `"x"`},
		{"strong, no-transform", 200, "gzip", []string{"ETag", `"x"`, "Cache-Control", "no-transform"}, `"x"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := start(t, compression.Plugin, answering(test.status, test.header...)).accepting(test.accept, "/")
			assert.Equal(t, test.status, got.status)
			assert.Equal(t, []string{test.want}, got.header.Values("ETag"))
		})
	}
}

// What a 304 does not say about the response that it stands for counts in
// favour of the weak tag, which is never wrong.
func TestNotModifiedWithoutType(t *testing.T) {
	modified := time.Date(2020, 2, 2, 12, 0, 0, 0, time.UTC)
	host := start(t, with(func(c *compression.Config) {
		c.MinimumSize(10)
		c.MatchContentType("text/*")
		c.ExcludeContentType("text/css")
	}), func(r *routing.Route) {
		r.Handle("/", byHTTP(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"x"`)
			http.ServeContent(w, r, "file.txt", modified, strings.NewReader(text))
		}))
	})
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		t.Run(method, func(t *testing.T) {
			got := host.do(method, "/", "Accept-Encoding", "gzip", "If-None-Match", `W/"x"`)
			got.is("", "")
			assert.Equal(t, http.StatusNotModified, got.status)
			assert.Equal(t, `W/"x"`, got.header.Get("ETag"))
			assert.Equal(t, "Accept-Encoding", got.header.Get("Vary"))
		})
	}
}

func TestExplicitContentLength(t *testing.T) {
	host := start(t, compression.Plugin, answering(200, "Content-Length", strconv.Itoa(len(text)), "Accept-Ranges", "bytes"))
	got := host.accepting("gzip", "/")
	got.is("gzip", text)
	assert.Empty(t, got.header.Values("Accept-Ranges"))
	got = host.get("/")
	got.is("", text)
	assert.Equal(t, strconv.Itoa(len(text)), got.header.Get("Content-Length"))
	assert.Equal(t, "bytes", got.header.Get("Accept-Ranges"))
}

func TestExplicitContentLengthCountsForTheMinimum(t *testing.T) {
	start(t, compression.Plugin, func(r *routing.Route) {
		r.Get("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "6")
			http.NewResponseController(w).Flush()
			io.WriteString(w, "Hello!")
		}))
	}).accepting("gzip", "/").is("", "Hello!")
}

// HEAD gets the header of GET, and no encoder is started for it.
func TestHead(t *testing.T) {
	modified := time.Date(2020, 2, 2, 12, 0, 0, 0, time.UTC)
	opened := 0
	counting := special()
	create := counting.NewWriter
	counting.NewWriter = func(level int) (compression.Writer, error) {
		opened++
		return create(level)
	}
	routes := func(r *routing.Route) {
		respond := func(body string) app.Handler {
			return func(c *app.Call) error {
				c.Header().Set("ETag", `"x"`)
				c.Header().Set("Accept-Ranges", "bytes")
				return c.RespondText(body)
			}
		}
		r.Handle("/text", respond(text))
		r.Handle("/short", respond("short"))
		r.Handle("/writer", byHTTP(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, text) }))
		r.Handle("/content", byHTTP(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"x"`)
			http.ServeContent(w, r, "file.txt", modified, strings.NewReader(text))
		}))
		r.Handle("/short-content", byHTTP(func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "file.txt", modified, strings.NewReader("short"))
		}))
		r.Handle("/image", byHTTP(func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "file.png", modified, strings.NewReader(text))
		}))
		r.Handle("/status", func(c *app.Call) error { return c.RespondStatus(http.StatusOK) })
	}
	host := start(t, with(func(c *compression.Config) { c.Encoder(counting) }), routes)
	for _, path := range []string{"/text", "/short", "/writer", "/content", "/short-content", "/image", "/status"} {
		for _, accept := range []string{"special", "br"} {
			t.Run(path+" "+accept, func(t *testing.T) {
				before := opened
				head := host.do(http.MethodHead, path, "Accept-Encoding", accept)
				assert.Equal(t, before, opened, "an encoder was started")
				assert.Empty(t, head.raw)
				get := host.get(path, "Accept-Encoding", accept)
				assert.Equal(t, get.status, head.status)
				for _, header := range []http.Header{get.header, head.header} {
					header.Del("Date")
					header.Del("Content-Length") // see below
				}
				assert.Equal(t, get.header, head.header)
			})
		}
	}
	got := host.do(http.MethodHead, "/content", "Accept-Encoding", "special")
	assert.Empty(t, got.header.Values("Content-Length"), "of the plain body")
}

// A handler that responds to HEAD without a body and without a length still
// says what GET would get.
func TestHeadWithoutLength(t *testing.T) {
	got := start(t, compression.Plugin, func(r *routing.Route) {
		r.Head("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(http.StatusOK)
		}))
	}).do(http.MethodHead, "/", "Accept-Encoding", "gzip")
	assert.Equal(t, "gzip", got.header.Get("Content-Encoding"))
	assert.Equal(t, "Accept-Encoding", got.header.Get("Vary"))
}
