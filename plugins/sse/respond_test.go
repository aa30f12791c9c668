package sse_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

const wireHead = "HTTP/1.1 200 OK\r\n" +
	"Cache-Control: no-store, no-transform\r\n" +
	"Content-Type: text/event-stream\r\n" +
	"X-Accel-Buffering: no\r\n" +
	"Date: Sat, 01 Jan 2000 00:00:00 GMT\r\n" +
	"Transfer-Encoding: chunked\r\n\r\n"

func TestWire(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := start(t, "HTTP/1.1", func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				if err := s.Delay(time.Minute); err != nil {
					return err
				}
				return s.SendText("hello")
			})
		})
		conn, _ := h.dial()
		request(t, conn, "GET /events HTTP/1.1", "Host: test")
		assert.Equal(t, wireHead, arrived(t, conn), "the head is on the wire before the first event")
		elapse(time.Minute)
		assert.Equal(t, "f\r\ndata: hello\r\n\r\n\r\n0\r\n\r\n", arrived(t, conn), "an event is one chunk")
	})
}

func TestWireOfHTTP10(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := start(t, "HTTP/1.1", func(r *routing.Route) { r.SSE("/events", greet) })
		conn, _ := h.dial()
		request(t, conn, "GET /events HTTP/1.0", "Host: test")
		assert.Equal(t, "HTTP/1.0 200 OK\r\nCache-Control: no-store, no-transform\r\nContent-Type: text/event-stream\r\nX-Accel-Buffering: no\r\n"+
			"Date: Sat, 01 Jan 2000 00:00:00 GMT\r\n\r\ndata: hello\r\n\r\n", arrived(t, conn), "as nginx asks by default")
	})
}

func TestHeadComesBeforeTheFirstEvent(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error { return s.Delay(time.Minute) })
		})
		began := time.Now()
		response := h.get("/events")
		assert.Equal(t, began, time.Now(), "the head comes first")
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.EqualValues(t, -1, response.ContentLength)
		assert.Equal(t, http.Header{
			"Content-Type":      {"text/event-stream"},
			"Cache-Control":     {"no-store, no-transform"},
			"X-Accel-Buffering": {"no"},
			"Date":              {"Sat, 01 Jan 2000 00:00:00 GMT"},
		}, response.Header)
		body, err := rest(response)
		assert.NoError(t, err)
		assert.Empty(t, body)
		assert.Equal(t, time.Minute, time.Since(began))
	})
}

func TestHeadKeepsWhatIsSet(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.Post("/answer", func(c *app.Call) error {
				c.SetStatus(http.StatusAccepted)
				c.Header().Set("Content-Type", "text/plain")
				c.Header().Set("Content-Length", "7")
				c.Header().Set("Cache-Control", "private")
				c.Header().Set("X-Accel-Buffering", "yes")
				c.Header().Set("Mcp-Session-Id", "1")
				return sse.Respond(c, greet)
			})
		})
		response := h.open(http.MethodPost, "/answer", nil)
		assert.Equal(t, http.StatusAccepted, response.StatusCode)
		assert.EqualValues(t, -1, response.ContentLength)
		for name, want := range map[string]string{
			"Content-Type":      "text/event-stream",
			"Content-Length":    "",
			"Cache-Control":     "private",
			"X-Accel-Buffering": "yes",
			"Mcp-Session-Id":    "1",
		} {
			assert.Equal(t, want, strings.Join(response.Header.Values(name), " and "), name)
		}
		body, err := rest(response)
		assert.NoError(t, err)
		assert.Equal(t, "data: hello\r\n\r\n", body)
	})
}

func TestHEADGetsTheHeadAlone(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", unreachable(t))
			r.Head("/answer", func(c *app.Call) error { return sse.Respond(c, unreachable(t)) })
		})
		for _, path := range []string{"/events", "/answer"} {
			response := h.open(http.MethodHead, path, nil)
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
			assert.Equal(t, "no-store, no-transform", response.Header.Get("Cache-Control"))
			assert.Equal(t, "no", response.Header.Get("X-Accel-Buffering"))
			assert.NotContains(t, response.Header, "Content-Length")
			body, err := rest(response)
			assert.NoError(t, err)
			assert.Empty(t, body)
		}
	})
}

func TestStatusWithoutABodyIsAnsweredWithTheHeadAlone(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.Get("/events", func(c *app.Call) error {
				c.SetStatus(http.StatusNoContent)
				return sse.Respond(c, unreachable(t))
			})
		})
		status, body := h.text(http.MethodGet, "/events")
		assert.Equal(t, http.StatusNoContent, status)
		assert.Empty(t, body)
	})
}

