package statuspages_test

import (
	"bufio"
	"compress/gzip"
	"errors"
	"html/template"
	"io"
	"log"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/plugins/statuspages"
	"github.com/chitor-go/chitor/routing"
)

var long = strings.Repeat("a long answer, ", 1000)

// Ways to respond with 404.
var ways = map[string]app.Handler{
	"status":    func(c *app.Call) error { return c.RespondStatus(404) },
	"text":      func(c *app.Call) error { return respond(c, 404, "text") },
	"long text": func(c *app.Call) error { return respond(c, 404, long) },
	"error":     failing(app.NewError(404, "error")),
	"silence":   func(*app.Call) error { return nil },
	"reader":    func(c *app.Call) error { c.SetStatus(404); return c.Respond(strings.NewReader(long)) },
	"stream": func(c *app.Call) error {
		c.SetStatus(404)
		return c.Respond(app.Stream(func(w http.ResponseWriter) error {
			for range 3 {
				if _, err := io.WriteString(w, long); err != nil {
					return err
				}
				if err := http.NewResponseController(w).Flush(); err != nil {
					return err
				}
			}
			return nil
		}))
	},
	"declared length": app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(long)))
		w.Header().Set("ETag", `"of the old body"`)
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, long)
	})),
	"net/http": app.FromHTTP(http.HandlerFunc(http.NotFound)),
	"file":     func(c *app.Call) error { return c.RespondFile(nil, "missing.txt") },
}

// Ways to respond with the page that takes its place.
var pages = map[string]struct {
	respond     app.Handler
	text        string
	contentType string
}{
	"text":  {func(c *app.Call) error { return c.RespondText("page") }, "page", "text/plain; charset=UTF-8"},
	"bytes": {func(c *app.Call) error { return c.RespondBytes([]byte("<html>page")) }, "<html>page", "text/html; charset=utf-8"},
	"HTML": {func(c *app.Call) error { return c.RespondHTML(template.Must(template.New("").Parse("<p>{{.}}")), "<") },
		"<p>&lt;", "text/html; charset=UTF-8"},
	"reader":      {func(c *app.Call) error { return c.Respond(strings.NewReader("page")) }, "page", "text/plain; charset=utf-8"},
	"long reader": {func(c *app.Call) error { return c.Respond(strings.NewReader(long)) }, long, "text/plain; charset=utf-8"},
	"stream": {func(c *app.Call) error {
		return c.Respond(app.Stream(func(w http.ResponseWriter) error {
			for range 2 {
				_, _ = io.WriteString(w, "page")
				_ = http.NewResponseController(w).Flush()
			}
			return nil
		}))
	}, "pagepage", "text/plain; charset=utf-8"},
	"writer":      {func(c *app.Call) error { _, err := io.WriteString(c.Writer(), "page"); return err }, "page", "text/plain; charset=utf-8"},
	"long writer": {func(c *app.Call) error { _, err := io.WriteString(c.Writer(), long); return err }, long, "text/plain; charset=utf-8"},
	"nothing":     {func(c *app.Call) error { return c.RespondStatus(c.Status()) }, "", ""},
}

// Whatever a response is, and whatever its page is, the page is what arrives,
// whole and alone.
func TestEveryPageReplacesEveryResponse(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		for name, page := range pages {
			for _, behind := range []int{0, 3} {
				host := apptest.Start(t, func(a *app.Application) {
					module(func(c *statuspages.Config) {
						c.Status(404, func(c *app.Call, _ int) error { return page.respond(c) })
					}, func(r *routing.Route) {
						// Three middlewares of chi: a writer of its own, a
						// panic guard and a value in the context.
						logger := middleware.RequestLogger(&middleware.DefaultLogFormatter{Logger: log.New(io.Discard, "", 0)})
						r.Use([]func(http.Handler) http.Handler{logger, middleware.Recoverer, middleware.RequestID}[:behind]...)
						for way, handler := range ways {
							r.Get("/"+strings.ReplaceAll(way, "/", "-"), handler)
						}
					})(a)
				}, mode)
				for way := range ways {
					for range 2 { // the connection is good for another call
						response := host.Get("/" + strings.NewReplacer("/", "-", " ", "%20").Replace(way))
						require.Equal(t, 404, response.StatusCode, "%s: %s", name, way)
						require.Equal(t, page.text, apptest.Text(t, response), "%s: %s", name, way)
						require.Equal(t, page.contentType, response.Header.Get("Content-Type"), "%s: %s", name, way)
						require.Empty(t, response.Header["Etag"], "%s: %s", name, way)
					}
				}
			}
		}
	})
}

