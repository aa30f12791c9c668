package memnet_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/memnet"
)

var (
	longAgo = time.Unix(1, 0)
	never   time.Time
)

// TestConformance is what any net.Conn must do, on both clocks, with the common
// buffer and with one that is always full.
func TestConformance(t *testing.T) {
	cases := []struct {
		name string
		test func(t *testing.T, a, b *memnet.Conn)
	}{
		{"all bytes arrive in order", testBasicIO},
		{"ping-pong", testPingPong},
		{"readers race", testRacyRead},
		{"writers race", testRacyWrite},
		{"read deadline spares writing", testReadTimeout},
		{"write deadline spares reading", testWriteTimeout},
		{"deadline in the past", testPastTimeout},
		{"deadline of now", testPresentTimeout},
		{"deadline in the future", testFutureTimeout},
		{"close under load", testClose},
		{"all methods at once", testConcurrentMethods},
	}
	for _, world := range worlds {
		for _, size := range []int{1000, memnet.DefaultBuffer} {
			for _, c := range cases {
				name := world.name + "/" + map[bool]string{true: "default", false: "small"}[size == memnet.DefaultBuffer] + "/" + c.name
				t.Run(name, func(t *testing.T) {
					world.run(t, func(t *testing.T) {
						a, b := connect(t, memnet.Buffer(size))
						c.test(t, a, b)
					})
				})
			}
		}
	}
}

func testBasicIO(t *testing.T, a, b *memnet.Conn) {
	want := make([]byte, 1<<20)
	rand.NewChaCha8([32]byte{}).Read(want)
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() {
		n, err := io.Copy(struct{ io.Writer }{a}, bytes.NewReader(want))
		assert.NoError(t, err)
		assert.EqualValues(t, len(want), n)
		assert.NoError(t, a.CloseWrite())
	})
	wg.Go(func() { // an echo
		_, err := io.CopyBuffer(struct{ io.Writer }{b}, b, make([]byte, 1777))
		assert.NoError(t, err)
		assert.NoError(t, b.Close())
	})
	got, err := io.ReadAll(a)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got))
}

func testPingPong(t *testing.T, a, b *memnet.Conn) {
	const last = 200
	play := func(c *memnet.Conn) {
		ball := make([]byte, 8)
		for {
			if _, err := io.ReadFull(c, ball); err == io.EOF {
				return
			} else if !assert.NoError(t, err) {
				return
			}
			hits := binary.BigEndian.Uint64(ball) + 1
			if hits > last {
				assert.EqualValues(t, last+1, hits)
				assert.NoError(t, c.Close())
				return
			}
			binary.BigEndian.PutUint64(ball, hits)
			if _, err := c.Write(ball); !assert.NoError(t, err) {
				return
			}
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() { play(a) })
	wg.Go(func() { play(b) })
	_, err := a.Write(make([]byte, 8))
	assert.NoError(t, err)
	wg.Wait()
}

func testRacyRead(t *testing.T, a, b *memnet.Conn) {
	feeding := make(chan struct{})
	go func() {
		defer close(feeding)
		io.Copy(struct{ io.Writer }{b}, rand.NewChaCha8([32]byte{}))
	}()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			buffer := make([]byte, 1024)
			for range 10 {
				a.SetReadDeadline(time.Now().Add(50 * time.Microsecond))
				_, err := a.Read(buffer)
				if errors.Is(err, os.ErrDeadlineExceeded) {
					assertTimeout(t, err)
				} else {
					assert.NoError(t, err)
				}
			}
		})
	}
	wg.Wait()
	assert.NoError(t, a.Close())
	<-feeding
}

func testRacyWrite(t *testing.T, a, b *memnet.Conn) {
	var wg sync.WaitGroup
	for id := range 10 {
		wg.Go(func() {
			// Longer than the small buffer, so that writers wait amid a
			// message.
			message := bytes.Repeat([]byte{byte(id)}, 1500)
			for range 10 {
				n, err := a.Write(message)
				assert.NoError(t, err)
				assert.Equal(t, len(message), n)
			}
		})
	}
	message := make([]byte, 1500)
	for range 100 {
		_, err := io.ReadFull(b, message)
		require.NoError(t, err)
		require.Equal(t, bytes.Repeat(message[:1], len(message)), message, "two messages were mixed")
	}
	wg.Wait()
}

func testReadTimeout(t *testing.T, a, b *memnet.Conn) {
	drained := start(func([]byte) (int, error) { n, err := io.Copy(io.Discard, b); return int(n), err }, nil)
	require.NoError(t, a.SetReadDeadline(longAgo))
	_, err := a.Read(make([]byte, 1024))
	assertTimeout(t, err)
	for range 100 {
		_, err := a.Write(make([]byte, 1024))
		require.NoError(t, err)
	}
	require.NoError(t, a.Close())
	require.Equal(t, result{100 * 1024, nil}, <-drained)
}

