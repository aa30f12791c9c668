package files_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/static"
	"github.com/chitor-go/chitor/routing"
)

// sizes are those of the files, by their names.
var sizes = map[string]int64{"10KiB.bin": 10 << 10, "100MiB.bin": 100 << 20}

// directory returns a directory with a file of each size.
func directory(tb testing.TB) string {
	tb.Helper()
	path := tb.TempDir()
	for name, size := range sizes {
		require.NoError(tb, os.WriteFile(filepath.Join(path, name), make([]byte, size), 0o600))
	}
	return path
}

// variants are the handlers that are compared.
func variants(tb testing.TB, path string) map[string]http.Handler {
	tb.Helper()
	root, err := os.OpenRoot(path)
	require.NoError(tb, err)
	tb.Cleanup(func() { assert.NoError(tb, root.Close()) })
	return map[string]http.Handler{
		"fileserver":      http.FileServerFS(os.DirFS(path)),
		"fileserver-root": http.FileServerFS(root.FS()),
		"http.Dir":        http.FileServer(http.Dir(path)),
		"chitor":          chitor(tb, func(r *routing.Route) { static.Files(r, "/", path) }),
	}
}

func chitor(tb testing.TB, declare func(r *routing.Route)) http.Handler {
	tb.Helper()
	application := app.New(func(a *app.Application) { routing.Routes(a, declare) })
	require.NoError(tb, application.Start(context.Background()))
	tb.Cleanup(func() { require.NoError(tb, application.Stop(context.Background())) })
	return application
}

// counted is a connection that tells what it was handed by ReadFrom.
type counted struct {
	*net.TCPConn
	sent func(bytes int64)
}

func (c counted) ReadFrom(r io.Reader) (int64, error) {
	n, err := c.TCPConn.ReadFrom(r)
	c.sent(n)
	return n, err
}

// listen serves until the test ends, and returns the address.
func listen(tb testing.TB, handler http.Handler, sent func(bytes int64)) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	server := &http.Server{Handler: handler}
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(counting{listener, sent}) })
	tb.Cleanup(func() {
		assert.NoError(tb, server.Close())
		running.Wait()
	})
	return listener.Addr().String()
}

// counting is a listener whose connections tell what they were handed.
type counting struct {
	net.Listener
	sent func(bytes int64)
}

func (l counting) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil || l.sent == nil {
		return conn, err
	}
	return counted{conn.(*net.TCPConn), l.sent}, nil
}

// client asks for one file again and again on one connection.
type client struct {
	conn     net.Conn
	reader   *bufio.Reader
	question []byte
	size     int64
	buffer   []byte
}

func dial(tb testing.TB, address, name string) *client {
	tb.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(tb, err)
	tb.Cleanup(func() { assert.NoError(tb, conn.Close()) })
	question := "GET /" + name + " HTTP/1.1\r\nHost: localhost\r\n\r\n"
	return &client{conn, bufio.NewReader(conn), []byte(question), sizes[name], make([]byte, 256<<10)}
}

// ask reads a whole response.
func (c *client) ask() error {
	if _, err := c.conn.Write(c.question); err != nil {
		return err
	}
	length := int64(-1)
	for {
		line, err := c.reader.ReadString('\n')
		if err != nil {
			return err
		}
		if line == "\r\n" {
			break
		}
		if text, found := strings.CutPrefix(line, "Content-Length: "); found {
			if length, err = strconv.ParseInt(strings.TrimSpace(text), 10, 64); err != nil {
				return err
			}
		}
	}
	if length != c.size {
		return io.ErrUnexpectedEOF
	}
	for left := length; left > 0; {
		n, err := c.reader.Read(c.buffer[:min(left, int64(len(c.buffer)))])
		if left -= int64(n); err != nil {
			return err
		}
	}
	return nil
}

// TestFilesAreHandedToTheKernel: all of a file but its first bytes, of which net/http
// looks at 512, and an application holds back as many until the head is known.
func TestFilesAreHandedToTheKernel(t *testing.T) {
	const held = 2 * 512
	path := directory(t)
	for variant, handler := range variants(t, path) {
		for name, size := range sizes {
			var handed atomic.Int64
			address := listen(t, handler, func(bytes int64) { handed.Add(bytes) })
			asking := dial(t, address, name)
			require.NoError(t, asking.ask())
			require.NoError(t, asking.ask()) // the first response has been told of by now
			assert.GreaterOrEqual(t, handed.Load(), size-held, variant+" "+name)
		}
	}
}

// BenchmarkSmallFile asks for a file of 10 KiB over TCP, system calls included.
func BenchmarkSmallFile(b *testing.B) { benchmark(b, "10KiB.bin") }

// BenchmarkLargeFile asks for a file of 100 MiB over TCP.
func BenchmarkLargeFile(b *testing.B) { benchmark(b, "100MiB.bin") }

// benchmark has each variant serve for a while, one after the other in no order,
// as an endpoint serves that is asked often. What garbage costs is in the time.
func benchmark(b *testing.B, name string) {
	b.Helper()
	for variant, handler := range variants(b, directory(b)) {
		client := dial(b, listen(b, handler, nil), name)
		b.Run(variant, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := client.ask(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
