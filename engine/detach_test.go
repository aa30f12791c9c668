package engine_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/internal/wire"
)

// takings are the ways in which a connection is taken over: by whoever likes, and
// by the application for a response that goes on.
var takings = map[string]func(c *app.Call) (net.Conn, error){
	"hijacked": hijack,
	"detached": func(c *app.Call) (net.Conn, error) {
		wire.ConnectionOf(c.Request.Context()).Detach()
		return hijack(c)
	},
}

func hijack(c *app.Call) (net.Conn, error) {
	conn, _, err := http.NewResponseController(c.Writer()).Hijack()
	return conn, err
}

// What limits the writes of a connection stays when the application takes it over:
// a client is cut off if it takes nothing for a whole time-out, and only then.
func TestDeadlinesOfADetachedConnectionAreRenewed(t *testing.T) {
	for name, test := range map[string]struct {
		limit  func(conn net.Conn) error
		steady bool // the client reads 1 KiB/s
		atMost time.Duration
	}{
		"a deadline, and a slow client":     {twentySeconds, true, time.Hour},
		"a deadline, and a stuck client":    {twentySeconds, false, 40 * time.Second},
		"no deadline, and a slow client":    {unlimited, true, time.Hour},
		"no deadline, and a stuck client":   {unlimited, false, time.Minute},
		"a deadline in the past":            {past, true, 0},
		"both deadlines, and a slow client": {both, true, time.Hour},
	} {
		for place, surround := range surroundings(t) {
			if place == "below TLS" && strings.HasPrefix(name, "no deadline") {
				continue // the listener there was told to wait for ever
			}
			t.Run(name+", "+place, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ended := make(chan error, 1)
					conn := serveOn(t, surround, func(c *app.Call) error {
						taken, err := takings["detached"](c)
						if err != nil {
							return err
						}
						defer taken.Close()
						began := time.Now()
						assert.NoError(t, test.limit(taken))
						_, err = io.WriteString(taken, long)
						assert.LessOrEqual(t, time.Since(began), test.atMost)
						ended <- err
						return nil
					})
					request(t, conn, false)
					if !test.steady || test.atMost == 0 {
						assert.ErrorIs(t, <-ended, os.ErrDeadlineExceeded)
						return
					}
					assert.Equal(t, long, readSteadily(t, conn))
					assert.NoError(t, <-ended)
				})
			})
		}
	}
}

// A record of TLS holds 16 KiB, which the slow client takes 16 s for.
func twentySeconds(conn net.Conn) error {
	return conn.SetWriteDeadline(time.Now().Add(20 * time.Second))
}
func both(conn net.Conn) error { return conn.SetDeadline(time.Now().Add(20 * time.Second)) }
func past(conn net.Conn) error { return conn.SetWriteDeadline(time.Unix(1, 0)) }
func unlimited(net.Conn) error { return nil }

// cutOff closes a connection without a word, for which TLS might wait.
func cutOff(conn net.Conn) {
	for {
		layer, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			_ = conn.Close()
			return
		}
		conn = layer.NetConn()
	}
}

// A Detach that no hijack has followed is forgotten with its request.
func TestADetachWithoutAHijackIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		server, listener := start(t, answer(func(c *app.Call) error {
			if len(c.Request.Header["X-Take"]) == 0 {
				wire.ConnectionOf(c.Request.Context()).Detach()
				return hello(c)
			}
			taken, err := hijack(c)
			if err != nil {
				return err
			}
			defer taken.Close()
			began := time.Now()
			err = twentySeconds(taken)
			_, writeErr := io.WriteString(taken, long)
			assert.Equal(t, 20*time.Second, time.Since(began))
			ended <- writeErr
			return err
		}))
		conn := dial(t, listener)
		request(t, conn, false)
		isServed(t, conn, true)
		require.Equal(t, engine.Stats{Idle: 1, Accepted: 1}, server.Stats())
		require.NoError(t, conn.SetReadDeadline(time.Time{}))
		_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Take: 1\r\n\r\n")
		require.NoError(t, err)
		readUntilItEnds(conn)
		require.ErrorIs(t, <-ended, os.ErrDeadlineExceeded)
	})
}

// There may be a million of them.
func TestAConnectionIsSmall(t *testing.T) {
	sizes := make(chan uintptr, 1)
	_, listener := start(t, answer(func(c *app.Call) error {
		sizes <- reflect.TypeOf(wire.ConnectionOf(c.Request.Context())).Elem().Size()
		return hello(c)
	}))
	request(t, dial(t, listener), false)
	size := <-sizes
	t.Logf("a connection has %d bytes", size)
	if strconv.IntSize == 64 {
		assert.EqualValues(t, 96, size, "a size that the allocator has")
	}
}

