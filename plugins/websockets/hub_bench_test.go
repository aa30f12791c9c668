package websockets_test

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

// BenchmarkHub is an event that 100 clients receive over loopback, and what that
// costs both ends, flat out.
func BenchmarkHub(b *testing.B) {
	const clients = 100
	upgrade := "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
	for name, test := range map[string]struct{ path, header string }{
		"streams":            {"/stream", ""},
		"WebSockets":         {"/text", upgrade},
		"WebSockets in JSON": {"/json", upgrade},
	} {
		b.Run(name, func(b *testing.B) {
			var hub *sse.Hub
			var joined sync.WaitGroup
			joined.Add(clients)
			receive := func(s *websockets.Session) error {
				defer joined.Done()
				if err := hub.Join(s, "news"); err != nil {
					return err
				}
				s.Go(func(ctx context.Context) error { <-ctx.Done(); return nil })
				return nil
			}
			host := apptest.Start(b, func(a *app.Application) {
				a.Install(sse.Plugin)
				a.Install(websockets.Plugin)
				// The log is small, so that publishing waits for the clients.
				hub = sse.NewHub(a, func(c *sse.HubConfig) {
					c.LogEvents, c.StallLimit, c.LagLimit = 64, 0, 0
				})
				routing.Routes(a, func(r *routing.Route) {
					websockets.Handle(r, "/text", receive)
					websockets.Handle(r, "/json", receive, websockets.Events(websockets.JSONEvents()))
					r.SSE("/stream", func(s *sse.Session) error {
						defer joined.Done()
						return hub.Join(s, "news")
					})
				})
			}, apptest.Loopback())
			var reading sync.WaitGroup
			for range clients {
				conn := host.Dial()
				_, err := io.WriteString(conn, "GET "+test.path+" HTTP/1.1\r\nHost: test\r\n"+test.header+"\r\n")
				require.NoError(b, err)
				reading.Go(func() { _, _ = io.Copy(io.Discard, conn) })
				b.Cleanup(func() { _ = conn.Close() })
			}
			joined.Wait()
			event := sse.Event{Data: strings.Repeat("x", 100)}
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, hub.Publish(b.Context(), "news", event))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(clients*b.N), "ns/delivery")
			host.Stop()
			reading.Wait()
		})
	}
}
