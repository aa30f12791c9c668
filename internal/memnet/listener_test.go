package memnet_test

import (
	"context"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/memnet"
)

var _ net.Listener = (*memnet.Listener)(nil)

func TestDialWaitsForAccept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := memnet.Listen()
		defer listener.Close()
		dialed := make(chan net.Conn, 1)
		go func() {
			conn, err := listener.DialContext(t.Context(), "tcp", "example.org:443")
			assert.NoError(t, err)
			dialed <- conn
		}()
		time.Sleep(time.Hour)
		require.Empty(t, dialed)
		server, err := listener.Accept()
		require.NoError(t, err)
		client := <-dialed
		require.Equal(t, client.LocalAddr(), server.RemoteAddr())
		require.Equal(t, listener.Addr(), client.RemoteAddr())
		require.Equal(t, listener.Addr(), server.LocalAddr())
	})
}

func TestAddresses(t *testing.T) {
	listener := memnet.Listen()
	require.Equal(t, "memory", listener.Addr().Network())
	require.Equal(t, "192.0.2.1:80", listener.Addr().String())
	var wg sync.WaitGroup
	const clients = 65_000 // more than one host has ports
	wg.Go(func() {
		for range clients {
			_, err := listener.Accept()
			assert.NoError(t, err)
		}
	})
	seen := make(map[string]bool, clients)
	hosts := make(map[string]int)
	for range clients {
		conn, err := listener.Dial(t.Context())
		require.NoError(t, err)
		address := conn.LocalAddr().String()
		host, _, err := net.SplitHostPort(address)
		require.NoError(t, err)
		require.NotNil(t, net.ParseIP(host))
		seen[address] = true
		hosts[host]++
	}
	wg.Wait()
	require.Len(t, seen, clients)
	require.Equal(t, map[string]int{"192.0.2.2": 64_512, "192.0.2.3": clients - 64_512}, hosts)
}

func TestConcurrentDials(t *testing.T) {
	for _, world := range worlds {
		t.Run(world.name, func(t *testing.T) {
			world.run(t, func(t *testing.T) {
				const clients = 50
				listener := memnet.Listen()
				names := make(chan string, clients)
				var wg sync.WaitGroup
				for range clients {
					wg.Go(func() {
						conn, err := listener.Dial(t.Context())
						if assert.NoError(t, err) {
							_, err = conn.Write([]byte(conn.LocalAddr().String()))
							assert.NoError(t, err)
						}
					})
					wg.Go(func() {
						conn, err := listener.Accept()
						if assert.NoError(t, err) {
							name := make([]byte, len("192.0.2.2:1024"))
							_, err = io.ReadFull(conn, name)
							assert.NoError(t, err)
							assert.Equal(t, conn.RemoteAddr().String(), string(name))
							names <- string(name)
						}
					})
				}
				wg.Wait()
				require.NoError(t, listener.Close())
				close(names)
				seen := make(map[string]bool)
				for name := range names {
					seen[name] = true
				}
				require.Len(t, seen, clients)
			})
		})
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := memnet.Listen()
		defer listener.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		began := time.Now()
		_, err := listener.Dial(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var netErr net.Error
		require.ErrorAs(t, err, &netErr)
		require.True(t, netErr.Timeout())
		require.Equal(t, time.Minute, time.Since(began))

		ctx, cancel = context.WithCancel(t.Context())
		accepted := make(chan net.Conn, 1)
		go func() {
			conn, err := listener.Accept()
			assert.NoError(t, err)
			accepted <- conn
		}()
		conn, err := listener.Dial(ctx)
		require.NoError(t, err)
		cancel()
		synctest.Wait()
		_, err = conn.Write([]byte("x"))
		require.NoError(t, err, "a connection outlives the context of its Dial")
		require.NoError(t, (<-accepted).Close())

		go func() {
			_, err := listener.Accept()
			assert.ErrorIs(t, err, net.ErrClosed, "nobody called")
		}()
		synctest.Wait()
		for range 30 {
			_, err = listener.Dial(ctx)
			require.ErrorIs(t, err, context.Canceled, "although somebody is waiting")
		}
	})
}

func TestListenerClose(t *testing.T) {
	t.Run("ends Accept", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			listener := memnet.Listen()
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					_, err := listener.Accept()
					assert.ErrorIs(t, err, net.ErrClosed)
				})
			}
			synctest.Wait()
			require.NoError(t, listener.Close())
			wg.Wait()
			_, err := listener.Accept()
			require.ErrorIs(t, err, net.ErrClosed)
			require.ErrorIs(t, listener.Close(), net.ErrClosed)
		})
	})
	t.Run("ends Dial", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			listener := memnet.Listen()
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					_, err := listener.Dial(t.Context())
					assert.ErrorIs(t, err, syscall.ECONNREFUSED)
				})
			}
			synctest.Wait()
			require.NoError(t, listener.Close())
			wg.Wait()
			_, err := listener.Dial(t.Context())
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
		})
	})
	t.Run("spares connections", func(t *testing.T) {
		listener := memnet.Listen()
		accepted := make(chan net.Conn, 1)
		go func() {
			conn, err := listener.Accept()
			assert.NoError(t, err)
			accepted <- conn
		}()
		client, err := listener.Dial(t.Context())
		require.NoError(t, err)
		server := <-accepted
		require.NoError(t, listener.Close())
		_, err = client.Write([]byte("x"))
		require.NoError(t, err)
		n, err := server.Read(make([]byte, 2))
		require.NoError(t, err)
		require.Equal(t, 1, n)
	})
}
