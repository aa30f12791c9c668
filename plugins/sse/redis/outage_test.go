package sseredis_test

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	sseredis "github.com/chitor-go/chitor/plugins/sse/redis"
)

// A server that takes connections and never says anything must not hold up
// whoever does not want to wait.
func TestContextsEndCallsToASilentServer(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	require.NoError(t, err)
	defer listener.Close()
	accepted := make(chan net.Conn, 100)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				close(accepted)
				return
			}
			accepted <- conn
		}
	}()
	for name, call := range map[string]func(ctx context.Context, b *sseredis.Broker) error{
		"last": func(ctx context.Context, b *sseredis.Broker) error { _, err := b.Last(ctx); return err },
		"publish": func(ctx context.Context, b *sseredis.Broker) error {
			_, err := b.Publish(ctx, "a", []byte("x"))
			return err
		},
		"range": func(ctx context.Context, b *sseredis.Broker) (last error) {
			for _, err := range b.Range(ctx, sse.Position{Epoch: "1"}, 1, []string{"a"}) {
				last = err
			}
			return last
		},
		"subscribe": func(ctx context.Context, b *sseredis.Broker) (last error) {
			for _, err := range b.Subscribe(ctx, sse.Position{Epoch: "1"}) {
				last = err
			}
			return last
		},
	} {
		t.Run(name, func(t *testing.T) {
			broker, err := sseredis.Open("unix://" + socket + "?read_timeout=10m")
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- call(ctx, broker) }()
			conn := <-accepted
			cancel()
			require.ErrorIs(t, <-ended, context.Canceled)
			require.NoError(t, broker.Close(context.Background()))
			require.NoError(t, conn.Close())
		})
	}
}

func TestCloseEndsCalls(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket()})
	defer client.Close()
	broker, err := sseredis.New(client)
	require.NoError(t, err)
	last, err := broker.Publish(t.Context(), "a", []byte("data: x\n\n"))
	require.NoError(t, err)
	ended := make(chan error, 1)
	begun := make(chan struct{})
	go func() {
		var last2 error
		for message, err := range broker.Subscribe(t.Context(), sse.Position{Epoch: last.Epoch}) {
			if last2 = err; err == nil {
				assert.Equal(t, last, message.Position)
				close(begun)
			}
		}
		ended <- last2
	}()
	<-begun
	require.NoError(t, broker.Close(context.Background()))
	require.EqualError(t, <-ended, "the broker is closed")
	require.NoError(t, broker.Close(context.Background()))
	_, err = broker.Last(t.Context())
	require.EqualError(t, err, "last position of redis stream chitor:events: the broker is closed")
	_, err = broker.Publish(t.Context(), "a", nil)
	require.EqualError(t, err, "publish to redis stream chitor:events: the broker is closed")
	for _, err := range broker.Subscribe(t.Context(), last) {
		require.EqualError(t, err, "the broker is closed")
	}
	require.NoError(t, client.Ping(t.Context()).Err(), "the client is its owner's")
}

// After a subscription has ended nothing is left of it on the server.
func TestSubscriptionsLeaveNoConnection(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	broker := server.open(t)
	last, err := broker.Last(t.Context())
	require.NoError(t, err)
	var tasks sync.WaitGroup
	for range 20 {
		tasks.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			for _, err := range broker.Subscribe(ctx, last) {
				if err != nil {
					assert.ErrorIs(t, err, context.Canceled)
					return
				}
				cancel()
			}
		})
	}
	_, err = broker.Publish(t.Context(), "a", []byte("data: x\n\n"))
	require.NoError(t, err)
	tasks.Wait()
	require.NoError(t, broker.Close(context.Background()))
	require.Eventually(t, func() bool {
		clients, err := server.admin.ClientList(t.Context()).Result()
		require.NoError(t, err)
		return strings.Count(clients, "\n") == 1
	}, time.Minute, time.Millisecond)
}

// A connection that begins writes into the options of its client, which each
// subscription copies. The race detector sees it if it is not the client's copy.
func TestSubscriptionsBeginWhileTheClientConnects(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	last, err := server.open(t).Publish(t.Context(), "a", []byte("data: x\n\n"))
	require.NoError(t, err)
	for range 10 {
		broker := server.open(t)
		var tasks sync.WaitGroup
		for range 10 {
			tasks.Go(func() {
				for message, err := range broker.Subscribe(t.Context(), sse.Position{Epoch: last.Epoch}) {
					assert.NoError(t, err)
					assert.Equal(t, last, message.Position)
					break
				}
			})
		}
		tasks.Wait()
	}
}

// cutting drops the connection in the place of the reply to the command that
// comes next.
type cutting struct {
	net.Conn
	cut chan struct{}
}

func (c cutting) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	select {
	case <-c.cut:
		_ = c.Close()
		return 0, net.ErrClosed
	default:
		return n, err
	}
}

// The server has done what it was told, and its answer is lost. A client that
// tried again would publish twice.
func TestPublishIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	cut := make(chan struct{}, 1)
	client := redis.NewClient(&redis.Options{
		Dialer: func(context.Context, string, string) (net.Conn, error) {
			conn, err := net.Dial("unix", server.Socket())
			return cutting{conn, cut}, err
		},
		MaxRetries: 5,
	})
	defer client.Close()
	broker, err := sseredis.New(client)
	require.NoError(t, err)
	first, err := broker.Publish(t.Context(), "a", []byte("data: 1\n\n"))
	require.NoError(t, err)
	cut <- struct{}{}
	_, err = broker.Publish(t.Context(), "a", []byte("data: 2\n\n"))
	require.ErrorIs(t, err, net.ErrClosed)
	third, err := broker.Publish(t.Context(), "a", []byte("data: 3\n\n"))
	require.NoError(t, err)
	assert.Equal(t, first.Offset+2, third.Offset)
}