func TestPageAnswersHead(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) { c.Status(404, page) }, nil)
	response := host.Head("/missing")
	assert.Equal(t, 404, response.StatusCode)
	assert.Equal(t, int64(len("page Not Found")), response.ContentLength)
	assert.Empty(t, apptest.Text(t, response))
}

func TestPageMayChangeTheStatus(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		c.Status(404, func(c *app.Call, _ int) error { return respond(c, 410, "gone") })
		c.Status(410, page)
	}, nil)
	expect(t, host, "/", 410, "gone") // the page for 410 is for responses that are no pages
}

func TestHandlerThatDoesNotRespond(t *testing.T) {
	for way, handler := range ways {
		seen := 0
		plain := serve(t, nil, func(r *routing.Route) { r.Get("/", handler) }).Get("/")
		host := serve(t, func(c *statuspages.Config) {
			c.Status(404, func(*app.Call, int) error { seen++; return nil })
		}, func(r *routing.Route) { r.Get("/", handler) })
		response := host.Get("/")
		assert.Equal(t, apptest.Text(t, plain), apptest.Text(t, response), way)
		plain.Header.Del("Date")
		response.Header.Del("Date")
		assert.Equal(t, plain.Header, response.Header, way)
		assert.Equal(t, 1, seen, way)
	}
}

func TestHandlerThatChangesTheContent(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		c.StatusContent(404, func(_ *app.Call, content *app.Outgoing) error {
			text, _ := content.Bytes()
			content.Status = 410
			content.SetText("no longer: " + string(text))
			return nil
		})
	}, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return respond(c, 404, "there") })
	})
	expect(t, host, "/", 410, "no longer: there")
}

// The page is encoded like any other response, whether the response that it
// replaces was or would not have been.
func TestPageIsCompressed(t *testing.T) {
	for _, compressedFirst := range []bool{true, false} {
		host := apptest.Start(t, func(a *app.Application) {
			if compressedFirst {
				a.Install(compression.Plugin)
			}
			a.Install(statuspages.Plugin.With(func(c *statuspages.Config) {
				c.Status(404, func(c *app.Call, _ int) error { return c.RespondText(long) })
				c.Status(410, func(c *app.Call, _ int) error { return c.RespondText("short") })
			}))
			if !compressedFirst {
				a.Install(compression.Plugin)
			}
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/gone", func(c *app.Call) error { return respond(c, 410, long) })
			})
		})
		response := host.Get("/missing", apptest.Header("Accept-Encoding", "gzip"))
		assert.Equal(t, 404, response.StatusCode)
		assert.Equal(t, "gzip", response.Header.Get("Content-Encoding"))
		reader, err := gzip.NewReader(response.Body)
		require.NoError(t, err)
		text, err := io.ReadAll(reader)
		require.NoError(t, err)
		assert.Equal(t, long, string(text))

		response = host.Get("/gone", apptest.Header("Accept-Encoding", "gzip"))
		assert.Equal(t, 410, response.StatusCode)
		assert.Empty(t, response.Header["Content-Encoding"])
		assert.Equal(t, "short", apptest.Text(t, response))
	}
}

// A page in JSON is a value like any other.
func TestPageIsTransformed(t *testing.T) {
	type problem struct{ Title string }
	host := apptest.Start(t, func(a *app.Application) {
		a.InterceptSend(app.SendTransform, func(_ *app.Call, out *app.Outgoing) error {
			if value, is := out.Value.(problem); is {
				out.Header.Set("Content-Type", "application/problem+json")
				out.SetText(`{"title":"` + value.Title + `"}`)
			}
			return nil
		})
		module(func(c *statuspages.Config) {
			c.Status(404, func(c *app.Call, status int) error { return c.Respond(problem{http.StatusText(status)}) })
		}, nil)(a)
	})
	response := expect(t, host, "/", 404, `{"title":"Not Found"}`)
	assert.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
}

