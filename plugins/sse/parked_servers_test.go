package sse_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// TestSomebodyElsesServerLeavesParkedStreams: the server does not know them any
// more, so that Shutdown does not wait for them, and Close does not cut them. It is
// the application's stop that ends them.
func TestSomebodyElsesServerLeavesParkedStreams(t *testing.T) {
	for name, end := range map[string]func(*http.Server) error{
		"Shutdown": func(s *http.Server) error { return s.Shutdown(context.Background()) },
		"Close":    (*http.Server).Close,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hub *sse.Hub
				h := startModule(t, "HTTP/1.1", news(&hub))
				response := h.get("/events?topic=a")
				settle()
				require.Equal(t, 1, h.sessions().Stats().Parked)
				began := time.Now()
				require.NoError(t, end(h.server))
				assert.Zero(t, time.Since(began))
				require.NoError(t, hub.Publish(t.Context(), "a", sse.Event{Data: "still there"}))
				settle()
				require.Equal(t, 1, h.sessions().Stats().Parked)
				assert.Zero(t, h.stop())
				text, err := rest(response)
				require.NoError(t, err)
				assert.Contains(t, text, "data: still there\r\n")
				assert.Zero(t, h.sessions().Stats().Open)
			})
		})
	}
}

// TestApplicationStopsOnShutdown: as the documentation says it is done.
func TestApplicationStopsOnShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		var h *host
		stopped := make(chan error, 1)
		h = startModule(t, "HTTP/1.1", news(&hub), func(s *http.Server) {
			s.RegisterOnShutdown(func() { stopped <- h.application.Stop(context.Background()) })
		})
		response := h.get("/events?topic=a")
		settle()
		require.Equal(t, 1, h.sessions().Stats().Parked)
		require.NoError(t, h.server.Shutdown(t.Context()))
		require.NoError(t, <-stopped)
		_, err := rest(response)
		require.NoError(t, err)
		assert.EqualValues(t, 1, h.sessions().Stats().Stopped)
	})
}

// TestPipelinedBytesOfAParkedStream: what a client sends behind its request is
// dropped. It does not hide that the client goes, nor does it become a reset in
// front of the last chunk.
func TestPipelinedBytesOfAParkedStream(t *testing.T) {
	for _, tr := range transports {
		for name, send := range map[string]func(t *testing.T, w *ward) *patient{
			"with the request": func(t *testing.T, w *ward) *patient {
				client := w.connect("HTTP/1.1\r\nHost: test\r\n\r\nGET /other HTTP/1.1")
				client.protocol = "HTTP/1.1"
				w.wait("parked", func() bool { return w.sessions.Stats().Parked == 1 })
				return client
			},
			"later": func(t *testing.T, w *ward) *patient {
				client := w.park("HTTP/1.1")
				_, err := io.WriteString(client.conn, "GET /other HTTP/1.1\r\nHost: test\r\n\r\n")
				assert.NoError(t, err)
				return client
			},
		} {
			t.Run(tr.name+"/"+name+"/closed", func(t *testing.T) {
				tr.run(t, func(t *testing.T) {
					w := tr.open(t, setting{})
					client := send(t, w)
					w.publish("hello")
					client.read("hello")
					w.session().Close()
					_, clean := client.rest()
					assert.True(t, clean)
					assert.Equal(t, sse.ErrClosed, <-w.ends)
				})
			})
			t.Run(tr.name+"/"+name+"/client gone", func(t *testing.T) {
				tr.run(t, func(t *testing.T) {
					w := tr.open(t, setting{})
					client := send(t, w)
					w.publish("hello")
					client.read("hello")
					sever(client.conn)
					assert.ErrorIs(t, <-w.ends, sse.ErrClientGone)
				})
			})
		}
	}
}

// TestContextTakenBeforeTheStream is that of the call, which does not end when the
// server ends its own (T2, T3).
func TestContextTakenBeforeTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		var before <-chan struct{}
		contexts := make(chan context.Context, 2)
		h := start(t, "HTTP/1.1", func(r *routing.Route) {
			hub = sse.NewHub(r.Application())
			r.SSE("/events", func(s *sse.Session) error {
				during := s.Call().Context()
				before = during.Done()
				derived, cancel := context.WithCancel(s.Context())
				s.OnEnd(func(error) { cancel() })
				contexts <- during
				contexts <- derived
				return hub.Join(s, "a")
			})
		})
		response := h.get("/events")
		elapse(time.Hour)
		during, derived := <-contexts, <-contexts
		require.Equal(t, 1, h.sessions().Stats().Parked)
		select {
		case <-before:
			require.Fail(t, "the context of the call has ended")
		default:
		}
		require.NoError(t, during.Err())
		require.NoError(t, derived.Err())
		require.NoError(t, response.Body.Close())
		settle()
		<-before
		require.ErrorIs(t, during.Err(), context.Canceled)
		require.ErrorIs(t, context.Cause(derived), sse.ErrClientGone)
		assert.Zero(t, h.sessions().Stats().Open)
	})
}
