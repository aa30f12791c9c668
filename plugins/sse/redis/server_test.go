package sseredis_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/brokertest"
	sseredis "github.com/chitor-go/chitor/plugins/sse/redis"
)

// server is a redis-server of the test's own, which keeps what it is told.
type server struct {
	program, folder string
	options         []string
	process         *exec.Cmd
	ended           chan struct{} // closed when the process has ended
	admin           *redis.Client
}

// startServer starts a server that has no port.
func startServer(t testing.TB) *server {
	t.Helper()
	s := newServer(t)
	s.start(t)
	return s
}

// newServer is REDIS_SERVER, or the redis-server that is in PATH.
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
	t.Cleanup(func() {
		s.kill(t)
		require.NoError(t, s.admin.Close())
		// A process that the server has forked may write for a moment longer.
		require.Eventually(t, func() bool { return os.RemoveAll(folder) == nil }, time.Minute, 10*time.Millisecond)
	})
	s.admin = redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket(), MaxRetries: -1, DialerRetries: 1})
	return s
}

func (s *server) socket() string { return filepath.Join(s.folder, "socket") }
func (s *server) data() string   { return filepath.Join(s.folder, "data") }
func (s *server) url() string    { return "unix://" + s.socket() }

func (s *server) start(t testing.TB) {
	t.Helper()
	require.True(t, s.begin(t), "somebody else has a port of the server")
}

// begin starts the server, and returns when it can be used. It returns false if
// somebody else has a port of it.
func (s *server) begin(t testing.TB) bool {
	t.Helper()
	require.NoError(t, os.MkdirAll(s.data(), 0o700))
	logFile := filepath.Join(s.folder, "log")
	s.process = exec.Command(s.program, append([]string{
		"--port", "0", "--unixsocket", s.socket(), "--dir", s.data(), "--save", "",
		"--appendonly", "yes", "--appendfsync", "always", "--logfile", logFile,
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
		select {
		case <-ended:
			s.process = nil
			log, err := os.ReadFile(logFile)
			require.NoError(t, err)
			require.Contains(t, string(log), "Address already in use", "why redis-server has not started")
			return false
		case <-time.After(5 * time.Millisecond):
		}
		if time.Since(began) > time.Minute {
			log, _ := os.ReadFile(logFile)
			require.NoError(t, err, "redis-server does not start:\n%s", log)
		}
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

func (s *server) restart(t testing.TB) {
	t.Helper()
	s.kill(t)
	s.start(t)
}

// lose makes the server forget what happens while during runs, as one has that
// takes over.
func (s *server) lose(t testing.TB, during func()) {
	t.Helper()
	kept := filepath.Join(s.folder, "kept")
	require.NoError(t, os.CopyFS(kept, os.DirFS(s.data())))
	during()
	s.kill(t)
	require.NoError(t, os.RemoveAll(s.data()))
	require.NoError(t, os.Rename(kept, s.data()))
	s.start(t)
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
	broker, err := sseredis.Open(s.url(), configure...)
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