func TestResponsesInThePlaceOfTheStream(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.Get("/done", func(c *app.Call) error { return c.RespondStatus(http.StatusNoContent) })
			r.Get("/refused", func(c *app.Call) error {
				return app.NewError(http.StatusUnauthorized, "who are you?")
			})
			r.Route("/guarded", func(r *routing.Route) {
				r.Use(func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						if r.Header.Get("Authorization") == "" {
							http.Error(w, "who are you?", http.StatusUnauthorized)
							return
						}
						next.ServeHTTP(w, r)
					})
				})
				r.SSE("", greet)
			})
		})
		status, body := h.text(http.MethodGet, "/done")
		assert.Equal(t, http.StatusNoContent, status)
		assert.Empty(t, body)
		status, body = h.text(http.MethodGet, "/refused")
		assert.Equal(t, http.StatusUnauthorized, status)
		assert.Equal(t, "who are you?", body)
		status, _ = h.text(http.MethodGet, "/guarded")
		assert.Equal(t, http.StatusUnauthorized, status)
		status, body = h.text(http.MethodGet, "/guarded", "Authorization", "x")
		assert.Equal(t, http.StatusOK, status)
		assert.Equal(t, "data: hello\r\n\r\n", body)
	})
}

func TestPostWithTheBodyReadBefore(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.Post("/answer", func(c *app.Call) error {
				question, err := c.ReceiveText()
				if err != nil {
					return err
				}
				return sse.Respond(c, func(s *sse.Session) error {
					return errors.Join(s.SendText("you asked: "+question), untilItEnds(ends)(s))
				})
			})
		})
		response := h.open(http.MethodPost, "/answer", strings.NewReader("why?"))
		assert.Equal(t, "you asked: why?", ssetest.Take(t, response.Body, 1)[0].Data)
		require.NoError(t, response.Body.Close())
		assert.ErrorIs(t, (<-ends).cause, sse.ErrClientGone)
	})
}

func TestPostWithAnUnreadBodySeesTheDisconnect(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.Post("/answer", func(c *app.Call) error { return sse.Respond(c, untilItEnds(ends)) })
			r.Post("/closed", func(c *app.Call) error {
				assert.NoError(t, c.Request.Body.Close())
				return sse.Respond(c, untilItEnds(ends))
			})
		})
		for path, lengths := range map[string][]int{"/answer": {1, 60 << 10, 256 << 10}, "/closed": {1}} {
			for _, length := range lengths {
				response := h.open(http.MethodPost, path, strings.NewReader(strings.Repeat("x", length)))
				ssetest.Take(t, response.Body, 1)
				elapse(time.Minute)
				require.NoError(t, response.Body.Close())
				end := <-ends
				assert.ErrorIs(t, end.cause, sse.ErrClientGone, "%s %d", path, length)
				assert.Equal(t, time.Minute, end.after)
			}
		}
	})
}

func TestPostWhoseBodyBreaksOffIsNoStream(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := start(t, "HTTP/1.1", func(r *routing.Route) {
			r.Post("/answer", func(c *app.Call) error {
				c.Request.Body = http.MaxBytesReader(c.Writer(), c.Request.Body, 10)
				return sse.Respond(c, unreachable(t))
			})
		})
		response := h.open(http.MethodPost, "/answer", strings.NewReader(strings.Repeat("x", 11)))
		assert.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
	})
}

func TestMissingPluginIsAnError(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := startModule(t, protocol, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/events", func(c *app.Call) error { return sse.Respond(c, unreachable(t)) })
			})
		})
		status, body := h.text(http.MethodGet, "/events")
		assert.Equal(t, http.StatusInternalServerError, status)
		assert.Equal(t, "Internal Server Error", body)
		logged := h.log.take("level=ERROR")
		require.Len(t, logged, 1)
		assert.Contains(t, logged[0], "the plugin SSE is not installed: call a.Install(sse.Plugin)")
	})
}

func TestMiddlewareThatCannotFlush(t *testing.T) {
	for name, middleware := range map[string]func(http.Handler) http.Handler{
		"no Unwrap": func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(stubborn{w}, r) })
		},
		"TimeoutHandler": func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Minute, "too late") },
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, func(r *routing.Route) {
					r.Use(middleware)
					r.SSE("/events", unreachable(t))
				})
				response := h.get("/events")
				assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
				assert.Equal(t, "text/plain; charset=UTF-8", response.Header.Get("Content-Type"))
				assert.NotContains(t, response.Header, "Cache-Control")
				assert.NotContains(t, response.Header, "X-Accel-Buffering")
				body, err := rest(response)
				assert.NoError(t, err)
				assert.Equal(t, "Internal Server Error", body)
				logged := h.log.take("level=ERROR")
				require.Len(t, logged, 1)
				assert.Contains(t, logged[0], "a middleware around the handler keeps responses from being flushed: its writer needs Flush or Unwrap")
			})
		})
	}
}

