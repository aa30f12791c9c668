package hostile_test

import (
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/routing"
)

// A site is a server that is attacked, on a network in memory.
type site struct {
	*engine.Server

	t       *testing.T
	network *memnet.Listener
	secure  *tls.Config // of its clients; nil without TLS

	mu            sync.Mutex   // orders beginnings
	running, most atomic.Int64 // handlers, but for those of /
}

// large is the length of what /large answers.
const large = 300 << 10

func (s *site) module(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/", func(c *app.Call) error { return c.RespondText("hello") })
		r.Get("/wait", s.counted(func(c *app.Call) error {
			<-c.Context().Done()
			return c.Context().Err()
		}))
		r.Get("/slow", s.counted(func(c *app.Call) error { // whatever its client does
			time.Sleep(time.Second)
			return c.RespondText("at last")
		}))
		r.Get("/large", s.counted(func(c *app.Call) error {
			_, err := io.WriteString(c.Writer(), strings.Repeat("x", large))
			return err
		}))
		r.Post("/read", s.counted(func(c *app.Call) error {
			text, err := c.ReceiveText()
			if err != nil {
				return err
			}
			return c.RespondText(text)
		}))
		r.Post("/ignore", s.counted(func(c *app.Call) error { return c.RespondText("no need") }))
	})
}

func (s *site) counted(handler app.Handler) app.Handler {
	return func(c *app.Call) error {
		s.begin()
		defer s.running.Add(-1)
		return handler(c)
	}
}

func (s *site) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.most.Store(max(s.most.Load(), s.running.Add(1)))
}

// attack runs a test against a server in a bubble of fake time, over each
// transport. Whatever the test does, the server serves others, and what it held
// for the attacker is free when the connections are closed: goroutines, which
// the bubble waits for, and memory.
func attack(t *testing.T, run func(t *testing.T, s *site)) {
	t.Helper()
	issued := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(issued.Close)
	roots := issued.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	for name, secure := range map[string]*tls.Config{
		"cleartext": nil,
		"TLS":       {RootCAs: roots, ServerName: "example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, warmUp)
			before := heap()
			synctest.Test(t, func(t *testing.T) {
				s := &site{t: t, network: memnet.Listen(), secure: secure}
				s.start(issued.TLS.Certificates)
				run(t, s)
				s.expectHonestClientsAreServed()
				s.end()
			})
			assert.Less(t, heap(), before+1<<20, "bytes on the heap, before and after")
		})
	}
}

// start serves, over TLS if the clients speak it.
func (s *site) start(certificates []tls.Certificate) {
	s.t.Helper()
	var listener net.Listener = s.network
	if s.secure != nil {
		listener = tls.NewListener(engine.NewListener(s.network, 30*time.Second),
			&tls.Config{Certificates: certificates, NextProtos: []string{"h2", "http/1.1"}})
	}
	s.Server = engine.EmbeddedServer(s.module, engine.Listener(listener), engine.HTTP2Cleartext(),
		engine.Logger(slog.New(slog.DiscardHandler)))
	require.NoError(s.t, s.Start(s.t.Context()))
}

// end closes the connections of the attackers, who do not say goodbye, and stops
// the server. Nothing of them is left by then.
func (s *site) end() {
	s.t.Helper()
	synctest.Wait()
	assert.Zero(s.t, s.running.Load(), "handlers")
	stats := s.Stats()
	assert.Zero(s.t, stats.New+stats.Active+stats.Idle+stats.Hijacked, "connections: %+v", stats)
	require.NoError(s.t, s.Stop(context.Background()))
}

// dial returns a connection, over TLS if the site speaks it, for the protocols.
func (s *site) dial(protocols ...string) net.Conn {
	s.t.Helper()
	conn, err := s.network.Dial(s.t.Context())
	require.NoError(s.t, err)
	s.t.Cleanup(func() { _ = conn.Close() })
	if s.secure == nil {
		return conn
	}
	config := s.secure.Clone()
	config.NextProtos = protocols
	secure := tls.Client(conn, config)
	require.NoError(s.t, secure.Handshake())
	return secure
}

// expectHonestClientsAreServed asks once over each version of HTTP.
func (s *site) expectHonestClientsAreServed() {
	s.t.Helper()
	for _, version := range []int{1, 2} {
		transport := &http.Transport{
			DialContext: s.network.DialContext, Protocols: new(http.Protocols), DisableKeepAlives: true,
		}
		address := "http://example.com/"
		if s.secure != nil {
			transport.TLSClientConfig, address = s.secure.Clone(), "https://example.com/"
		}
		transport.Protocols.SetHTTP1(version == 1)
		transport.Protocols.SetHTTP2(version == 2)
		transport.Protocols.SetUnencryptedHTTP2(version == 2)
		client := &http.Client{Transport: transport}
		response, err := client.Get(address)
		require.NoError(s.t, err)
		assert.Equal(s.t, http.StatusOK, response.StatusCode)
		assert.Equal(s.t, version, response.ProtoMajor)
		text, err := io.ReadAll(response.Body)
		require.NoError(s.t, err)
		assert.Equal(s.t, "hello", string(text))
		require.NoError(s.t, response.Body.Close())
		transport.CloseIdleConnections()
	}
}

// warmUp lets a server and a client fill what the process keeps for good, such
// as pools.
func warmUp(t *testing.T) {
	t.Helper()
	s := &site{t: t, network: memnet.Listen()}
	s.start(nil)
	s.expectHonestClientsAreServed()
	require.NoError(t, s.Stop(context.Background()))
}

// heap returns how many bytes are in use when all that can be is free. Pools let
// go in the second collection.
func heap() uint64 {
	for range 3 {
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
