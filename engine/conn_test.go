package engine_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

// long takes a minute at 1 KiB/s, which is twice the time-out for a write.
var long = strings.Repeat("0123456789abcdef", 4<<10)

// downloads are the ways in which the handler of a test sends long.
func downloads(t *testing.T) map[string]app.Handler {
	t.Helper()
	path := t.TempDir()
	require.NoError(t, os.WriteFile(path+"/long", []byte(long), 0o600))
	return map[string]app.Handler{
		"text": func(c *app.Call) error { return c.RespondText(long) },
		"file": func(c *app.Call) error { return c.RespondFile(os.DirFS(path), "long") },
		"stream": func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error {
				if _, err := io.WriteString(w, long); err != nil {
					return err
				}
				return http.NewResponseController(w).Flush()
			}))
		},
	}
}

// A surrounding puts something between a network and its server. It returns what
// the server accepts from, and what its client does to a connection.
type surrounding func(*memnet.Listener) (net.Listener, func(net.Conn) net.Conn)

func surroundings(t *testing.T) map[string]surrounding {
	t.Helper()
	issued := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(issued.Close)
	roots := issued.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	plain := func(conn net.Conn) net.Conn { return conn }
	return map[string]surrounding{
		"plain": func(l *memnet.Listener) (net.Listener, func(net.Conn) net.Conn) { return l, plain },
		"below TLS": func(l *memnet.Listener) (net.Listener, func(net.Conn) net.Conn) {
			config := &tls.Config{Certificates: issued.TLS.Certificates}
			return tls.NewListener(engine.NewListener(l, 0), config), func(conn net.Conn) net.Conn {
				return tls.Client(conn, &tls.Config{RootCAs: roots, ServerName: "example.com"})
			}
		},
		"a connection that sends files": func(l *memnet.Listener) (net.Listener, func(net.Conn) net.Conn) {
			return &senders{l, false}, plain
		},
		"a connection that copies": func(l *memnet.Listener) (net.Listener, func(net.Conn) net.Conn) {
			return &senders{l, true}, plain
		},
	}
}

func TestClientThatReadsSteadilyGetsEverything(t *testing.T) {
	for place, surround := range surroundings(t) {
		for kind, handler := range downloads(t) {
			if place == "a connection that copies" && kind == "file" {
				continue // TestWhatIsLostIsNotGoneOnWith
			}
			t.Run(kind+", "+place, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					conn := serveOn(t, surround, handler)
					_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n")
					require.NoError(t, err)
					assert.Contains(t, readSteadily(t, conn), long)
				})
			})
		}
	}
}

// serveOn serves handler on connections of a network that holds 1 KiB, and
// returns a client's.
func serveOn(
	t *testing.T, surround surrounding, handler app.Handler, options ...engine.Option,
) net.Conn {
	t.Helper()
	memory := memnet.Listen(memnet.Buffer(1024))
	listener, client := surround(memory)
	server := engine.EmbeddedServer(answer(handler), append(options, engine.Listener(listener), quiet)...)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { _ = server.Stop(context.Background()) })
	return client(dial(t, memory))
}

// readSteadily reads 1 KiB/s to the end, and returns it without the chunks'
// lengths.
func readSteadily(t *testing.T, conn io.Reader) string {
	t.Helper()
	var got strings.Builder
	for {
		_, err := io.CopyN(&got, conn, 1024)
		if err == io.EOF {
			return got.String()
		}
		require.NoError(t, err)
		time.Sleep(time.Second)
	}
}

// senders are connections that send from a reader as those of TCP do: with
// sendfile, which reads only what it sends, or by a copy, which loses what it
// cannot send.
type senders struct {
	*memnet.Listener
	copies bool
}

func (s *senders) Accept() (net.Conn, error) {
	conn, err := s.Listener.Accept()
	return &sender{conn, s.copies}, err
}

type sender struct {
	net.Conn
	copies bool
}

func (s *sender) ReadFrom(r io.Reader) (n int64, err error) {
	piece := make([]byte, 4<<10)
	for {
		read, err := r.Read(piece)
		if err != nil {
			return n, ended(err)
		}
		sent, err := s.Write(piece[:read])
		n += int64(sent)
		if err == nil {
			continue
		}
		if limited := r.(*io.LimitedReader); !s.copies {
			limited.N += int64(read - sent)
			if _, err := limited.R.(io.Seeker).Seek(int64(sent-read), io.SeekCurrent); err != nil {
				return n, err
			}
		}
		return n, err
	}
}

func ended(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// What was read and not sent when a deadline passed is lost: the body is cut off
// there, and has no hole.
func TestWhatIsLostIsNotGoneOnWith(t *testing.T) {
	handler := downloads(t)["file"]
	synctest.Test(t, func(t *testing.T) {
		conn := serveOn(t, func(l *memnet.Listener) (net.Listener, func(net.Conn) net.Conn) {
			return &senders{l, true}, func(conn net.Conn) net.Conn { return conn }
		}, handler)
		request(t, conn, false)
		_, body, _ := strings.Cut(readSteadily(t, conn), "\r\n\r\n")
		assert.Greater(t, len(body), 16<<10)
		assert.Less(t, len(body), len(long))
		assert.Equal(t, long[:len(body)], body)
	})
}

// At most twice the time-out: the first time some bytes went out. crypto/tls
// takes up to 5 s more to say goodbye to a client that does not read.
func TestClientThatReadsNothingIsCutOff(t *testing.T) {
	for place, surround := range surroundings(t) {
		for kind, handler := range downloads(t) {
			t.Run(kind+", "+place, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					closed := make(chan time.Time, 1)
					conn := serveOn(t, surround, handler, engine.HTTPServer(func(h *http.Server) {
						h.ConnState = func(_ net.Conn, state http.ConnState) {
							if state == http.StateClosed {
								closed <- time.Now()
							}
						}
					}))
					began := time.Now()
					request(t, conn, false)
					took := (<-closed).Sub(began)
					assert.GreaterOrEqual(t, took, 30*time.Second)
					assert.LessOrEqual(t, took, time.Minute+5*time.Second)
				})
			})
		}
	}
}