func TestErrorDuringPage(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		page   func(c *app.Call, status int) error
		status int
		text   string
	}{
		"before it responds": {func(*app.Call, int) error { return broken }, 500, "handled"},
		"after it responds":  {func(c *app.Call, _ int) error { _ = c.RespondText("page"); return broken }, 500, "handled"},
		"panic":              {func(*app.Call, int) error { panic(broken) }, 500, "handled"},
		"an error to show":   {func(*app.Call, int) error { return app.NewError(409, "shown") }, 409, "shown"},
	} {
		for _, way := range []string{"text", "stream", "declared length", "silence"} {
			host := serve(t, func(c *statuspages.Config) {
				c.Status(404, test.page)
				c.ExceptionFunc(func(cause error) bool { return errors.Is(cause, broken) },
					func(c *app.Call, _ error) error { return respond(c, 500, "handled") })
			}, func(r *routing.Route) { r.Get("/", ways[way]) })
			response := host.Get("/")
			assert.Equal(t, test.status, response.StatusCode, "%s: %s", name, way)
			assert.Equal(t, test.text, apptest.Text(t, response), "%s: %s", name, way)
		}
	}
}

// TestErrorDuringPageOfAnError: a page for the response to an error that fails
// as well becomes a plain response.
func TestErrorDuringPageOfAnError(t *testing.T) {
	log := &logbook{}
	host := apptest.Start(t, module(func(c *statuspages.Config) {
		c.Status(500, func(*app.Call, int) error { return errors.New("the page is broken") })
	}, func(r *routing.Route) { r.Get("/", failing(errors.New("the handler is broken"))) }), apptest.Engine(engine.Logger(log.logger())))
	expect(t, host, "/", 500, "Internal Server Error")
	assert.Contains(t, log.String(), "the handler is broken")
	assert.Contains(t, log.String(), "the page is broken")
}

// A page that fails halfway is cut, so that nobody takes it for whole.
func TestErrorInTheMiddleOfAPage(t *testing.T) {
	host := serve(t, func(c *statuspages.Config) {
		c.Status(404, func(c *app.Call, _ int) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error {
				_, _ = io.WriteString(w, long)
				_ = http.NewResponseController(w).Flush()
				return errors.New("broken")
			}))
		})
	}, nil)
	response := host.Get("/")
	assert.Equal(t, 404, response.StatusCode)
	_, err := io.ReadAll(response.Body)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestPagesOnRoutesAndMiddlewares(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		module(func(c *statuspages.Config) {
			c.Status(401, page)
			c.Status(405, page)
			statuspages.Exception(c, func(c *app.Call, cause *illegalStateError) error { return respond(c, 418, cause.message) })
		}, func(r *routing.Route) {
			r.Use(middleware.BasicAuth("realm", map[string]string{"user": "password"}))
			r.Post("/post", func(c *app.Call) error { return c.RespondText("posted") })
			r.Get("/fail", failing(&illegalStateError{"a teapot"}))
			r.Mount("/mounted", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(&illegalStateError{"mounted"}) }))
		})(a)
	})
	response := expect(t, host, "/post", 401, "page Unauthorized")
	assert.Equal(t, `Basic realm="realm"`, response.Header.Get("WWW-Authenticate"))
	auth := func(r *http.Request) { r.SetBasicAuth("user", "password") }
	response = host.Get("/post", auth)
	assert.Equal(t, 405, response.StatusCode)
	assert.Equal(t, "POST", response.Header.Get("Allow"))
	assert.Equal(t, "page Method Not Allowed", apptest.Text(t, response))
	for path, text := range map[string]string{"/fail": "a teapot", "/mounted": "mounted"} {
		response = host.Get(path, auth)
		assert.Equal(t, 418, response.StatusCode)
		assert.Equal(t, text, apptest.Text(t, response))
	}
}

