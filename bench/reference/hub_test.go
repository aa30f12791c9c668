package reference_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/bench/reference"
	"github.com/chitor-go/chitor/internal/memnet"
)

// subscribe opens a stream and reads its head.
func subscribe(t *testing.T, listener *memnet.Listener) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := listener.DialContext(context.Background(), "tcp", "localhost:80")
	require.NoError(t, err)
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(t, err)
	reader := bufio.NewReader(conn)
	for line := ""; line != "\r\n"; {
		line, err = reader.ReadString('\n')
		require.NoError(t, err, "the head is sent before the first event")
	}
	return conn, reader
}

// serve serves a hub until the test ends.
func serve(t *testing.T) (*reference.Hub, *memnet.Listener) {
	t.Helper()
	hub, listener := reference.NewHub(), memnet.Listen()
	server := &http.Server{Handler: http.HandlerFunc(hub.Subscribe)}
	done := make(chan error)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		assert.NoError(t, server.Close())
		assert.ErrorIs(t, <-done, http.ErrServerClosed)
	})
	return hub, listener
}

// received is what one client got: the numbers of events.
type received struct {
	ids []string
	err error
}

// events reads n events.
func events(reader *bufio.Reader, n int) (got received) {
	for len(got.ids) < n {
		line, err := reader.ReadString('\n')
		if err != nil {
			return received{got.ids, err}
		}
		if id, found := strings.CutPrefix(line, "id: "); found {
			got.ids = append(got.ids, strings.TrimSpace(id))
		}
	}
	return got
}

func numbers(n int) received {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.Itoa(i)
	}
	return received{ids: ids}
}

func TestHubSendsEachEventToAllInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, listener := serve(t)
		const clients, published = 5, 4 * reference.QueueLimit
		got := make(chan received)
		for range clients {
			conn, reader := subscribe(t, listener)
			defer conn.Close()
			go func() { got <- events(reader, published) }()
		}
		synctest.Wait()
		for i := range published {
			hub.Publish(strconv.Itoa(i), "", strings.Repeat("x", 1000))
		}
		for range clients {
			assert.Equal(t, numbers(published), <-got)
		}
	})
}

func TestHubEndsAClientThatTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, listener := serve(t)
		const published = 4 * reference.QueueLimit
		deaf, _ := subscribe(t, listener)
		defer deaf.Close()
		conn, reader := subscribe(t, listener)
		defer conn.Close()
		got := make(chan received)
		go func() { got <- events(reader, published) }()
		synctest.Wait()
		began := time.Now()
		for i := range published {
			hub.Publish(strconv.Itoa(i), "", strings.Repeat("x", 1000))
		}
		assert.Equal(t, numbers(published), <-got)
		assert.Equal(t, reference.StallLimit, time.Since(began))
		text, err := io.ReadAll(deaf)
		assert.NoError(t, err)
		assert.False(t, strings.HasSuffix(string(text), "0\r\n\r\n"), "the stream ends in the middle")
	})
}

func TestHubForgetsAClientThatHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub, listener := serve(t)
		conn, _ := subscribe(t, listener)
		require.NoError(t, conn.Close())
		synctest.Wait()
		began := time.Now()
		for i := range 2 * reference.QueueLimit {
			hub.Publish(fmt.Sprint(i), "greeting", "one\ntwo")
		}
		assert.Zero(t, time.Since(began), "nobody is waited for")
	})
}
