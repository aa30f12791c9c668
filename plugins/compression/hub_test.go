package compression_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// startHub serves a hub's news at /news, encoded.
func startHub(
	t *testing.T, streams func(*compression.EventStreamConfig), options ...apptest.Option,
) (host *host, hub *sse.Hub) {
	t.Helper()
	host = startModule(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		a.Install(withStreams(streams))
		hub = sse.NewHub(a, func(c *sse.HubConfig) { c.LogEvents = 20 })
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
		})
	}, options...)
	return host, hub
}

// Events of a hub arrive at once, encoded as they are, and those of a burst in
// order; a client that comes back gets what it has missed.
func TestHubOfEncodedStreams(t *testing.T) {
	for coding, configure := range map[string]func(*compression.EventStreamConfig){
		"zstd": streamZstd, "gzip": streamGzip, "deflate": streamDeflate,
	} {
		apptest.Run(t, func(t *testing.T, mode apptest.Option) {
			bubble(t, coding, func(t *testing.T) {
				host, hub := startHub(t, configure, mode)
				publish := func(data string) {
					require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: data}))
				}
				id := ""
				open := func() (next func() string, response *http.Response) {
					response = host.open(http.MethodGet, "/news", "Accept-Encoding", coding, "Last-Event-ID", id)
					require.Equal(t, coding, response.Header.Get("Content-Encoding"))
					synctest.Wait()
					reader := sse.NewReader(decoder(t, coding, response.Body))
					events, stop := iter.Pull2(reader.All())
					t.Cleanup(stop)
					return func() string {
						event, err, ok := events()
						require.NoError(t, err)
						require.True(t, ok)
						id = event.ID
						return event.Data
					}, response
				}
				began := time.Now()
				next, response := open()
				for i := range 3 {
					publish(fmt.Sprint(i))
					assert.Equal(t, fmt.Sprint(i), next(), "it has come before there is another")
				}
				for i := range 200 {
					publish(fmt.Sprint("of a burst ", i))
				}
				for i := range 200 {
					assert.Equal(t, fmt.Sprint("of a burst ", i), next())
				}
				require.NoError(t, response.Body.Close())
				synctest.Wait()
				publish("meanwhile")
				next, _ = open()
				publish("and on")
				assert.Equal(t, "meanwhile", next())
				assert.Equal(t, "and on", next())
				assert.Zero(t, time.Since(began))
			})
		})
	}
}

// A client that does not read is let go through the encoder, whose place is free
// then.
func TestHubCutsEncodedStreams(t *testing.T) {
	for coding, configure := range map[string]func(*compression.EventStreamConfig){
		"zstd": streamZstd, "gzip": streamGzip,
	} {
		bubble(t, coding, func(t *testing.T) {
			one := func(e *compression.EventStreamConfig) {
				configure(e)
				e.MaxEncoders = 1
			}
			host, hub := startHub(t, one, apptest.Buffer(4<<10))
			deaf := host.served.Dial()
			_, err := io.WriteString(deaf, "GET /news HTTP/1.1\r\nHost: test\r\nAccept-Encoding: "+coding+"\r\n\r\n")
			require.NoError(t, err)
			synctest.Wait()
			random := rand.NewChaCha8([32]byte{})
			began := time.Now()
			for range 200 {
				noise := make([]byte, 1<<10)
				_, _ = random.Read(noise)
				require.NoError(t, hub.Publish(t.Context(), "news", sse.Event{Data: base64.StdEncoding.EncodeToString(noise)}))
			}
			assert.Equal(t, time.Second, time.Since(began), "StallLimit")
			assert.Equal(t, uint64(1), hub.Stats().Lagged)
			synctest.Wait()
			response := host.open(http.MethodGet, "/news", "Accept-Encoding", coding)
			assert.Equal(t, coding, response.Header.Get("Content-Encoding"))
			require.NoError(t, deaf.Close())
		})
	}
}
