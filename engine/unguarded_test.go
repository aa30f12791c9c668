package engine_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
)

// What net/http writes by itself has no deadline: a client that has left no room
// for it, with the response before it, must not keep the connection.
func TestWhatTheServerWritesByItselfIsNotWaitedForLonger(t *testing.T) {
	const get = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
	for name, after := range map[string]string{
		"400":          "what is this\r\n\r\n",
		"417":          "GET / HTTP/1.1\r\nHost: localhost\r\nExpect: the worst\r\n\r\n",
		"431":          "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + strings.Repeat("x", 70<<10) + "\r\n\r\n",
		"501":          "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: fancy\r\n\r\n",
		"100 Continue": "POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				closed := make(chan time.Time, 1)
				_, listener := start(t, answer(func(c *app.Call) error {
					if _, err := io.Copy(io.Discard, c.Request.Body); err != nil {
						return err
					}
					// With its head it is no less than there is room for.
					return c.RespondText(strings.Repeat("x", 1024-100))
				}), engine.HTTPServer(func(h *http.Server) {
					h.ConnState = func(_ net.Conn, state http.ConnState) {
						if state == http.StateClosed {
							closed <- time.Now()
						}
					}
				}))
				conn := dial(t, listener)
				began := time.Now()
				go func() { _, _ = io.WriteString(conn, get+after) }()
				head := make([]byte, 30) // which makes room for a part of the end
				time.Sleep(time.Second)
				_, err := io.ReadFull(conn, head)
				require.NoError(t, err)
				select {
				case at := <-closed:
					assert.LessOrEqual(t, at.Sub(began), 2*time.Minute)
				case <-time.After(time.Hour):
					assert.Fail(t, "the connection is open")
				}
			})
		})
	}
}
