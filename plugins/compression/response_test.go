package compression_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// Each case is the plain body although every condition holds.
func TestLeftAlone(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		header []string
		body   string
	}{
		{"204", 204, nil, ""},
		{"205", 205, nil, text},
		{"206", 206, []string{"Content-Range", "bytes 0-2199/2201"}, text},
		{"304", 304, nil, ""},
		{"416", 416, []string{"Content-Range", "bytes */2201"}, text},
		{"200 with Content-Range", 200, []string{"Content-Range", "lines 1-100/200"}, text},
		{"no-transform", 200, []string{"Cache-Control", "no-transform"}, text},
		{"no-transform among others", 200, []string{"Cache-Control", "public, max-age=60", "Cache-Control", "max-stale ,No-Transform"}, text},
		{"encoded already", 200, []string{"Content-Encoding", "br"}, text},
		{"encoded already, named as no coding is", 200, []string{"Content-Encoding", ""}, text},
		{"event stream by its type", 200, []string{"Content-Type", "text/event-stream"}, text},
	} {
		t.Run(test.name, func(t *testing.T) {
			host := start(t, with(func(c *compression.Config) { c.MinimumSize(0) }), func(r *routing.Route) {
				r.Get("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Accept-Ranges", "bytes")
					for i := 0; i < len(test.header); i += 2 {
						w.Header().Add(test.header[i], test.header[i+1])
					}
					w.WriteHeader(test.status)
					io.WriteString(w, text)
				}))
			})
			plain, accepting := host.get("/"), host.accepting("gzip, *", "/")
			assert.Equal(t, test.status, accepting.status)
			assert.Equal(t, test.body, string(accepting.raw))
			assert.Equal(t, "bytes", accepting.header.Get("Accept-Ranges"))
			plain.header.Del("Date")
			accepting.header.Del("Date")
			assert.Equal(t, plain.header, accepting.header)
		})
	}
}

// A client that wants to go on in another protocol reads what comes as that
// one's, whatever the status is. Over HTTP/2, CONNECT is answered by a handler
// like any other.
func TestTunnels(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := start(t, with(func(c *compression.Config) {
			c.Gzip()
			c.EventStreams()
		}), func(r *routing.Route) {
			r.Get("/", sending("text/plain", text))
			r.Get("/stream", sending("text/event-stream", text))
		}, mode)
		for _, path := range []string{"/", "/stream"} {
			got := host.get(path, "Accept-Encoding", "gzip", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
			got.is("", text)
			assert.Empty(t, got.header.Values("Vary"))
		}
	})
	application := app.New(func(a *app.Application) {
		a.Install(compression.Plugin)
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return sending("text/plain", text) })
	})
	require.NoError(t, application.Start(t.Context()))
	for method, want := range map[string]string{http.MethodConnect: "", http.MethodGet: "gzip"} {
		request := httptest.NewRequestWithContext(t.Context(), method, "/", nil)
		request.Header.Set("Accept-Encoding", "gzip")
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, request)
		assert.Equal(t, want, recorder.Header().Get("Content-Encoding"))
	}
	require.NoError(t, application.Stop(t.Context()))
}

// A status without a body wins over a body that was given to it.
func TestBodyForAStatusWithoutOne(t *testing.T) {
	got := start(t, compression.Plugin, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			c.SetStatus(http.StatusNoContent)
			return c.RespondText(text)
		})
	}).accepting("gzip", "/")
	got.is("", "")
	assert.Equal(t, http.StatusNoContent, got.status)
	assert.Empty(t, got.header.Values("Vary"))
}

func TestEncodedWhateverTheStatus(t *testing.T) {
	for _, status := range []int{200, 201, 302, 404, 500, 503} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			got := start(t, compression.Plugin, answering(status)).accepting("gzip", "/")
			got.is("gzip", text)
			assert.Equal(t, status, got.status)
		})
	}
}

func TestEncodedErrors(t *testing.T) {
	host := start(t, compression.Plugin, func(r *routing.Route) {
		r.Get("/error", func(*app.Call) error { return app.NewError(http.StatusTeapot, text) })
		r.Get("/taken-back", func(c *app.Call) error {
			c.Header().Set("Vary", "Origin")
			if err := c.RespondText("something else" + text); err != nil {
				return err
			}
			return app.NewError(http.StatusTeapot, text)
		})
	})
	got := host.accepting("gzip", "/error")
	got.is("gzip", text)
	assert.Equal(t, http.StatusTeapot, got.status)
	got = host.accepting("gzip", "/taken-back")
	assert.Equal(t, text, decode(t, "gzip", got.raw))
	assert.Equal(t, []string{"Origin, Accept-Encoding"}, got.header.Values("Vary"))
}