// Over HTTP/2 there are other calls on the connection.
func TestHTTP2IsNotDetached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, answer(func(c *app.Call) error {
			wire.ConnectionOf(c.Request.Context()).Detach()
			_, err := hijack(c)
			assert.ErrorIs(t, err, http.ErrNotSupported)
			return hello(c)
		}), apptest.H2C())
		for range 3 {
			assert.Equal(t, "hello", apptest.Text(t, host.Get("/")))
		}
	})
}

// elsewhere is a layer above the server's connections, which says that they end
// at another address.
type elsewhere struct{ net.Listener }

type elsewhereConn struct{ net.Conn }

func (e elsewhere) Accept() (net.Conn, error) {
	conn, err := e.Listener.Accept()
	return elsewhereConn{conn}, err
}

func (e elsewhereConn) NetConn() net.Conn   { return e.Conn }
func (e elsewhereConn) LocalAddr() net.Addr { return &net.UnixAddr{Name: "elsewhere", Net: "unix"} }

type hookKey struct{}

// A call that outlives its connection has the values that its request had, and
// ends with the application alone.
func TestValuesOfAConnection(t *testing.T) {
	places := surroundings(t)
	places["elsewhere"] = func(l *memnet.Listener) (net.Listener, func(net.Conn) net.Conn) {
		return elsewhere{engine.NewListener(l, 0)}, func(conn net.Conn) net.Conn { return conn }
	}
	for place, surround := range places {
		t.Run(place, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				values := make(chan context.Context, 1)
				var application *app.Application
				conn := serveOn(t, surround, func(c *app.Call) error {
					application = c.Application()
					request := c.Request.Context()
					kept := wire.ConnectionOf(request).Values()
					for _, key := range []any{http.ServerContextKey, http.LocalAddrContextKey, hookKey{}, wire.ConnectionKey{}} {
						assert.NotNil(t, request.Value(key))
						assert.Equal(t, request.Value(key), kept.Value(key))
					}
					assert.Nil(t, kept.Value("x"))
					values <- kept
					return hello(c)
				}, engine.HTTPServer(func(h *http.Server) {
					h.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
						return context.WithValue(ctx, hookKey{}, "hook")
					}
				}))
				request(t, conn, false)
				kept := <-values
				cutOff(conn)
				synctest.Wait()
				require.NoError(t, kept.Err())
				_, limited := kept.Deadline()
				assert.False(t, limited)
				below, cancel := context.WithCancel(kept)
				defer cancel()
				require.NoError(t, application.Stop(t.Context()))
				<-below.Done()
				assert.ErrorIs(t, context.Cause(below), app.ErrStopping)
			})
		})
	}
}

type writerKey struct{}

// passWriter lets a call take the connection itself: the application would end one
// that a handler has taken.
func passWriter(h *http.Server) {
	inner := h.Handler
	h.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), writerKey{}, w)))
	})
}

// A call whose connection net/http has forgotten is waited for as any other, and
// what it writes at the end arrives. The connection is its own to close, even if
// it takes too long.
func TestStopWaitsForCallsThatHaveTakenTheirConnection(t *testing.T) {
	for name, test := range map[string]struct {
		takes, want time.Duration
		err         error
	}{
		"within the grace period": {300 * time.Millisecond, 300 * time.Millisecond, nil},
		"later":                   {3 * time.Second, 3 * time.Second, nil},
		"for too long":            {time.Hour, 5 * time.Second, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				over := make(chan error, 1)
				release := make(chan struct{})
				server, listener := start(t, answer(func(c *app.Call) error {
					wire.ConnectionOf(c.Request.Context()).Detach()
					taken, _, err := c.Request.Context().Value(writerKey{}).(http.Hijacker).Hijack()
					if err != nil {
						return err
					}
					select {
					case <-time.After(test.takes):
					case <-release:
					}
					_, err = io.WriteString(taken, "last words")
					over <- errors.Join(err, taken.Close())
					return nil
				}), engine.HTTPServer(passWriter))
				conn := dial(t, listener)
				request(t, conn, false)
				synctest.Wait()
				began := time.Now()
				require.ErrorIs(t, server.Stop(t.Context()), test.err)
				assert.Equal(t, test.want, time.Since(began))
				close(release)
				text, err := io.ReadAll(conn)
				require.NoError(t, err)
				assert.Equal(t, "last words", string(text))
				assert.NoError(t, <-over)
				assert.Equal(t, engine.Stats{Accepted: 1}, server.Stats())
			})
		})
	}
}
