package sseredis_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/redistest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/brokertest"
	sseredis "github.com/chitor-go/chitor/plugins/sse/redis"
)

// server is a redis-server of the test's own, which keeps what it is told.
type server struct {
	*redistest.Server

	admin *redis.Client
}

// startServer starts a server that has no port.
func startServer(t testing.TB) *server {
	t.Helper()
	s := redistest.New(t)
	s.Start(t)
	return administer(t, s)
}

// startListening starts a server that has a port, and one for its cluster.
func startListening(t testing.TB, options ...string) (s *server, port string) {
	t.Helper()
	listening, port := redistest.Listening(t, options...)
	return administer(t, listening), port
}

func administer(t testing.TB, s *redistest.Server) *server {
	t.Helper()
	admin := redis.NewClient(&redis.Options{Network: "unix", Addr: s.Socket(), MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() { require.NoError(t, admin.Close()) })
	return &server{s, admin}
}

func (s *server) restart(t testing.TB) {
	t.Helper()
	s.Kill(t)
	s.Start(t)
}

// lose makes the server forget what happens while during runs, as one has that
// takes over.
func (s *server) lose(t testing.TB, during func()) {
	t.Helper()
	kept := filepath.Join(filepath.Dir(s.Data()), "kept")
	require.NoError(t, os.CopyFS(kept, os.DirFS(s.Data())))
	during()
	s.Kill(t)
	require.NoError(t, os.RemoveAll(s.Data()))
	require.NoError(t, os.Rename(kept, s.Data()))
	s.Start(t)
}

func (s *server) trim(t testing.TB, keep int) {
	t.Helper()
	require.NoError(t, s.admin.XTrimMaxLen(t.Context(), "chitor:events", int64(keep)).Err())
}

func (s *server) forget(t testing.TB) {
	t.Helper()
	require.NoError(t, s.admin.FlushAll(t.Context()).Err())
}

// open returns a broker of its own on the server.
func (s *server) open(t testing.TB, configure ...func(*sseredis.Config)) *sseredis.Broker {
	t.Helper()
	broker, err := sseredis.Open(s.URL(), configure...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, broker.Close(context.Background())) })
	return broker
}

func (s *server) log() brokertest.Log {
	return brokertest.Log{
		Open:    func(t testing.TB) sse.Broker { return s.open(t) },
		Trim:    s.trim,
		Forget:  s.forget,
		Restart: s.restart,
		Lose:    s.lose,
	}
}
