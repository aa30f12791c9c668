package engine_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
)

// large is the length of a body that is downloaded.
const large = 64 << 20

// servers serve an application on loopback, and return the address.
func servers() map[string]func(*testing.B, app.Module) string {
	return map[string]func(*testing.B, app.Module) string{
		"engine": func(b *testing.B, module app.Module) string {
			server := engine.EmbeddedServer(module, engine.Host("127.0.0.1"), engine.Port(0), quiet)
			require.NoError(b, server.Start(b.Context()))
			b.Cleanup(func() { assert.NoError(b, server.Stop(context.Background())) })
			return server.Addrs()[0].String()
		},
		"net/http": func(b *testing.B, module app.Module) string {
			application := app.New(module)
			require.NoError(b, application.Start(b.Context()))
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(b, err)
			server := &http.Server{
				Handler:     application,
				BaseContext: func(net.Listener) context.Context { return application.Context() },
			}
			var running sync.WaitGroup
			running.Go(func() { _ = server.Serve(listener) })
			b.Cleanup(func() {
				assert.NoError(b, server.Close())
				running.Wait()
				assert.NoError(b, application.Stop(context.Background()))
			})
			return listener.Addr().String()
		},
	}
}

// client returns a function that asks for the body, on a connection of its own,
// and reads it.
func client(b *testing.B, address string) func() {
	b.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(b, err)
	b.Cleanup(func() { _ = conn.Close() })
	reader := bufio.NewReaderSize(conn, 256<<10)
	return func() {
		_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		require.NoError(b, err)
		response, err := http.ReadResponse(reader, nil)
		require.NoError(b, err)
		n, err := io.Copy(io.Discard, response.Body)
		require.NoError(b, err)
		require.EqualValues(b, large, n)
	}
}

// BenchmarkDownloadFile takes a file of 64 MiB over loopback, which the kernel
// sends without copying it.
func BenchmarkDownloadFile(b *testing.B) {
	folder := b.TempDir()
	require.NoError(b, os.WriteFile(folder+"/large", make([]byte, large), 0o600))
	measure(b, func(c *app.Call) error { return c.RespondFile(os.DirFS(folder), "large") })
}

// BenchmarkDownloadPieces takes as much from a handler that writes pieces.
func BenchmarkDownloadPieces(b *testing.B) {
	piece := make([]byte, 256<<10)
	measure(b, func(c *app.Call) error {
		c.Header().Set("Content-Length", strconv.Itoa(large))
		for range large / len(piece) {
			if _, err := c.Writer().Write(piece); err != nil {
				return err
			}
		}
		return nil
	})
}

// measure compares the servers. Each of the two has its turn in a benchmark of
// its own, so several runs are needed to tell them from what else goes on.
func measure(b *testing.B, handler app.Handler) {
	b.Helper()
	for name, serve := range servers() {
		b.Run(name, func(b *testing.B) {
			download := client(b, serve(b, answer(handler)))
			b.ReportAllocs()
			for b.Loop() {
				download()
			}
		})
	}
}