// A foreign logger sees the status of the response to an error, since that is
// made inside it.
func TestMiddlewareSeesTheResponseToAnError(t *testing.T) {
	var status, length int
	host := apptest.Start(t, func(a *app.Application) {
		module(func(c *statuspages.Config) {
			statuspages.Exception(c, func(c *app.Call, _ error) error { return respond(c, 418, "teapot") })
		}, func(r *routing.Route) {
			r.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					wrapped := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
					next.ServeHTTP(wrapped, r)
					status, length = wrapped.Status(), wrapped.BytesWritten()
				})
			})
			r.Get("/", failing(errors.New("broken")))
		})(a)
	})
	expect(t, host, "/", 418, "teapot")
	assert.Equal(t, 418, status)
	assert.Equal(t, len("teapot"), length)
}

// Behind http.TimeoutHandler the rest of the call runs on another goroutine,
// and its response arrives as the handler's.
func TestBehindAForeignGoroutine(t *testing.T) {
	host := apptest.Start(t, module(func(c *statuspages.Config) {
		c.Status(404, page)
		statuspages.Exception(c, func(c *app.Call, cause *illegalStateError) error { return respond(c, 418, cause.message) })
	}, func(r *routing.Route) {
		r.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Minute, "too late") })
		r.Get("/missing", func(c *app.Call) error { return c.RespondStatus(404) })
		r.Get("/fail", failing(&illegalStateError{"a teapot"}))
	}))
	expect(t, host, "/missing", 404, "page Not Found")
	expect(t, host, "/fail", 418, "a teapot")
}

// TestEventStreamsAreLeftAlone: an event stream arrives event by event,
// whatever is configured.
func TestEventStreamsAreLeftAlone(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				a.Install(sse.Plugin)
				module(func(c *statuspages.Config) {
					c.Status(200, page)
					statuspages.Exception(c, func(c *app.Call, _ error) error { return respond(c, 500, "handled") })
				}, func(r *routing.Route) {
					r.SSE("/events", func(s *sse.Session) error {
						for _, text := range []string{"one", "two", "three"} {
							if err := s.SendText(text); err != nil {
								return err
							}
							if err := s.Delay(time.Hour); err != nil {
								return err
							}
						}
						return nil
					})
				})(a)
			}, mode)
			began := time.Now()
			response := host.Get("/events")
			var seen []string
			for event := range ssetest.Events(t, response.Body) {
				assert.Equal(t, time.Duration(len(seen))*time.Hour, time.Since(began))
				seen = append(seen, event.Data)
			}
			assert.Equal(t, []string{"one", "two", "three"}, seen)
		})
	})
}

// TestEventStreamsByContentType: the media type decides, not how the header
// begins or is written.
func TestEventStreamsByContentType(t *testing.T) {
	for contentType, isStream := range map[string]bool{
		"text/event-stream":                  true,
		"Text/Event-Stream":                  true,
		"TEXT/EVENT-STREAM ; charset=utf-8":  true,
		"text/event-streamfoo":               false,
		"text/event-stream+json":             false,
		"x/event-stream":                     false,
		"text/plain; like=text/event-stream": false,
	} {
		host := serve(t, func(c *statuspages.Config) { c.Status(404, page) }, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				c.Header().Set("Content-Type", contentType)
				return respond(c, 404, "data: none\n\n")
			})
		})
		want := "page Not Found"
		if isStream {
			want = "data: none\n\n"
		}
		response := expect(t, host, "/", 404, want)
		if isStream {
			assert.Equal(t, contentType, response.Header.Get("Content-Type"))
		}
	}
}

// What is flushed before a stream fails has left: the handler for errors is not
// asked, and the stream is cut.
func TestErrorAfterTheHeadHasLeft(t *testing.T) {
	called := false
	host := serve(t, func(c *statuspages.Config) {
		statuspages.Exception(c, func(c *app.Call, _ error) error { called = true; return respond(c, 500, "handled") })
	}, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error {
			_, _ = io.WriteString(c.Writer(), "one\n")
			_ = http.NewResponseController(c.Writer()).Flush()
			return errors.New("broken")
		})
	})
	response := host.Get("/")
	assert.Equal(t, 200, response.StatusCode)
	body := bufio.NewReader(response.Body)
	line, err := body.ReadString('\n')
	require.NoError(t, err)
	assert.Equal(t, "one\n", line)
	_, err = body.ReadString('\n')
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	host.Stop()
	assert.False(t, called)
}