// A watcher is the writer of a middleware that looks on, as a logger's does.
type watcher struct {
	http.ResponseWriter
	statuses []int
	bytes    int
}

func (w *watcher) WriteHeader(status int) {
	w.statuses = append(w.statuses, status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *watcher) Write(p []byte) (int, error) {
	w.bytes += len(p)
	return w.ResponseWriter.Write(p)
}

func (w *watcher) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestMiddlewareThatLooksOn(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		var seen *watcher
		h := start(t, protocol, func(r *routing.Route) {
			r.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					seen = &watcher{ResponseWriter: w}
					next.ServeHTTP(seen, r)
				})
			})
			r.SSE("/events", func(s *sse.Session) error { return errors.Join(s.SendText("hello"), s.Delay(time.Minute)) })
		})
		response := h.get("/events")
		ssetest.Take(t, response.Body, 1)
		assert.Zero(t, h.stop())
		_, err := rest(response)
		assert.NoError(t, err)
		assert.Equal(t, []int{http.StatusOK}, seen.statuses)
		assert.Equal(t, len("data: hello\r\n\r\n"), seen.bytes)
	})
}

func TestMiddlewareThatFlushesTheOldWay(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					next.ServeHTTP(flusher{stubborn{flushing{w}}}, r)
				})
			})
			r.SSE("/events", untilItEnds(ends))
		})
		response := h.get("/events")
		assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
		assert.Equal(t, "hello", ssetest.Take(t, response.Body, 1)[0].Data)
		assert.Zero(t, h.stop())
		assert.Equal(t, sse.ErrStopping, (<-ends).cause)
		_, err := rest(response)
		assert.NoError(t, err)
	})
}

func TestLastEventID(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := startModule(t, protocol, func(a *app.Application) {
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error { return s.SendText("after <" + s.LastEventID() + ">") })
			})
		})
		_, body := h.text(http.MethodGet, "/events")
		assert.Equal(t, "data: after <>\r\n\r\n", body)
		_, body = h.text(http.MethodGet, "/events", "Last-Event-ID", "42")
		assert.Equal(t, "data: after <42>\r\n\r\n", body)
		longest := strings.Repeat("x", 256)
		_, body = h.text(http.MethodGet, "/events", "Last-Event-ID", longest)
		assert.Equal(t, "data: after <"+longest+">\r\n\r\n", body)
		status, body := h.text(http.MethodGet, "/events", "Last-Event-ID", longest+"x")
		assert.Equal(t, http.StatusBadRequest, status)
		assert.Equal(t, "Last-Event-ID is longer than 256 bytes", body)
	})
}

func TestSecondRespondIsRefused(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.Get("/text", func(c *app.Call) error {
				if err := c.RespondText("first"); err != nil {
					return err
				}
				assert.ErrorIs(t, sse.Respond(c, unreachable(t)), app.ErrAnswered)
				assert.False(t, sse.IsEventStream(c))
				return nil
			})
			r.Get("/stream", func(c *app.Call) error {
				if err := sse.Respond(c, greet); err != nil {
					return err
				}
				assert.ErrorIs(t, sse.Respond(c, unreachable(t)), app.ErrAnswered)
				assert.True(t, sse.IsEventStream(c), "it is one still")
				assert.ErrorIs(t, c.RespondText("second"), app.ErrAnswered)
				return nil
			})
		})
		response := h.get("/text")
		assert.Equal(t, "text/plain; charset=UTF-8", response.Header.Get("Content-Type"))
		body, err := rest(response)
		assert.NoError(t, err)
		assert.Equal(t, "first", body)
		_, body = h.text(http.MethodGet, "/stream")
		assert.Equal(t, "data: hello\r\n\r\n", body)
	})
}

func TestClientGoneBeforeTheHead(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		returned := make(chan error, 1)
		entered := make(chan struct{})
		h := start(t, "HTTP/1.1", func(r *routing.Route) {
			r.Get("/events", func(c *app.Call) error {
				close(entered)
				<-c.Context().Done()
				err := sse.Respond(c, func(s *sse.Session) error {
					<-s.Context().Done()
					return context.Cause(s.Context())
				})
				returned <- err
				return err
			})
		})
		conn, _ := h.dial()
		_, err := io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: test\r\n\r\n")
		require.NoError(t, err)
		<-entered
		require.NoError(t, conn.Close())
		<-returned // nothing hangs, nothing is logged as an error
	})
}
