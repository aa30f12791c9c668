package app_test

import (
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestAGoroutineThatEndsEndsNothingElse: over HTTP/1.1 the connection is closed
// behind the answer, since the server serves no more on it; over HTTP/2 the
// stream ends, and the connection goes on.
func TestAGoroutineThatEndsEndsNothingElse(t *testing.T) {
	t.Parallel()
	for name, option := range map[string]func(*http.Server){"HTTP/1.1": func(*http.Server) {}, "HTTP/2.0": http2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				logs := &logbook{}
				var sent atomic.Int32
				client := serve(t, start(t, logs.module, func(a *app.Application) {
					a.Install(onSent("Sent", func(*app.Call) { sent.Add(1) }))
				}, answering(func(c *app.Call) error {
					if c.Request.URL.Path == "/exit" {
						runtime.Goexit()
					}
					return c.RespondText("fine")
				})), option)
				for calls := range int32(3) {
					response, err := client.Get("http://test/exit")
					if err == nil {
						assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
						// Over HTTP/2 the end may be a reset.
						_, _ = io.Copy(io.Discard, response.Body)
						require.NoError(t, response.Body.Close())
					}
					assert.Equal(t, "fine", body(t, fetch(t, client, "/")))
					synctest.Wait()
					assert.Equal(t, 2*calls+2, sent.Load())
				}
				assert.Len(t, logs.at(slog.LevelError), 3)
			})
		})
	}
}
