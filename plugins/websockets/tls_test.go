package websockets_test

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/plugins/websockets"
)

// TestDeafClientsBelowTLS are cut off at once, wherever their buffers are full: TLS
// itself would wait for 5 s to say goodbye.
func TestDeafClientsBelowTLS(t *testing.T) {
	issued := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(issued.Close)
	roots := issued.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	opened := 0
	for size := 100; size < 400; size += 6 {
		synctest.Test(t, func(t *testing.T) {
			memory := memnet.Listen(memnet.Buffer(size))
			listener := tls.NewListener(engine.NewListener(memory, 0), &tls.Config{Certificates: issued.TLS.Certificates})
			var lasted time.Duration
			module := configured(func(c *websockets.Config) {
				c.PingPeriod, c.Timeout = 10*time.Second, 3*time.Second
			}, func(s *websockets.Session) error {
				s.OnEnd(func(error) { lasted = time.Since(s.Opened()) })
				return wait(s)
			})
			server := engine.EmbeddedServer(module, engine.Listener(listener), engine.Logger(slog.New(slog.DiscardHandler)))
			require.NoError(t, server.Start(t.Context()))
			for range 2 {
				conn, err := memory.Dial(t.Context())
				require.NoError(t, err)
				t.Cleanup(func() { _ = conn.Close() })
				client := tls.Client(conn, &tls.Config{RootCAs: roots, ServerName: "example.com"})
				_, err = io.WriteString(client, "GET / HTTP/1.1\r\n"+handshake+"\r\n")
				require.NoError(t, err)
				time.Sleep(9 * time.Second) // the first one is judged before the second
			}
			if sessions, _ := websockets.SessionsOf(server.Application()); sessions.Stats().Opened == 2 {
				opened++
				assert.Equal(t, 13*time.Second, lasted, "by a ping")
			}
			began := time.Now()
			require.NoError(t, server.Stop(context.Background()))
			elapsed(t, began, time.Second)
		})
	}
	assert.Greater(t, opened, 10)
}
