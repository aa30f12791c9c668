package park_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/memnet"
)

// A kind is one of connections.
type kind struct {
	name    string
	run     func(*testing.T, func(*testing.T)) // where it lives
	connect func(testing.TB) (client, server net.Conn)
	tries   bool // on Linux a write is tried before it waits
}

var kinds = []kind{
	{"tcp", outside, connectTCP, true},
	{"unix", outside, connectUnix, true},
	{"layered", outside, layered(connectTCP), true},
	{"wrapped", outside, wrapped(connectTCP), false},
	{"TLS", outside, secure(connectTCP), true},
	{"layered TLS", outside, layered(secure(layered(connectTCP))), true},
	{"TLS over wrapped", outside, secure(wrapped(connectTCP)), false},
	{"memory in a bubble", synctest.Test, connectDefaultMemory, false},
	{"memory outside", outside, connectDefaultMemory, false},
}

func outside(t *testing.T, f func(*testing.T)) { f(t) }

func eachKind(t *testing.T, f func(t *testing.T, k kind)) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			k.run(t, func(t *testing.T) { f(t, k) })
		})
	}
}

func (k kind) triesHere() bool { return k.tries && runtime.GOOS == "linux" }

func connectTCP(t testing.TB) (client, server net.Conn) {
	t.Helper()
	return connector(t, "tcp", "127.0.0.1:0")(t)
}

func connectUnix(t testing.TB) (client, server net.Conn) {
	t.Helper()
	return connector(t, "unix", filepath.Join(t.TempDir(), "s"))(t)
}

// connector returns a function that makes connections to one address.
func connector(t testing.TB, network, address string) func(testing.TB) (client, server net.Conn) {
	t.Helper()
	listener, err := net.Listen(network, address)
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	var mu sync.Mutex
	return func(t testing.TB) (client, server net.Conn) {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		client, err := net.Dial(network, listener.Addr().String())
		if assert.NoError(t, err) {
			server, err = listener.Accept()
			assert.NoError(t, err)
		}
		closeAtEnd(t, client, server)
		return client, server
	}
}

func connectMemory(t testing.TB, options ...memnet.Option) (client, server net.Conn) {
	t.Helper()
	listener := memnet.Listen(options...)
	defer listener.Close()
	var wg sync.WaitGroup
	wg.Go(func() { server, _ = listener.Accept() })
	client, err := listener.Dial(t.Context())
	require.NoError(t, err)
	wg.Wait()
	closeAtEnd(t, client, server)
	return client, server
}

func connectDefaultMemory(t testing.TB) (client, server net.Conn) { return connectMemory(t) }

func closeAtEnd(t testing.TB, conns ...net.Conn) {
	t.Cleanup(func() {
		for _, conn := range conns {
			conn.Close()
		}
	})
}

// wrapped hides the socket of the server, as a LimitListener does.
func wrapped(connect func(testing.TB) (client, server net.Conn)) func(testing.TB) (client, server net.Conn) {
	return func(t testing.TB) (client, server net.Conn) {
		client, server = connect(t)
		return client, struct{ net.Conn }{server}
	}
}

// A layer is what the engine and an application put on top of a connection.
type layer struct{ net.Conn }

func (l layer) NetConn() net.Conn { return l.Conn }

func (l layer) SyscallConn() (syscall.RawConn, error) {
	if socket, ok := l.Conn.(syscall.Conn); ok {
		return socket.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

func (l layer) CloseWrite() error { return l.Conn.(interface{ CloseWrite() error }).CloseWrite() }

func layered(connect func(testing.TB) (client, server net.Conn)) func(testing.TB) (client, server net.Conn) {
	return func(t testing.TB) (client, server net.Conn) {
		client, server = connect(t)
		return client, layer{server}
	}
}

// secure puts TLS 1.3 on top.
func secure(connect func(testing.TB) (client, server net.Conn)) func(testing.TB) (client, server net.Conn) {
	return func(t testing.TB) (client, server net.Conn) {
		t.Helper()
		host := httptest.NewTLSServer(http.NotFoundHandler())
		host.Close()
		trust := host.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		below, accepted := connect(t)
		config := host.TLS.Clone() // tests count bytes
		config.SessionTicketsDisabled, config.DynamicRecordSizingDisabled = true, true
		secured := tls.Server(accepted, config)
		client = tls.Client(below, &tls.Config{RootCAs: trust, ServerName: "example.com", MinVersion: tls.VersionTLS13})
		var wg sync.WaitGroup
		wg.Go(func() { assert.NoError(t, secured.Handshake()) })
		require.NoError(t, client.(*tls.Conn).Handshake())
		wg.Wait()
		return client, secured
	}
}

// below returns what is below TLS.
func below(conn net.Conn) net.Conn {
	for {
		l, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return conn
		}
		conn = l.NetConn()
	}
}

// reset breaks the connection of a client that is lost.
func reset(t testing.TB, client net.Conn) {
	switch conn := below(client).(type) {
	case *net.TCPConn:
		require.NoError(t, conn.SetLinger(0))
		require.NoError(t, conn.Close())
	case *memnet.Conn:
		require.NoError(t, conn.Reset())
	default:
		require.NoError(t, conn.Close())
	}
}

// calls counts those of a function, which others wait for.
type calls chan struct{}

func newCalls() calls { return make(chan struct{}, 100) }

func (c calls) call() { c <- struct{}{} }

// once counts the first call alone.
func (c calls) once() {
	if len(c) == 0 {
		c <- struct{}{}
	}
}

func golden(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".golden"))
	require.NoError(t, err)
	return string(text)
}

func readAll(t testing.TB, conn net.Conn) string {
	t.Helper()
	text, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(text)
}

// requireQuiet waits until no goroutine of a Poller is left.
func requireQuiet(t testing.TB) {
	t.Helper()
	require.Eventually(t, func() bool { return !strings.Contains(stacks(), ownGoroutine) }, time.Minute, time.Millisecond)
}

// requireBusy waits until there is one.
func requireBusy(t testing.TB) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(stacks(), "park.(*Poller)") }, time.Minute, time.Millisecond)
}

// ownGoroutine is in the stack of a goroutine of a Poller, even before it has run
// for the first time.
const ownGoroutine = "created by sync.(*WaitGroup).Go in"

func stacks() string {
	text := make([]byte, 1<<20)
	return string(text[:runtime.Stack(text, true)])
}
