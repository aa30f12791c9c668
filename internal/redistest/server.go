package redistest

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A Server is a redis-server of the test's own. It listens at a socket, and at no
// port unless an option says so, and keeps what it is told. One goroutine uses it
// at a time.
type Server struct {
	program, folder string
	options         []string
	process         *exec.Cmd     // nil while it does not run
	ended           chan struct{} // closed when the process has ended
}

// New returns a server that does not run yet, with further options of
// redis-server. The program is the one that the environment variable REDIS_SERVER
// names, or the redis-server in PATH; without any the test fails. When the test
// ends, the server is killed and its files are removed.
func New(t testing.TB, options ...string) *Server {
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
	s := &Server{program: program, folder: folder, options: options}
	t.Cleanup(func() {
		s.Kill(t)
		// A process that the server has forked may write for a moment longer.
		require.Eventually(t, func() bool { return os.RemoveAll(folder) == nil }, time.Minute, 10*time.Millisecond)
	})
	return s
}

// Listening starts a server that also has a port of 127.0.0.1, and one for its
// cluster, and returns it with the first. It takes others where somebody else has
// got one meanwhile.
func Listening(t testing.TB, options ...string) (s *Server, port string) {
	t.Helper()
	for {
		port, bus := freePorts(t)
		s := New(t, append([]string{"--port", port, "--cluster-port", bus}, options...)...)
		if s.begin(t) {
			return s, port
		}
	}
}

// freePorts returns two different ports that nobody listened to a moment ago.
func freePorts(t testing.TB) (string, string) {
	t.Helper()
	var ports [2]string
	for i := range ports {
		listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		// When both are known, or the second may be the first.
		defer listener.Close() //nolint:errcheck // nobody has connected
		_, ports[i], err = net.SplitHostPort(listener.Addr().String())
		require.NoError(t, err)
	}
	return ports[0], ports[1]
}

// Socket returns the path of the server's socket.
func (s *Server) Socket() string { return filepath.Join(s.folder, "socket") }

// Data returns the folder in which the server keeps what it is told.
func (s *Server) Data() string { return filepath.Join(s.folder, "data") }

// URL returns the address of the server, as clients of Redis take it.
func (s *Server) URL() string { return "unix://" + s.Socket() }

// Start starts the server, again if it was killed, and returns when it can be
// used.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	require.True(t, s.begin(t), "somebody else has a port of the server")
}

// begin starts the server, and returns when it can be used. It returns false if
// somebody else has a port of it.
func (s *Server) begin(t testing.TB) bool {
	t.Helper()
	require.NoError(t, os.MkdirAll(s.Data(), 0o700))
	logFile := filepath.Join(s.folder, "log")
	process := exec.CommandContext(context.WithoutCancel(t.Context()), s.program, append([]string{
		"--port", "0", "--unixsocket", s.Socket(), "--dir", s.Data(), "--save", "",
		"--appendonly", "yes", "--appendfsync", "always", "--logfile", logFile,
	}, s.options...)...)
	require.NoError(t, process.Start())
	ended := make(chan struct{})
	s.process, s.ended = process, ended
	go func() {
		_ = process.Wait() // says that it was killed
		close(ended)
	}()
	for began := time.Now(); !s.answers(t); {
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
			require.Fail(t, "redis-server does not start", "%s", log)
		}
	}
	return true
}

// answers reports whether the server can be used: it says something else while it
// reads what it has kept.
func (s *Server) answers(t testing.TB) bool {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "unix", s.Socket())
	if err != nil {
		return false
	}
	defer conn.Close() //nolint:errcheck // nothing was left in it
	if conn.SetDeadline(time.Now().Add(time.Second)) != nil {
		return false
	}
	if _, err := io.WriteString(conn, "PING\r\n"); err != nil {
		return false
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	return err == nil && answer == "+PONG\r\n"
}

// Kill ends the server, which cannot do anything first. It does nothing if the
// server does not run.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if s.process != nil {
		require.NoError(t, s.process.Process.Kill())
		<-s.ended
		s.process = nil
	}
}