func testWriteTimeout(t *testing.T, a, b *memnet.Conn) {
	fed := start(b.Write, make([]byte, 100*1024))
	require.NoError(t, a.SetWriteDeadline(longAgo))
	_, err := a.Write(make([]byte, 1024))
	assertTimeout(t, err)
	_, err = io.ReadFull(a, make([]byte, 100*1024))
	require.NoError(t, err)
	require.Equal(t, result{100 * 1024, nil}, <-fed)
}

func testPastTimeout(t *testing.T, a, b *memnet.Conn) {
	_, err := b.Write([]byte("there is something to read"))
	require.NoError(t, err)
	require.NoError(t, a.SetDeadline(longAgo))
	n, err := a.Write(make([]byte, 10))
	assert.Zero(t, n)
	assertTimeout(t, err)
	n, err = a.Read(make([]byte, 10))
	assert.Zero(t, n)
	assertTimeout(t, err)
	resync(t, a, b)
}

func testPresentTimeout(t *testing.T, a, b *memnet.Conn) {
	set := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		<-set
		assert.NoError(t, a.SetReadDeadline(longAgo))
		assert.NoError(t, a.SetWriteDeadline(longAgo))
	})
	wg.Go(func() {
		n, err := a.Read(make([]byte, 1024))
		assert.Zero(t, n)
		assertTimeout(t, err)
	})
	wg.Go(func() {
		var err error
		for first := true; err == nil; first = false {
			if _, err = a.Write(make([]byte, 1024)); first {
				close(set)
			}
		}
		assertTimeout(t, err)
	})
	// The first Write has begun when its bytes arrive, whether they fit or not.
	_, err := io.ReadFull(b, make([]byte, 1024))
	require.NoError(t, err)
	wg.Wait()
}

func testFutureTimeout(t *testing.T, a, b *memnet.Conn) {
	require.NoError(t, a.SetDeadline(time.Now().Add(time.Millisecond)))
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := a.Read(make([]byte, 1024))
		assertTimeout(t, err)
	})
	wg.Go(func() {
		var err error
		for err == nil {
			_, err = a.Write(make([]byte, 1024))
		}
		assertTimeout(t, err)
	})
	wg.Wait()
	resync(t, a, b)
}

// resync shows that a connection works again once its deadlines are lifted, and
// that no byte was lost or added.
func resync(t *testing.T, a, b *memnet.Conn) {
	t.Helper()
	require.NoError(t, a.SetDeadline(never))
	const mark = "\xffthe end"
	for _, direction := range [][2]*memnet.Conn{{a, b}, {b, a}} {
		sent := start(direction[0].Write, []byte(mark))
		var got []byte
		for !bytes.HasSuffix(got, []byte(mark)) {
			chunk := make([]byte, 512)
			n, err := direction[1].Read(chunk)
			require.NoError(t, err)
			got = append(got, chunk[:n]...)
		}
		require.Equal(t, result{len(mark), nil}, <-sent)
	}
}

func testClose(t *testing.T, a, b *memnet.Conn) {
	var wg sync.WaitGroup
	started := make(chan struct{}, 20)
	for range 10 {
		wg.Go(func() {
			started <- struct{}{}
			_, err := a.Read(make([]byte, 1024))
			assert.ErrorIs(t, err, net.ErrClosed)
		})
		wg.Go(func() {
			started <- struct{}{}
			var err error
			for err == nil {
				_, err = a.Write(make([]byte, 1024))
			}
			assert.ErrorIs(t, err, net.ErrClosed)
		})
	}
	for range 20 {
		<-started
	}
	require.NoError(t, a.Close())
	wg.Wait()
	_, err := io.Copy(io.Discard, b)
	require.NoError(t, err)
}

func testConcurrentMethods(t *testing.T, a, b *memnet.Conn) {
	echoed := start(func([]byte) (int, error) {
		n, err := io.Copy(struct{ io.Writer }{b}, b)
		return int(n), errors.Join(err, b.CloseWrite())
	}, nil)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { a.Read(make([]byte, 100)) })
		wg.Go(func() { a.Write(make([]byte, 100)) })
		wg.Go(func() { a.SetDeadline(time.Now().Add(10 * time.Microsecond)) })
		wg.Go(func() { a.SetReadDeadline(time.Now().Add(10 * time.Microsecond)) })
		wg.Go(func() { a.SetWriteDeadline(time.Now().Add(10 * time.Microsecond)) })
		wg.Go(func() { assert.NotEqual(t, a.LocalAddr(), a.RemoteAddr()) })
	}
	// Whoever found nothing waits for a deadline, which the last of these calls
	// may have moved, but none has lifted.
	wg.Wait()
	require.NoError(t, a.SetDeadline(never))
	require.NoError(t, a.CloseWrite())
	_, err := io.Copy(io.Discard, a)
	require.NoError(t, err)
	require.NoError(t, (<-echoed).err)
}
