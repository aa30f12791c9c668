package sse_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/klauspost/compress/gzhttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// Streams in surroundings that are not theirs: somebody else's server, and what
// proxies ask of one.

func TestTimeoutsOfSomebodyElsesServer(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := startModule(t, protocol, func(a *app.Application) {
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error {
					for range 3 {
						if err := s.Delay(time.Minute); err != nil {
							return err
						}
						if err := s.SendText("hello"); err != nil {
							return err
						}
					}
					return s.Delay(time.Minute)
				})
			})
		}, func(server *http.Server) {
			server.ReadHeaderTimeout, server.ReadTimeout = time.Second, time.Second
			server.WriteTimeout, server.IdleTimeout = time.Second, time.Second
		})
		assert.Equal(t, []string{"1m0s hello", "2m0s hello", "3m0s hello", "4m0s end"}, timeline(t, h.get("/events")))
	})
}

// A proxy that speaks HTTP/1.0 or closes its connections, as nginx does by
// default, is neither taken for gone nor missed when it is.
func TestRequestsOfProxies(t *testing.T) {
	for name, head := range map[string][]string{
		"HTTP/1.0":            {"GET /events HTTP/1.0"},
		"HTTP/1.0 and close":  {"GET /events HTTP/1.0", "Host: test", "Connection: close"},
		"HTTP/1.1 and close":  {"GET /events HTTP/1.1", "Host: test", "Connection: close"},
		"an empty body":       {"GET /events HTTP/1.1", "Host: test", "Content-Length: 0"},
		"HTTP/1.0 keep-alive": {"GET /events HTTP/1.0", "Host: test", "Connection: keep-alive"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				ends := make(chan ended, 1)
				h := start(t, "HTTP/1.1", func(r *routing.Route) {
					r.SSE("/events", func(s *sse.Session) error {
						if err := s.Delay(time.Minute); err != nil {
							return err
						}
						err := untilItEnds(ends)(s)
						assert.ErrorIs(t, context.Cause(s.Context()), sse.ErrClientGone)
						return err
					})
				})
				conn, _ := h.dial()
				request(t, conn, head...)
				assert.Contains(t, arrived(t, conn), "Content-Type: text/event-stream\r\n")
				elapse(time.Hour)
				assert.Contains(t, arrived(t, conn), "data: hello\r\n\r\n")
				require.NoError(t, conn.Close())
				assert.Equal(t, time.Hour-time.Minute, (<-ends).after.Truncate(time.Second))
			})
		})
	}
}

// net/http stops watching a connection on which more than the request has come:
// who sends that and leaves is found by a beat, and by MaxAge.
func TestClientThatSendsMoreThanItsRequest(t *testing.T) {
	for name, configure := range map[string]func(*sse.Config){
		"heartbeat": func(c *sse.Config) { c.Heartbeat() },
		"age":       func(c *sse.Config) { c.MaxAge = time.Minute },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				ends := make(chan ended, 1)
				h := startWith(t, "HTTP/1.1", configure, func(r *routing.Route) { r.SSE("/events", untilItEnds(ends)) })
				conn, _ := h.dial()
				request(t, conn, "GET /events HTTP/1.1", "Host: test")
				request(t, conn, "GET /events HTTP/1.1", "Host: test")
				elapse(time.Second)
				require.NoError(t, conn.Close())
				assert.LessOrEqual(t, (<-ends).after, time.Minute)
				settle()
				assert.Zero(t, h.sessions().Stats().Open)
			})
		})
	}
}

// Deadlines are set below a middleware whose writer hides them.
func TestDeafClientBehindAnOldMiddleware(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		ends := make(chan ended, 1)
		h := start(t, protocol, func(r *routing.Route) {
			r.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					next.ServeHTTP(flusher{stubborn{flushing{w}}}, r)
				})
			})
			r.SSE("/events", stuck(ends))
		})
		h.get("/events")
		end := <-ends
		assert.Equal(t, sse.ErrWriteTimeout, end.cause)
		assert.Equal(t, 30*time.Second, end.after)
	})
}

// A middleware that looks for http.Flusher finds none, and says nothing of it:
// what is flushed gets through all the same.
func TestMiddlewaresThatCompress(t *testing.T) {
	always, err := gzhttp.NewWrapper()
	require.NoError(t, err)
	for name, compress := range map[string]func(http.Handler) http.Handler{
		"chi":                  middleware.Compress(5), // leaves event streams as they are
		"chi, event streams":   middleware.Compress(5, "text/*"),
		"gzhttp":               func(next http.Handler) http.Handler { return always(next) },
		"gzhttp, and a logger": func(next http.Handler) http.Handler { return middleware.RequestLogger(silent{})(always(next)) },
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, func(r *routing.Route) {
					r.Use(compress)
					r.SSE("/events", func(s *sse.Session) error {
						s.Heartbeat()
						for range 3 {
							if err := s.Delay(time.Minute); err != nil {
								return err
							}
							if err := s.SendText("hello"); err != nil {
								return err
							}
						}
						return s.Delay(time.Second)
					})
				})
				response := h.get("/events", "Accept-Encoding", "gzip")
				if response.Header.Get("Content-Encoding") == "gzip" {
					body, err := gzip.NewReader(response.Body)
					require.NoError(t, err)
					response.Body = io.NopCloser(body)
				}
				var heard []string
				for _, line := range timeline(t, response) {
					if !strings.HasSuffix(line, " heartbeat") {
						heard = append(heard, line)
					}
				}
				assert.Equal(t, []string{"1m0s hello", "2m0s hello", "3m0s hello", "3m1s end"}, heard)
			})
		})
	}
}

// silent logs nothing.
type silent struct{}

func (silent) NewLogEntry(*http.Request) middleware.LogEntry { return silent{} }

func (silent) Write(int, int, http.Header, time.Duration, any) {}

func (silent) Panic(any, []byte) {}

// A client that announces a body and falls silent takes no place among the
// sessions, and none but its own time.
func TestClientWhoseBodyDoesNotCome(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ends := make(chan ended, 1)
		h := startWith(t, "HTTP/1.1", func(c *sse.Config) { c.MaxSessions = 1 }, func(r *routing.Route) { r.SSE("/events", untilItEnds(ends)) })
		silent, _ := h.dial()
		request(t, silent, "GET /events HTTP/1.1", "Host: test", "Content-Length: 10")
		elapse(time.Second)
		assert.Equal(t, http.StatusOK, h.get("/events").StatusCode)
		elapse(time.Minute)
		assert.Contains(t, arrived(t, silent), "HTTP/1.1 408 Request Timeout\r\n")
		assert.Equal(t, 1, h.sessions().Stats().Open)
	})
}
