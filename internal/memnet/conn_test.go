package memnet_test

import (
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/memnet"
)

func TestBackPressure(t *testing.T) {
	cases := []struct {
		name    string
		options []memnet.Option
		room    int
		wakes   int // how often the writer of two bytes has to wait
	}{
		{"default", nil, 64 << 10, 1},
		{"zero is the default", []memnet.Option{memnet.Buffer(0)}, memnet.DefaultBuffer, 1},
		{"less than zero is the default", []memnet.Option{memnet.Buffer(-1)}, memnet.DefaultBuffer, 1},
		{"one byte", []memnet.Option{memnet.Buffer(1)}, 1, 2},
		{"5000 bytes", []memnet.Option{memnet.Buffer(5000)}, 5000, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := connect(t, c.options...)
				require.Equal(t, result{c.room, nil}, requireDone(t, start(a.Write, make([]byte, c.room))))

				blocked := start(a.Write, []byte("ab"))
				third := (c.room + 2) / 3
				for range c.wakes {
					requireBlocked(t, blocked)
					_, err := io.CopyN(io.Discard, b, int64(third-1))
					require.NoError(t, err)
					requireBlocked(t, blocked)
					_, err = b.Read(make([]byte, 1))
					require.NoError(t, err)
				}
				require.Equal(t, result{2, nil}, requireDone(t, blocked))

				require.NoError(t, a.CloseWrite())
				rest, err := io.ReadAll(b)
				require.NoError(t, err)
				require.Len(t, rest, c.room+2-c.wakes*third)
				require.Equal(t, byte('b'), rest[len(rest)-1])
			})
		})
	}
}

// TestADeadlineLeavesWhatWasWritten: a write that fails says how much it has
// written, and the next one takes what room there is.
func TestADeadlineLeavesWhatWasWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := connect(t, memnet.Buffer(300))
		for _, room := range []int{300, 99, 0} {
			require.NoError(t, a.SetWriteDeadline(time.Now().Add(time.Second)))
			n, err := a.Write(make([]byte, 1000))
			assertTimeout(t, err)
			require.Equal(t, room, n)
			if room == 300 {
				_, err = io.CopyN(io.Discard, b, 99)
				require.NoError(t, err)
			}
		}
	})
}

// TestBlockedWritersAreDurable has several writers wait for one another: on a
// mutex, the clock of the bubble would stand still and the test would never
// end.
func TestBlockedWritersAreDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := connect(t, memnet.Buffer(1))
		first, second := start(a.Write, []byte("123")), start(a.Write, []byte("456"))
		requireBlocked(t, first)
		requireBlocked(t, second)
		empty, err := a.Write(nil)
		require.NoError(t, err)
		require.Zero(t, empty)

		time.Sleep(time.Hour)
		got := make([]byte, 6)
		_, err = io.ReadFull(b, got)
		require.NoError(t, err)
		require.Contains(t, []string{"123456", "456123"}, string(got))
		require.Equal(t, result{3, nil}, requireDone(t, first))
		require.Equal(t, result{3, nil}, requireDone(t, second))

		third, fourth := start(a.Write, []byte("78")), start(a.Write, []byte("78"))
		require.NoError(t, a.SetWriteDeadline(time.Now().Add(time.Second)))
		began := time.Now()
		r3, r4 := <-third, <-fourth
		require.Equal(t, time.Second, time.Since(began))
		assertTimeout(t, r3.err)
		assertTimeout(t, r4.err)
		require.Equal(t, 1, r3.n+r4.n, "only one of them got its first byte in")
	})
}

