package park_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/park"
)

// The goroutine of the watch serves all that is parked, not whoever was first.
func TestLabelsAreNotInherited(t *testing.T) {
	_, server := connectTCP(t)
	var poller park.Poller
	defer poller.Close()
	var conn *park.Conn
	pprof.Do(t.Context(), pprof.Labels("of", "whoever was first"), func(context.Context) {
		conn = poller.Take(server, true, nil)
	})
	requireBusy(t)
	defer conn.End(nil)
	require.Eventually(t, func() bool {
		var profile bytes.Buffer
		require.NoError(t, pprof.Lookup("goroutine").WriteTo(&profile, 1))
		return !strings.Contains(profile.String(), "whoever was first")
	}, time.Minute, time.Millisecond)
}

// elsewhere is a connection whose socket is another file.
type elsewhere struct {
	net.Conn
	file *os.File
}

func (e elsewhere) SyscallConn() (syscall.RawConn, error) { return e.file.SyscallConn() }

// What epoll does not take, such as a regular file, is read.
func TestRefusedByEpoll(t *testing.T) {
	client, server := connectTCP(t)
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	require.NoError(t, err)
	defer file.Close()
	var poller park.Poller
	defer poller.Close()
	gone := newCalls()
	conn := poller.Take(elsewhere{server, file}, true, gone.call)
	require.NoError(t, client.Close())
	<-gone
	conn.Abort()
	requireQuiet(t)
}

// A connection whose socket nobody may look at, because it was closed, has a
// client that is gone.
func TestClosedBefore(t *testing.T) {
	_, server := connectTCP(t)
	require.NoError(t, server.Close())
	var poller park.Poller
	defer poller.Close()
	gone := newCalls()
	conn := poller.Take(server, true, gone.call)
	<-gone
	assert.Error(t, conn.Write([]byte("1"), time.Minute, nil))
	conn.End(nil)
}

// talkative shows the socket below TLS, which nothing may be written to.
type talkative struct {
	net.Conn
	socket syscall.Conn
}

func (s talkative) SyscallConn() (syscall.RawConn, error) { return s.socket.SyscallConn() }

func (s talkative) NetConn() net.Conn { return s.Conn }

func TestSocketBelowTLSIsNotWrittenTo(t *testing.T) {
	client, server := secure(connectTCP)(t)
	var poller park.Poller
	defer poller.Close()
	conn := poller.Take(talkative{server, below(server).(syscall.Conn)}, true, nil)
	require.NoError(t, conn.Write([]byte("1"), time.Minute, nil))
	conn.End(nil)
	got, err := io.ReadAll(client)
	require.NoError(t, err)
	assert.Equal(t, "1\r\n1\r\n0\r\n\r\n", string(got))
}
