package sse_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// Requests with a body that is not read before the stream.

// The rest of a body has one time in all, however the client portions it, and
// takes no place among the sessions; where none is left nobody waits for it.
func TestBodyThatTricklesBeforeAStream(t *testing.T) {
	for name, test := range map[string]struct {
		configure func(*sse.Config)
		path      string
		before    int           // streams that are open already
		after     time.Duration // that the call is over
		want      string        // the status line
	}{
		"it is late":                     {func(*sse.Config) {}, "/events", 0, time.Minute, "HTTP/1.1 408 Request Timeout\r\n"},
		"after the call was begun":       {func(*sse.Config) {}, "/answer", 0, time.Minute, "HTTP/1.1 408 Request Timeout\r\n"},
		"as many are open as may be":     {func(c *sse.Config) { c.MaxSessions = 1 }, "/events", 1, 0, "HTTP/1.1 503 Service Unavailable\r\n"},
		"as many of this client's are":   {func(c *sse.Config) { c.MaxSessionsPerKey = 1 }, "/events", 1, 0, "HTTP/1.1 429 Too Many Requests\r\n"},
		"one that waits takes no place":  {func(c *sse.Config) { c.MaxSessions = 1 }, "/events", 0, time.Minute, "HTTP/1.1 408 Request Timeout\r\n"},
		"nor one of those of its client": {func(c *sse.Config) { c.MaxSessionsPerKey = 1 }, "/events", 0, time.Minute, "HTTP/1.1 408 Request Timeout\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				served := make(chan time.Time, 1)
				h := startWith(t, "HTTP/1.1", test.configure, func(r *routing.Route) {
					hold := func(s *sse.Session) error { return s.Delay(time.Hour) }
					r.SSE("/events", hold)
					r.Post("/answer", func(c *app.Call) error { return sse.Respond(c, hold) })
					r.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
						return func(c *app.Call) error {
							err := next(c)
							if c.Request.ContentLength > 0 {
								served <- time.Now()
							}
							return err
						}
					})
				})
				for range test.before {
					h.get("/events")
				}
				client, _ := h.dial()
				began := time.Now()
				method := map[string]string{"/events": "GET", "/answer": "POST"}[test.path]
				request(t, client, method+" "+test.path+" HTTP/1.1", "Host: test", "Content-Length: 100000")
				for range 10 {
					elapse(10 * time.Second)
					_, _ = io.WriteString(client, "x")
				}
				elapse(time.Minute)
				assert.Contains(t, arrived(t, client), test.want)
				assert.InDelta(t, test.after.Seconds(), (<-served).Sub(began).Seconds(), 0.1)
				assert.Equal(t, test.before, h.sessions().Stats().Open)
				if test.before == 0 {
					assert.Equal(t, http.StatusOK, h.get("/events").StatusCode)
				}
			})
		})
	}
}

// A body that breaks the rules ends the call before the stream begins.
func TestBrokenBodyBeforeAStream(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := start(t, "HTTP/1.1", func(r *routing.Route) { r.SSE("/events", sendsHello) })
		client, _ := h.dial()
		request(t, client, "GET /events HTTP/1.1", "Host: test", "Transfer-Encoding: chunked", "", "zz")
		assert.Contains(t, arrived(t, client), "HTTP/1.1 400 Bad Request\r\n")
	})
}

func sendsHello(s *sse.Session) error { return s.SendText("hello") }

// With full duplex a stream begins at once, and answers what it reads. HTTP/2
// has it anyway.
func TestFullDuplexStreamBeginsBeforeTheBody(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.Use(func(next http.Handler) http.Handler { return next })
			r.Post("/events", func(c *app.Call) error {
				if err := http.NewResponseController(c.Writer()).EnableFullDuplex(); err != nil {
					return err
				}
				return sse.Respond(c, func(s *sse.Session) error {
					piece := make([]byte, 10)
					for {
						n, err := c.Request.Body.Read(piece)
						if n > 0 {
							if err := s.SendText(string(piece[:n])); err != nil {
								return err
							}
						}
						if errors.Is(err, io.EOF) {
							return nil
						}
						if err != nil {
							return err
						}
					}
				})
			})
		})
		body, client := io.Pipe()
		began := time.Now()
		response := h.open(http.MethodPost, "/events", body)
		assert.Equal(t, patience, time.Since(began), "the head does not wait for the body")
		event := make([]byte, len("data: 0\r\n\r\n"))
		for _, piece := range []string{"0", "1", "2"} {
			elapse(30 * time.Second)
			_, err := io.WriteString(client, piece)
			require.NoError(t, err)
			_, err = io.ReadFull(response.Body, event)
			require.NoError(t, err)
			assert.Equal(t, "data: "+piece+"\r\n\r\n", string(event))
		}
		require.NoError(t, client.Close())
		_, err := rest(response)
		require.NoError(t, err)
	})
}