func TestDeadlines(t *testing.T) {
	type step struct {
		at time.Duration // since the start
		do func(c, peer *memnet.Conn) error
	}
	type setter = func(*memnet.Conn, time.Time) error
	in := func(set setter, d time.Duration) func(c, _ *memnet.Conn) error {
		return func(c, _ *memnet.Conn) error { return set(c, time.Now().Add(d)) }
	}
	lift := func(set setter) func(c, _ *memnet.Conn) error {
		return func(c, _ *memnet.Conn) error { return set(c, time.Time{}) }
	}
	both, read, write := (*memnet.Conn).SetDeadline, (*memnet.Conn).SetReadDeadline, (*memnet.Conn).SetWriteDeadline
	serve := func(_, peer *memnet.Conn) error { // frees a blocked Read and a blocked Write
		if _, err := peer.Write([]byte("x")); err != nil {
			return err
		}
		_, err := peer.Read(make([]byte, 1))
		return err
	}
	const second = time.Second
	cases := []struct {
		name          string
		steps         []step
		reads, writes time.Duration // when the blocked calls return, below zero if because of serve
	}{
		{"both", []step{{0, in(both, second)}}, second, second},
		{"one each", []step{{0, in(read, second)}, {0, in(write, 2*second)}}, second, 2 * second},
		{"a nanosecond", []step{{0, in(both, 1)}}, 1, 1},
		{"now", []step{{second, in(both, 0)}}, second, second},
		{"in the past, while blocked", []step{{second, in(both, -time.Hour)}}, second, second},
		{"in the past, before", []step{{0, in(both, -time.Hour)}}, 0, 0},
		{"long ago, while blocked", []step{{second, func(c, _ *memnet.Conn) error { return c.SetDeadline(longAgo) }}}, second, second},
		{"the year 1", []step{{0, func(c, _ *memnet.Conn) error { return c.SetDeadline(time.Time{}.Add(1)) }}}, 0, 0},
		{"the year 9999", []step{
			{0, func(c, _ *memnet.Conn) error { return c.SetDeadline(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)) }},
			{second, serve},
		}, -second, -second},
		{"read only", []step{{0, in(read, second)}, {2 * second, serve}}, second, -2 * second},
		{"write only", []step{{0, in(write, second)}, {2 * second, serve}}, -2 * second, second},
		{"moved back", []step{{0, in(both, second)}, {second / 2, in(both, 3*second)}}, 7 * second / 2, 7 * second / 2},
		{"moved forward", []step{{0, in(both, time.Hour)}, {second / 2, in(both, second)}}, 3 * second / 2, 3 * second / 2},
		{"lifted", []step{{0, in(both, second)}, {second / 2, lift(both)}, {time.Hour, serve}}, -time.Hour, -time.Hour},
		{"lifted and set again", []step{{0, in(both, second)}, {second / 4, lift(both)}, {second / 2, in(both, second)}}, 3 * second / 2, 3 * second / 2},
		{"expired and lifted before the call", []step{{0, in(both, -1)}, {0, lift(both)}, {second, serve}}, -second, -second},
		{"expired and moved before the call", []step{{0, in(both, -1)}, {0, in(both, second)}}, second, second},
		{"off the wall clock", []step{{0, func(c, _ *memnet.Conn) error { return c.SetDeadline(time.Now().Add(second).Round(0)) }}}, second, second},
		{"after the bytes", []step{{0, in(both, 2*second)}, {second, serve}}, -second, -second},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, peer := connect(t, memnet.Buffer(1))
				_, err := conn.Write([]byte("f")) // now it is full
				require.NoError(t, err)

				began := time.Now()
				type outcome struct {
					err error
					at  time.Duration
				}
				reads, writes := make(chan outcome, 1), make(chan outcome, 1)
				for _, s := range c.steps {
					if s.at == 0 {
						require.NoError(t, s.do(conn, peer))
					}
				}
				go func() {
					_, err := conn.Read(make([]byte, 1))
					reads <- outcome{err, time.Since(began)}
				}()
				go func() {
					_, err := conn.Write([]byte("w"))
					writes <- outcome{err, time.Since(began)}
				}()
				for _, s := range c.steps {
					if s.at > 0 {
						time.Sleep(s.at - time.Since(began))
						synctest.Wait()
						require.NoError(t, s.do(conn, peer))
					}
				}
				for _, call := range []struct {
					name string
					got  outcome
					want time.Duration
				}{{"read", <-reads, c.reads}, {"write", <-writes, c.writes}} {
					if call.want < 0 {
						assert.NoError(t, call.got.err, call.name)
						assert.Equal(t, -call.want, call.got.at, call.name)
					} else {
						assertTimeout(t, call.got.err)
						assert.Equal(t, call.want, call.got.at, call.name)
					}
				}
			})
		})
	}
}

func TestTimeoutReportsWhatWasWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := connect(t, memnet.Buffer(10))
		require.NoError(t, a.SetWriteDeadline(time.Now().Add(time.Second)))
		n, err := a.Write(make([]byte, 25))
		assertTimeout(t, err)
		require.Equal(t, 10, n)
		require.Equal(t, "write memory 192.0.2.2:1024->192.0.2.1:80: i/o timeout", err.Error())

		require.NoError(t, a.SetWriteDeadline(time.Time{}))
		require.NoError(t, a.CloseWrite())
		got, err := io.ReadAll(b)
		require.NoError(t, err)
		require.Len(t, got, 10)
	})
}

// TestEnds has one end, a, end the connection in each way, with bytes in both
// buffers and while b is blocked.
func TestEnds(t *testing.T) {
	cases := []struct {
		name                 string
		end                  func(a *memnet.Conn) error
		ownRead, ownWrite    error
		drains               bool
		peerRead, peerWrites error
	}{
		{"Close", (*memnet.Conn).Close, net.ErrClosed, net.ErrClosed, true, io.EOF, syscall.EPIPE},
		{"Reset", (*memnet.Conn).Reset, net.ErrClosed, net.ErrClosed, false, syscall.ECONNRESET, syscall.ECONNRESET},
		{"CloseWrite", (*memnet.Conn).CloseWrite, nil, syscall.EPIPE, true, io.EOF, nil},
		{"CloseWrite, Close", inTurn((*memnet.Conn).CloseWrite, (*memnet.Conn).Close), net.ErrClosed, syscall.EPIPE, true, io.EOF, syscall.EPIPE},
		{"CloseWrite, Reset", inTurn((*memnet.Conn).CloseWrite, (*memnet.Conn).Reset), net.ErrClosed, syscall.EPIPE, false, syscall.ECONNRESET, syscall.ECONNRESET},
		{"CloseWrite twice", inTurn((*memnet.Conn).CloseWrite, (*memnet.Conn).CloseWrite), nil, syscall.EPIPE, true, io.EOF, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := connect(t, memnet.Buffer(4))
				_, err := a.Write([]byte("abcd"))
				require.NoError(t, err)
				ownWrite, peerWrite := start(a.Write, []byte("efgh")), start(b.Write, []byte("12345678"))
				requireBlocked(t, ownWrite)
				requireBlocked(t, peerWrite)
				require.NoError(t, c.end(a))

				require.ErrorIs(t, requireDone(t, ownWrite).err, c.ownWrite)
				if c.ownRead == nil {
					got := make([]byte, 8)
					_, err = io.ReadFull(a, got)
					require.NoError(t, err)
					require.Equal(t, "12345678", string(got))
				} else {
					_, err = a.Read(make([]byte, 8))
					require.ErrorIs(t, err, c.ownRead)
				}
				r := requireDone(t, peerWrite)
				if c.peerWrites == nil {
					require.Equal(t, result{8, nil}, r)
				} else {
					require.Equal(t, 4, r.n)
					for range 2 {
						require.ErrorIs(t, r.err, c.peerWrites)
						r.n, r.err = b.Write([]byte("9"))
						require.Zero(t, r.n)
					}
				}
				if c.drains {
					got := make([]byte, 4)
					_, err = io.ReadFull(b, got)
					require.NoError(t, err)
					require.Equal(t, "abcd", string(got))
				}
				for range 2 {
					n, err := b.Read(make([]byte, 8))
					require.Zero(t, n)
					if c.peerRead == io.EOF {
						require.Equal(t, io.EOF, err, "callers compare with ==")
					} else {
						require.ErrorIs(t, err, c.peerRead)
					}
				}
				// The peer still owns its end.
				require.NoError(t, b.SetDeadline(time.Now().Add(time.Hour)))
				require.NoError(t, b.Close())
			})
		})
	}
}

// inTurn returns a function that calls ends one after the other. A Write that one
// of them has woken returns before the next: it reports the end that woke it.
func inTurn(ends ...func(*memnet.Conn) error) func(*memnet.Conn) error {
	return func(c *memnet.Conn) error {
		for _, end := range ends {
			if err := end(c); err != nil {
				return err
			}
			synctest.Wait()
		}
		return nil
	}
}

