package park_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/park"
)

func TestBytesOnTheWire(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		for name, chunked := range map[string]bool{"chunked": true, "bare": false} {
			client, server := k.connect(t)
			var poller park.Poller
			conn := poller.Take(server, chunked, nil)
			assert.NoError(t, conn.Write(nil, 0, nil), "which would end the body")
			assert.NoError(t, conn.Write([]byte("data: 1\n\n"), 0, nil))
			assert.NoError(t, conn.Write([]byte("data: Grüße\n\nevent: x\ndata\n\n"), time.Minute, nil))
			conn.End(nil)
			assert.Equal(t, golden(t, name), readAll(t, client))
			poller.Close()
		}
	})
}

// A text of any length arrives whole, in chunks that net/http reads.
func TestLongTexts(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		client, server := k.connect(t)
		var poller park.Poller
		defer poller.Close()
		conn := poller.Take(server, true, nil)
		var want bytes.Buffer
		var wg sync.WaitGroup
		wg.Go(func() {
			for _, length := range []int{1, 4096, 32 << 10, 32<<10 + 1, 3 << 20, 100} {
				text := bytes.Repeat([]byte{byte(length)}, length)
				want.Write(text)
				assert.NoError(t, conn.Write(text, time.Minute, func() {}))
			}
			conn.End(nil)
		})
		head := strings.NewReader("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
		response, err := http.ReadResponse(bufio.NewReader(io.MultiReader(head, client)), nil)
		require.NoError(t, err)
		got, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		wg.Wait()
		require.True(t, bytes.Equal(want.Bytes(), got))
	})
}

// A socket that has room is written to at once. A write that has to wait says so
// once, however many pieces it has.
func TestWaiting(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		client, server := k.connect(t)
		var poller park.Poller
		defer poller.Close()
		conn := poller.Take(server, true, nil)
		waited := newCalls()
		for range 3 {
			require.NoError(t, conn.Write([]byte("data\n\n"), time.Minute, waited.call))
		}
		if k.triesHere() {
			assert.Empty(t, waited)
		} else {
			assert.Len(t, waited, 3)
		}
		waited = newCalls()
		var wg sync.WaitGroup
		wg.Go(func() {
			assert.NoError(t, conn.Write(make([]byte, 8<<20), time.Minute, waited.call))
			conn.End(nil)
		})
		<-waited
		_, err := io.Copy(io.Discard, client)
		require.NoError(t, err)
		wg.Wait()
		assert.Empty(t, waited, "called twice")
	})
}

// fill writes until the client takes no more, and returns the error of that.
func fill(conn *park.Conn, timeout time.Duration, waiting func()) error {
	for {
		if err := conn.Write(make([]byte, 60<<10), timeout, waiting); err != nil {
			return err
		}
	}
}

func TestStuckClient(t *testing.T) {
	cases := []struct {
		name string
		end  func(*park.Conn)
	}{{"End", func(c *park.Conn) { c.End(nil) }}, {"Abort", (*park.Conn).Abort}}
	eachKind(t, func(t *testing.T, k kind) {
		for _, c := range cases {
			client, server := k.connect(t)
			var poller park.Poller
			conn := poller.Take(server, true, nil)
			err := fill(conn, 20*time.Millisecond, nil)
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			assert.Equal(t, err, conn.Write([]byte("data\n\n"), 0, nil), "it is broken")
			c.end(conn)
			got, _ := io.ReadAll(client)
			assert.False(t, bytes.HasSuffix(got, []byte("0\r\n\r\n")), "%s after %d bytes", c.name, len(got))
			poller.Close()
		}
	})
}

// A client that takes something now and then is not stuck, however long a piece
// takes.
func TestSlowClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := connectMemory(t)
		var poller park.Poller
		defer poller.Close()
		conn := poller.Take(server, false, nil)
		var wg sync.WaitGroup
		wg.Go(func() {
			assert.NoError(t, conn.Write(make([]byte, 1<<20), 7*time.Second, nil))
			conn.End(nil)
		})
		begin, n := time.Now(), 0
		for some := make([]byte, 8<<10); ; {
			read, err := client.Read(some)
			n += read
			if err == io.EOF {
				break
			}
			require.NoError(t, err)
			time.Sleep(2 * time.Second) // eight for a piece
		}
		assert.Equal(t, 1<<20, n)
		assert.Greater(t, time.Since(begin), 4*time.Minute)
		wg.Wait()
	})
}

func TestCut(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		client, server := k.connect(t)
		var poller park.Poller
		defer poller.Close()
		conn := poller.Take(server, true, nil)
		waits, failed := newCalls(), make(chan error)
		go func() { failed <- fill(conn, 0, waits.once) }()
		<-waits
		conn.Cut() // before, in or after a write that waits
		require.ErrorIs(t, <-failed, os.ErrDeadlineExceeded)
		conn.Cut()
		conn.End(nil)
		got, _ := io.ReadAll(client)
		assert.False(t, bytes.HasSuffix(got, []byte("0\r\n\r\n")))
	})
}

func TestCutFailsWritesToCome(t *testing.T) {
	eachKind(t, func(t *testing.T, k kind) {
		client, server := k.connect(t)
		var poller park.Poller
		defer poller.Close()
		conn := poller.Take(server, true, nil)
		require.NoError(t, conn.Write([]byte("1"), time.Minute, nil))
		conn.Cut()
		require.ErrorIs(t, conn.Write([]byte("2"), time.Minute, nil), os.ErrDeadlineExceeded)
		conn.End(nil)
		got, _ := io.ReadAll(client)
		assert.Equal(t, "1\r\n1\r\n", string(got))
	})
}

// Very many are kept.
func TestConnIsSmall(t *testing.T) {
	assert.LessOrEqual(t, reflect.TypeFor[park.Conn]().Size(), uintptr(96))
}
