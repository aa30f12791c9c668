package ratelimitredis_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	ratelimitredis "github.com/chitor-go/chitor/plugins/ratelimit/redis"
)

// server is a redis-server of the test's own.
type server struct {
	program, folder string
	options         []string
	process         *exec.Cmd
	ended           chan struct{} // closed when the process has ended
	admin           *redis.Client
}

// startServer starts a server that has no port: REDIS_SERVER, or the
// redis-server that is in PATH.
func startServer(t testing.TB) *server {
	t.Helper()
	s := newServer(t, "--port", "0")
	require.True(t, s.start(t))
	return s
}

func newServer(t testing.TB, options ...string) *server {
	t.Helper()
	program := os.Getenv("REDIS_SERVER")
	if program == "" {
		found, err := exec.LookPath("redis-server")
		require.NoError(t, err, "these tests need Redis 7: apt-get install redis-server, or name the program in REDIS_SERVER")
		program = found
	}
	// The name of a socket must be short, which that of t.TempDir is not.
	folder, err := os.MkdirTemp("", "redis") //nolint:usetesting // see above
	require.NoError(t, err)
	s := &server{program: program, folder: folder, options: options}
	s.admin = redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket(), MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() {
		s.kill(t)
		require.NoError(t, s.admin.Close())
		require.NoError(t, os.RemoveAll(folder))
	})
	return s
}

func (s *server) socket() string { return filepath.Join(s.folder, "socket") }
func (s *server) url() string    { return "unix://" + s.socket() }

// start starts the server, and returns when it can be used. It returns false if
// somebody else has a port of it.
func (s *server) start(t testing.TB) bool {
	t.Helper()
	logFile := filepath.Join(s.folder, "log")
	s.process = exec.Command(s.program, append([]string{
		"--unixsocket", s.socket(), "--dir", s.folder, "--save", "", "--appendonly", "no", "--logfile", logFile,
	}, s.options...)...)
	require.NoError(t, s.process.Start())
	ended := make(chan struct{})
	s.ended = ended
	go func(process *exec.Cmd) {
		_ = process.Wait() // says that it was killed
		close(ended)
	}(s.process)
	for began := time.Now(); ; {
		err := s.admin.Ping(t.Context()).Err()
		if err == nil {
			return true
		}
		log, _ := os.ReadFile(logFile)
		select {
		case <-ended:
			s.process = nil
			require.Contains(t, string(log), "Address already in use", "why redis-server has not started")
			return false
		case <-time.After(5 * time.Millisecond):
		}
		require.Less(t, time.Since(began), time.Minute, "redis-server does not start:\n%s", log)
	}
}

// kill does not let the server do anything first.
func (s *server) kill(t testing.TB) {
	t.Helper()
	if s.process != nil {
		require.NoError(t, s.process.Process.Kill())
		<-s.ended
		s.process = nil
	}
}

// node returns a store of its own on the server.
func (s *server) node(t testing.TB, configure ...func(*ratelimitredis.Config)) *ratelimitredis.Store {
	t.Helper()
	store, err := ratelimitredis.Open(s.url(), configure...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
	return store
}

// startCluster starts a cluster of one server, and returns a client of it.
func startCluster(t *testing.T) *redis.ClusterClient {
	t.Helper()
	for {
		if client := clusterAt(t, freePorts(t)); client != nil {
			return client
		}
	}
}

// freePorts returns two different ports that nobody listened to a moment ago.
func freePorts(t *testing.T) (ports [2]string) {
	t.Helper()
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer listener.Close() // when both are known, or the second may be the first
		_, ports[i], err = net.SplitHostPort(listener.Addr().String())
		require.NoError(t, err)
	}
	return ports
}

// clusterAt returns nil if somebody else has got a port.
func clusterAt(t *testing.T, ports [2]string) *redis.ClusterClient {
	t.Helper()
	s := newServer(t, "--port", ports[0], "--cluster-port", ports[1], "--cluster-enabled", "yes")
	if !s.start(t) {
		return nil
	}
	require.NoError(t, s.admin.ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:" + ports[0]}, ContextTimeoutEnabled: true})
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	require.Eventually(t, func() bool {
		return client.Set(t.Context(), "is it ready", "yes", 0).Err() == nil
	}, time.Minute, 10*time.Millisecond)
	return client
}