// TestEndsWakeReaders has both ends blocked in Read, with nothing buffered.
func TestEndsWakeReaders(t *testing.T) {
	cases := []struct {
		name      string
		end       func(a *memnet.Conn) error
		own, peer error
	}{
		{"Close", (*memnet.Conn).Close, net.ErrClosed, io.EOF},
		{"Reset", (*memnet.Conn).Reset, net.ErrClosed, syscall.ECONNRESET},
		{"CloseWrite", (*memnet.Conn).CloseWrite, nil, io.EOF},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := connect(t)
				own, peer := start(a.Read, make([]byte, 1)), start(b.Read, make([]byte, 1))
				requireBlocked(t, own)
				requireBlocked(t, peer)
				require.NoError(t, c.end(a))
				require.ErrorIs(t, requireDone(t, peer).err, c.peer)
				if c.own == nil {
					requireBlocked(t, own)
				} else {
					require.ErrorIs(t, requireDone(t, own).err, c.own)
				}
			})
		})
	}
}

func TestClosedConn(t *testing.T) {
	closes, resets := (*memnet.Conn).Close, (*memnet.Conn).Reset
	cases := []struct {
		name        string
		before, own func(*memnet.Conn) error
		after       func(*memnet.Conn) error
	}{
		{"Close before the peer's", nil, closes, closes},
		{"Close after the peer's", closes, closes, nil},
		{"Close before the peer's Reset", nil, closes, resets},
		{"Close after the peer's Reset", resets, closes, nil},
		{"Reset before the peer's Close", nil, resets, closes},
		{"Reset after the peer's Close", closes, resets, nil},
	}
	for _, c := range cases {
		a, b := connect(t)
		require.NoError(t, a.SetDeadline(longAgo)) // what is closed need not expire
		if c.before != nil {
			require.NoError(t, c.before(b))
		}
		require.NoError(t, c.own(a))
		if c.after != nil {
			require.NoError(t, c.after(b))
		}
		calls := map[string]func() error{
			"Read":             func() error { _, err := a.Read(make([]byte, 1)); return err },
			"Read, empty":      func() error { _, err := a.Read(nil); return err },
			"Write":            func() error { _, err := a.Write(make([]byte, 1)); return err },
			"Write, empty":     func() error { _, err := a.Write(nil); return err },
			"Close":            a.Close,
			"Reset":            a.Reset,
			"CloseWrite":       a.CloseWrite,
			"SetDeadline":      func() error { return a.SetDeadline(never) },
			"SetReadDeadline":  func() error { return a.SetReadDeadline(never) },
			"SetWriteDeadline": func() error { return a.SetWriteDeadline(never) },
		}
		for name, call := range calls {
			err := call()
			var opErr *net.OpError
			require.ErrorIs(t, err, net.ErrClosed, "%s, then %s", c.name, name)
			require.ErrorAs(t, err, &opErr)
			require.False(t, opErr.Timeout())
		}
	}
}

// TestResetAfterTheFirstClose shows that the second of two changes nothing for
// the peer.
func TestResetAfterTheFirstClose(t *testing.T) {
	a, b := connect(t)
	_, err := a.Write([]byte("whole"))
	require.NoError(t, err)
	require.NoError(t, a.Close())
	require.ErrorIs(t, a.Reset(), net.ErrClosed)
	got, err := io.ReadAll(b)
	require.NoError(t, err)
	require.Equal(t, "whole", string(got))
}

func TestZeroLength(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := connect(t, memnet.Buffer(1))
		for _, b := range [][]byte{nil, {}} {
			require.Equal(t, result{}, requireDone(t, start(a.Read, b)), "with nothing to read")
			require.Equal(t, result{}, requireDone(t, start(a.Write, b)))
		}
		_, err := a.Write([]byte("x"))
		require.NoError(t, err)
		require.Equal(t, result{}, requireDone(t, start(a.Write, nil)), "with a full buffer")
		require.Equal(t, result{}, requireDone(t, start(b.Read, nil)), "with something to read")
		n, err := b.Read(make([]byte, 10))
		require.NoError(t, err)
		require.Equal(t, 1, n, "no empty Write ends a stream or takes room")

		require.NoError(t, b.Close())
		_, err = a.Read(nil)
		require.NoError(t, err, "the end of the stream is for those who read")
		_, err = a.Write(nil)
		require.ErrorIs(t, err, syscall.EPIPE)
	})
}

func TestDeadlineSurvivesThePeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := connect(t)
		require.NoError(t, b.CloseWrite())
		require.NoError(t, a.SetReadDeadline(time.Now().Add(time.Second)))
		_, err := a.Read(make([]byte, 1))
		require.Equal(t, io.EOF, err)
		time.Sleep(time.Second)
		_, err = a.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	})
}
