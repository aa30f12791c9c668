package memnet_test

import (
	"net"
	"os"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/memnet"
)

// worlds are the two clocks on which the package has to work.
var worlds = []struct {
	name string
	run  func(*testing.T, func(*testing.T))
}{
	{"in a bubble", synctest.Test},
	{"outside", func(t *testing.T, f func(*testing.T)) { f(t) }},
}

// connect returns both ends of a connection, closed when the test ends.
func connect(t testing.TB, options ...memnet.Option) (client, server *memnet.Conn) {
	t.Helper()
	listener := memnet.Listen(options...)
	accepted := make(chan net.Conn, 1)
	go func() {
		conn, err := listener.Accept()
		assert.NoError(t, err)
		accepted <- conn
	}()
	dialed, err := listener.Dial(t.Context())
	require.NoError(t, err)
	client, server = dialed.(*memnet.Conn), (<-accepted).(*memnet.Conn)
	t.Cleanup(func() {
		client.Close()
		server.Close()
		listener.Close()
	})
	return client, server
}

// result is what a Read or Write in another goroutine came to.
type result struct {
	n   int
	err error
}

func start(call func([]byte) (int, error), b []byte) <-chan result {
	done := make(chan result, 1)
	go func() {
		n, err := call(b)
		done <- result{n, err}
	}()
	return done
}

// requireBlocked says that nothing has come of a call although no goroutine of
// the bubble can run.
func requireBlocked(t *testing.T, done <-chan result) {
	t.Helper()
	synctest.Wait()
	select {
	case r := <-done:
		require.Failf(t, "the call did not block", "%+v", r)
	default:
	}
}

// requireDone returns what a call came to, which must be settled without any
// time passing.
func requireDone(t *testing.T, done <-chan result) result {
	t.Helper()
	synctest.Wait()
	select {
	case r := <-done:
		return r
	default:
		require.Fail(t, "the call is still blocked")
		return result{}
	}
}

func assertTimeout(t testing.TB, err error) bool {
	t.Helper()
	var netErr net.Error
	return assert.ErrorIs(t, err, os.ErrDeadlineExceeded) &&
		assert.ErrorAs(t, err, &netErr) && assert.True(t, netErr.Timeout())
}