// A call that ends sets a deadline in the past.
func TestStopCutsClientsThatReadSteadily(t *testing.T) {
	for place, surround := range surroundings(t) {
		for kind, handler := range downloads(t) {
			t.Run(kind+", "+place, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var server *app.Application
					conn := serveOn(t, surround, func(c *app.Call) error {
						server = c.Application()
						return handler(c)
					})
					request(t, conn, false)
					var reading sync.WaitGroup
					reading.Go(func() { readUntilItEnds(conn) })
					time.Sleep(10*time.Second + time.Second/2)
					synctest.Wait()
					began := time.Now()
					require.NoError(t, server.Stop(t.Context()))
					atMost := time.Second // the grace period
					if place == "below TLS" {
						atMost += 5 * time.Second // in which crypto/tls says goodbye
					}
					assert.LessOrEqual(t, time.Since(began), atMost)
					reading.Wait()
				})
			})
		}
	}
}

// Whoever hijacks a connection sets the deadlines of a net.Conn.
func TestDeadlinesOfAHijackedConnectionAreNotRenewed(t *testing.T) {
	for place, surround := range surroundings(t) {
		t.Run(place, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ended := make(chan error, 1)
				conn := serveOn(t, surround, func(c *app.Call) error {
					taken, _, err := http.NewResponseController(c.Writer()).Hijack()
					if err != nil {
						return err
					}
					defer taken.Close()
					began := time.Now()
					err = taken.SetWriteDeadline(began.Add(5 * time.Second))
					_, writeErr := io.WriteString(taken, long)
					assert.Equal(t, 5*time.Second, time.Since(began))
					ended <- writeErr
					return err
				})
				request(t, conn, false)
				readUntilItEnds(conn)
				require.ErrorIs(t, <-ended, os.ErrDeadlineExceeded)
			})
		})
	}
}

func readUntilItEnds(conn io.Reader) {
	for {
		if _, err := io.CopyN(io.Discard, conn, 1024); err != nil {
			return
		}
		time.Sleep(time.Second)
	}
}

// The hooks of net/http see connections that offer what those below do.
func TestConnectionsOfferWhatIsBelow(t *testing.T) {
	accept := func(t *testing.T, inner net.Listener, dial func() (net.Conn, error)) net.Conn {
		t.Helper()
		listener := engine.NewListener(inner, time.Minute)
		t.Cleanup(func() { _ = listener.Close() })
		accepted := make(chan net.Conn, 1)
		go func() {
			conn, err := listener.Accept()
			assert.NoError(t, err)
			accepted <- conn
		}()
		client, err := dial()
		require.NoError(t, err)
		conn := <-accepted
		t.Cleanup(func() { _, _ = client.Close(), conn.Close() })
		return conn
	}
	t.Run("memory", func(t *testing.T) {
		memory := memnet.Listen()
		conn := accept(t, memory, func() (net.Conn, error) { return memory.Dial(t.Context()) })
		assert.IsType(t, (*memnet.Conn)(nil), conn.(interface{ NetConn() net.Conn }).NetConn())
		_, err := conn.(syscall.Conn).SyscallConn()
		assert.ErrorIs(t, err, errors.ErrUnsupported)
		assert.NoError(t, conn.(interface{ CloseWrite() error }).CloseWrite())
	})
	t.Run("TCP", func(t *testing.T) {
		loopback, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		conn := accept(t, loopback, func() (net.Conn, error) { return net.Dial("tcp", loopback.Addr().String()) })
		assert.IsType(t, (*net.TCPConn)(nil), conn.(interface{ NetConn() net.Conn }).NetConn())
		_, err = conn.(syscall.Conn).SyscallConn()
		assert.NoError(t, err)
		assert.NoError(t, conn.(interface{ CloseWrite() error }).CloseWrite())
	})
	t.Run("a pipe, which cannot close one end", func(t *testing.T) {
		near, far := net.Pipe()
		conn := accept(t, &once{Listener: memnet.Listen(), conn: near}, func() (net.Conn, error) { return far, nil })
		assert.ErrorIs(t, conn.(interface{ CloseWrite() error }).CloseWrite(), errors.ErrUnsupported)
	})
}

// once is a listener that accepts one connection.
type once struct {
	net.Listener
	conn net.Conn
}

func (o *once) Accept() (net.Conn, error) { return o.conn, nil }

// A connection that speaks TLS is served over the protocol that it has agreed
// on, which net/http looks for in the connection itself.
func TestListenerThatSpeaksTLSIsLeftAsItIs(t *testing.T) {
	issued := httptest.NewTLSServer(nil) // for its certificate
	t.Cleanup(issued.Close)
	inner, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	config := &tls.Config{Certificates: issued.TLS.Certificates, NextProtos: []string{"h2", "http/1.1"}}
	server := engine.EmbeddedServer(answer(func(c *app.Call) error { return c.RespondText(c.Request.Proto) }),
		engine.Listener(tls.NewListener(inner, config)), quiet)
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	client := issued.Client()
	client.Transport.(*http.Transport).ForceAttemptHTTP2 = true
	response, err := client.Get("https://" + inner.Addr().String())
	require.NoError(t, err)
	defer response.Body.Close()
	assert.Equal(t, "HTTP/2.0", response.Proto)
}