// An empty body stays empty even where every condition holds.
func TestEmptyBody(t *testing.T) {
	got := start(t, with(func(c *compression.Config) { c.MinimumSize(0) }), func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondStatus(http.StatusOK) })
	}).accepting("gzip", "/")
	got.is("", "")
	assert.Equal(t, "0", got.header.Get("Content-Length"))
}

// The marker and the type come before what the user configured, so no condition
// is even asked.
func TestEventStreamsBeforeConditions(t *testing.T) {
	asked := 0
	host := startModule(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		// The plugin does not get to see the type of this stream, which leaves
		// the marker.
		disguise := func(contentType string) app.SendHook {
			return func(c *app.Call, out *app.Outgoing) error {
				if c.Route() == "/marked" {
					out.Header.Set("Content-Type", contentType)
				}
				return nil
			}
		}
		a.InterceptSend(app.SendContentEncoding, disguise("text/plain"))
		a.InterceptSend(app.SendAfter, disguise("text/event-stream"))
		a.Install(with(func(c *compression.Config) {
			c.MatchContentType("text/*")
			c.Condition(func(*app.Call, *app.Outgoing) bool {
				asked++
				return true
			})
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/marked", func(s *sse.Session) error { return s.Send(sse.Event{Data: text}) })
			r.Post("/respond", func(c *app.Call) error {
				return sse.Respond(c, func(s *sse.Session) error { return s.Send(sse.Event{Data: "x"}) })
			})
			r.Get("/by-hand", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
				io.WriteString(w, "data: x\n\n")
			}))
			r.Get("/text", sending("text/plain", text))
		})
	})
	got := host.accepting("gzip, *", "/marked")
	assert.Contains(t, string(got.raw), "data: text to be compressed\r\n")
	assert.Empty(t, got.header.Values("Content-Encoding"))
	assert.Empty(t, got.header.Values("Vary"))
	host.do(http.MethodPost, "/respond", "Accept-Encoding", "gzip").is("", "data: x\r\n\r\n")
	host.accepting("gzip", "/by-hand").is("", "data: x\n\n")
	require.Zero(t, asked)
	host.accepting("gzip", "/text").is("gzip", text)
	assert.Equal(t, 1, asked)
}

func TestDecidedOnceForEachResponse(t *testing.T) {
	asked := 0
	host := start(t, with(func(c *compression.Config) {
		c.Condition(func(*app.Call, *app.Outgoing) bool {
			asked++
			return true
		})
	}), func(r *routing.Route) {
		r.Get("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			for line := range strings.Lines(text) {
				io.WriteString(w, line)
				http.NewResponseController(w).Flush()
			}
		}))
	})
	host.accepting("gzip", "/").is("gzip", text)
	assert.Equal(t, 1, asked)
	host.get("/").is("", text)
	assert.Equal(t, 2, asked)
}

// The decision falls at the commit, so it is the same however the response gets
// there.
func TestMiddlewares(t *testing.T) {
	for name, middleware := range map[string]func(http.Handler) http.Handler{
		"wraps the writer": func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(&unwrapping{w}, r)
			})
		},
		"runs the rest elsewhere": func(next http.Handler) http.Handler {
			return http.TimeoutHandler(next, time.Hour, "")
		},
		"answers by itself": func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/plain")
				io.WriteString(w, text)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			host := startModule(t, func(a *app.Application) {
				a.Install(compression.Plugin)
				a.Use(middleware)
				routing.Routes(a, texts)
			})
			host.accepting("gzip", "/").is("gzip", text)
			host.accepting("", "/").is("", text)
		})
	}
}

// unwrapping is a writer as middlewares put around another.
type unwrapping struct{ http.ResponseWriter }

func (w *unwrapping) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A hook behind the encoder may still choose a status without a body: then the
// header names no coding.
func TestNoCodingOfNoBody(t *testing.T) {
	for _, test := range []struct {
		status int
		want   string
	}{
		{http.StatusNoContent, ""},
		{http.StatusNotModified, ""},
		{http.StatusAccepted, "gzip"},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			t.Run(method+" "+http.StatusText(test.status), func(t *testing.T) {
				host := startModule(t, func(a *app.Application) {
					a.Install(compression.Plugin)
					a.InterceptSend(app.SendAfter, func(_ *app.Call, out *app.Outgoing) error {
						out.Status = test.status
						return nil
					})
					routing.Routes(a, func(r *routing.Route) { r.Handle("/", sending("text/plain", text)) })
				})
				got := host.do(method, "/", "Accept-Encoding", "gzip")
				assert.Equal(t, test.status, got.status)
				assert.Equal(t, test.want, got.header.Get("Content-Encoding"))
				assert.Equal(t, "Accept-Encoding", got.header.Get("Vary"))
			})
		}
	}
}
