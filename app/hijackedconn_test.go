package app_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// lending is a server's writer whose connection is conn.
type lending struct {
	*httptest.ResponseRecorder
	conn net.Conn
}

func (w lending) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.conn, bufio.NewReadWriter(bufio.NewReader(w.conn), bufio.NewWriter(w.conn)), nil
}

// capable is a connection with everything that one can have.
type capable struct {
	net.Conn
	seen *journal
}

func (c capable) CloseWrite() error { c.seen.add("half"); return errBroken }
func (c capable) SyscallConn() (syscall.RawConn, error) {
	c.seen.add("raw")
	return nil, errBroken
}
func (c capable) ReadFrom(io.Reader) (int64, error) { c.seen.add("from"); return 7, errBroken }
func (c capable) WriteTo(io.Writer) (int64, error)  { c.seen.add("to"); return 8, errBroken }

// taken returns what a handler is given that takes conn.
func taken(t *testing.T, conn net.Conn, use func(net.Conn)) {
	t.Helper()
	start(t, answering(func(c *app.Call) error {
		taken, _, err := http.NewResponseController(c.Writer()).Hijack()
		if assert.NoError(t, err) {
			use(taken)
		}
		return nil
	})).ServeHTTP(lending{httptest.NewRecorder(), conn}, request(1))
}

func TestATakenConnectionCanDoWhatTheOneBelowCan(t *testing.T) {
	seen := &journal{}
	ours, theirs := net.Pipe()
	defer theirs.Close()
	below := capable{ours, seen}
	taken(t, below, func(conn net.Conn) {
		defer conn.Close()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		_, err := io.WriteString(conn, "something")
		require.NoError(t, err)
		assert.Equal(t, below, conn.(interface{ NetConn() net.Conn }).NetConn())
		assert.ErrorIs(t, conn.(interface{ CloseWrite() error }).CloseWrite(), errBroken)
		_, err = conn.(syscall.Conn).SyscallConn()
		assert.ErrorIs(t, err, errBroken)
		n, err := conn.(io.ReaderFrom).ReadFrom(strings.NewReader("x"))
		assert.EqualValues(t, 7, n)
		assert.ErrorIs(t, err, errBroken)
		n, err = conn.(io.WriterTo).WriteTo(io.Discard)
		assert.EqualValues(t, 8, n)
		assert.ErrorIs(t, err, errBroken)
		assert.Equal(t, []string{"half", "raw", "from", "to"}, seen.all())
	})
}

func TestATakenConnectionCannotDoMoreThanTheOneBelow(t *testing.T) {
	ours, theirs := net.Pipe()
	var received []byte
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.WriteString(theirs, "hello")
		received, _ = io.ReadAll(theirs)
	}()
	taken(t, ours, func(conn net.Conn) {
		_, half := conn.(interface{ CloseWrite() error })
		assert.False(t, half)
		_, err := conn.(syscall.Conn).SyscallConn()
		assert.ErrorIs(t, err, errors.ErrUnsupported)
		hello, err := io.ReadAll(io.LimitReader(conn, 5))
		assert.NoError(t, err)
		assert.Equal(t, "hello", string(hello))
		n, err := io.Copy(conn, strings.NewReader("and goodbye"))
		assert.NoError(t, err)
		assert.EqualValues(t, 11, n)
		assert.NoError(t, conn.Close())
		_, err = conn.(io.WriterTo).WriteTo(io.Discard)
		assert.ErrorIs(t, err, io.ErrClosedPipe)
	})
	<-read
	assert.Equal(t, "and goodbye", string(received))
}

// linkedConn is one end of a relay: when it is closed, so is the other end.
type linkedConn struct {
	net.Conn
	other *net.Conn
}

func (c linkedConn) Close() error {
	err := c.Conn.Close()
	if other := *c.other; other != nil {
		*c.other = nil
		_ = other.Close()
	}
	return err
}

// TestAConnectionThatIsClosedMayCloseAnother: at a stop as well, which does not
// wait for itself.
func TestAConnectionThatIsClosedMayCloseAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ends [2]net.Conn // as their calls have taken them
		a := start(t, answering(func(c *app.Call) error {
			conn, _, err := http.NewResponseController(c.Writer()).Hijack()
			if c.Request.URL.Path == "/first" {
				ends[0] = conn
			} else {
				ends[1] = conn
			}
			return err
		}))
		first, second := net.Pipe()
		for path, conn := range map[string]net.Conn{"/first": linkedConn{first, &ends[1]}, "/second": linkedConn{second, &ends[0]}} {
			a.ServeHTTP(lending{httptest.NewRecorder(), conn}, httptest.NewRequest(http.MethodGet, path, nil))
		}
		require.NoError(t, a.Stop(t.Context()))
		for _, conn := range []net.Conn{first, second} {
			_, err := conn.Write([]byte("x"))
			require.ErrorIs(t, err, io.ErrClosedPipe)
		}
	})
}
