package http3_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/quic-go/quic-go"
	quichttp3 "github.com/quic-go/quic-go/http3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/engine/http3"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// streams serves an event stream with heartbeats that says goodbye, and tells why
// it ended.
func streams(ends chan<- error) app.Module {
	return func(a *app.Application) {
		a.Install(sse.Plugin.With(func(c *sse.Config) {
			c.LastEvent = func(*sse.Session, error) sse.Event { return sse.Event{Data: "goodbye"} }
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/", func(s *sse.Session) error {
				if err := s.SendText("first"); err != nil {
					return err
				}
				s.Heartbeat(func(h *sse.HeartbeatConfig) {
					h.Period = 10 * time.Millisecond
					h.Event = sse.Event{Data: "beat"}
				})
				<-s.Context().Done()
				ends <- context.Cause(s.Context())
				return nil
			})
		})
	}
}

func open(ctx context.Context, t *testing.T, client *http.Client, server *engine.Server) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url(server, "/"), nil)
	require.NoError(t, err)
	response, err := client.Do(request)
	require.NoError(t, err)
	return response
}

func data(events []sse.Event) (texts []string) {
	for _, event := range events {
		texts = append(texts, event.Data)
	}
	return texts
}

func TestStreamUntilItsClientLeaves(t *testing.T) {
	ends := make(chan error, 1)
	server := start(t, streams(ends), http3.Transport())
	ctx, leave := context.WithCancel(t.Context())
	response := open(ctx, t, dial(t), server)
	assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	assert.Empty(t, response.Header.Values("Alt-Svc"))
	assert.Equal(t, []string{"first", "beat", "beat", "beat"}, data(ssetest.Take(t, response.Body, 4)))
	leave()
	require.ErrorIs(t, <-ends, sse.ErrClientGone)
}

func TestStreamIsAnnouncedOnceElsewhere(t *testing.T) {
	ends := make(chan error, 1)
	server := start(t, streams(ends), http3.Transport(func(c *http3.Config) { c.Port, c.MaxAge = 443, time.Hour }))
	older := &http.Transport{TLSClientConfig: trusting()}
	t.Cleanup(older.CloseIdleConnections)
	response := open(t.Context(), t, &http.Client{Transport: older}, server)
	assert.Equal(t, []string{`h3=":443"; ma=3600`}, response.Header.Values("Alt-Svc"))
	require.Equal(t, []string{"first"}, data(ssetest.Take(t, response.Body, 1)))
	require.NoError(t, response.Body.Close())
	<-ends
}

func TestStopEndsAStreamWithItsLastWords(t *testing.T) {
	ends := make(chan error, 1)
	server := start(t, streams(ends), http3.Transport())
	client := dial(t)
	response := open(t.Context(), t, client, server)
	require.Equal(t, []string{"first", "beat"}, data(ssetest.Take(t, response.Body, 2)))
	stopped := make(chan error, 1)
	go func() { stopped <- server.Stop(context.Background()) }()
	var last string
	for event := range ssetest.Events(t, response.Body) { // fails if the stream breaks off
		last = event.Data
	}
	assert.Equal(t, "goodbye", last)
	require.ErrorIs(t, <-ends, sse.ErrStopping)
	require.NoError(t, <-stopped)
	_, err := net.DialTimeout("tcp", server.Addrs()[0].String(), time.Second)
	require.Error(t, err)
}

// A client whose machine is gone says nothing.
func TestStreamUntilItsClientVanishes(t *testing.T) {
	ends := make(chan error, 1)
	server := start(t, streams(ends), http3.Transport(func(c *http3.Config) {
		c.QUIC = func(q *quic.Config) { q.MaxIdleTimeout, q.KeepAlivePeriod = 300*time.Millisecond, 100*time.Millisecond }
	}))
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	under := &quic.Transport{Conn: socket}
	client := &quichttp3.Transport{TLSClientConfig: trusting(), Dial: func(ctx context.Context, addr string, tlsConfig *tls.Config, config *quic.Config) (*quic.Conn, error) {
		to, err := net.ResolveUDPAddr("udp", addr)
		if err != nil {
			return nil, err
		}
		return under.DialEarly(ctx, to, tlsConfig, config)
	}}
	t.Cleanup(func() { _, _ = client.Close(), under.Close() })
	response := open(t.Context(), t, &http.Client{Transport: client}, server)
	require.Equal(t, []string{"first"}, data(ssetest.Take(t, response.Body, 1)))
	require.NoError(t, socket.Close())
	require.ErrorIs(t, <-ends, sse.ErrClientGone)
}

// A client that does not read is cut off, and holds up no stop.
func TestWriteTimeout(t *testing.T) {
	ends := make(chan error, 2)
	server := start(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		a.Configure(func(c *app.Config) { c.WriteTimeout = 200 * time.Millisecond })
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/", func(s *sse.Session) error {
				text := strings.Repeat("x", 256<<10)
				for {
					if err := s.SendText(text); err != nil {
						ends <- context.Cause(s.Context())
						return err
					}
				}
			})
		})
	}, http3.Transport())
	response := open(t.Context(), t, dial(t), server)
	defer func() { _ = response.Body.Close() }()
	require.ErrorIs(t, <-ends, sse.ErrWriteTimeout)
}

// What runs when the server stops is answered, and what comes then is refused.
func TestStopAnswersWhatRuns(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	server := start(t, func(a *app.Application) {
		a.OnStopPreparing(func() { close(release) })
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				close(arrived)
				<-release
				return c.RespondText(strings.Repeat("x", 1<<20))
			})
		})
	}, http3.Transport())
	client := dial(t)
	answers := make(chan string, 1)
	go func() {
		defer close(answers)
		response, err := client.Get(url(server, "/"))
		if !assert.NoError(t, err) {
			return
		}
		text, err := io.ReadAll(response.Body)
		assert.NoError(t, err)
		answers <- string(text)
	}()
	<-arrived
	require.NoError(t, server.Stop(t.Context()))
	assert.Len(t, <-answers, 1<<20)
}

func TestClientCertificates(t *testing.T) {
	// Without one the handshake fails; which one it is, the handler sees.
	const stores = "../../internal/keystore/testdata/"
	server := engine.EmbeddedServer(module(func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText(c.Request.TLS.PeerCertificates[0].Subject.CommonName) })
	}), quiet, http3.Transport(), engine.TLSConnector("127.0.0.1", 0,
		engine.KeyStore(stores+"openssl.p12", "changeit"), engine.ClientCertificates(stores+"ca.pem", "")))
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	_, err := dial(t).Get(url(server, "/"))
	require.Error(t, err)

	store, err := clientCertificate(stores + "openssl.p12")
	require.NoError(t, err)
	config := trusting()
	config.Certificates = []tls.Certificate{store}
	transport := &quichttp3.Transport{TLSClientConfig: config}
	t.Cleanup(func() { _ = transport.Close() })
	response, err := (&http.Client{Transport: transport}).Get(url(server, "/"))
	require.NoError(t, err)
	assert.Equal(t, "ec", apptest.Text(t, response))
}
