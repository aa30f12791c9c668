package engine_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
)

func TestStopEndsStreamsAtOnce(t *testing.T) {
	cases := []struct {
		name, last string
	}{
		{"nothing more", ""},
		{"a line", "last\n"},
		{"a large body", strings.Repeat("0123456789abcdef", 2000)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, mode apptest.Option) {
				host := apptest.Start(t, farewell(c.last), mode)
				var streams []*http.Response
				for range 20 {
					streams = append(streams, host.Get("/"))
				}
				time.Sleep(time.Hour)

				stopsAtOnce(t, host)
				for _, stream := range streams {
					require.Equal(t, "first\n"+c.last, apptest.Text(t, stream))
				}
				_, err := host.Client().Get(host.URL)
				require.ErrorContains(t, err, "connection refused")
			})
		})
	}
}

// The end of a chunked body arrives, and then the end of the connection.
func TestStopEndsChunkedBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, farewell("last\n"))
		conn := host.Dial()
		_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		require.NoError(t, err)
		synctest.Wait()

		stopTakes(t, 0, host)
		got, err := io.ReadAll(conn)
		require.NoError(t, err)
		_, body, _ := strings.Cut(string(got), "\r\n\r\n")
		require.Equal(t, "6\r\nfirst\n\r\n5\r\nlast\n\r\n0\r\n\r\n", body)
	})
}

// A client that is told to go elsewhere must not come back.
func TestStopClosesListenersFirst(t *testing.T) {
	var listener net.Listener
	var closed error
	server, memory := start(t, func(a *app.Application) {
		a.OnStopPreparing(func() { closed = listener.Close() })
	})
	listener = memory
	dial(t, memory) // it is served by now
	require.NoError(t, server.Stop(t.Context()))
	require.ErrorIs(t, closed, net.ErrClosed)
}

func TestStopIgnoresConnectionsWithoutCalls(t *testing.T) {
	cases := []struct {
		name    string
		connect func(t *testing.T, host *apptest.Host)
		takes   time.Duration
	}{
		{"none", func(*testing.T, *apptest.Host) {}, 0},
		{"new", func(_ *testing.T, host *apptest.Host) { host.Dial() }, 0},
		{"amid its first header", func(t *testing.T, host *apptest.Host) {
			_, err := io.WriteString(host.Dial(), "GET / HTTP/1.1\r\nHost:")
			require.NoError(t, err)
		}, 0},
		{"idle, HTTP/1.1", func(t *testing.T, host *apptest.Host) {
			conn := host.Dial()
			_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
			require.NoError(t, err)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			require.Equal(t, "hello", apptest.Text(t, response))
		}, 0},
		{"idle, h2c", func(t *testing.T, host *apptest.Host) {
			require.Equal(t, "hello", apptest.Text(t, host.Get("/")))
		}, 100 * time.Millisecond}, // for GOAWAY, which no client has to answer
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, answer(hello), apptest.H2C())
				c.connect(t, host)
				synctest.Wait()
				stopTakes(t, c.takes, host)
			})
		})
	}
}

// The time to read GOAWAY begins anew when the application has stopped: its last
// calls may have ended just then.
func TestStopLeavesHTTP2ClientsTimeAfterTheApplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.OnStop(func(context.Context) error { time.Sleep(time.Second / 2); return nil })
			answer(hello)(a)
		}, apptest.H2C())
		require.Equal(t, "hello", apptest.Text(t, host.Get("/")))
		// A client that reads GOAWAY before it has put its stream away closes
		// the connection.
		synctest.Wait()
		stopTakes(t, time.Second/2+100*time.Millisecond, host)
	})
}

func TestStopLeavesCallsTheGracePeriod(t *testing.T) {
	cases := []struct {
		name    string
		handler app.Handler
		takes   time.Duration
		body    string
	}{
		{"ends in it", func(c *app.Call) error {
			time.Sleep(time.Second / 2)
			return c.RespondText("in time")
		}, time.Second / 2, "in time"},
		{"ends with its context", func(c *app.Call) error {
			<-c.Context().Done()
			return c.RespondText(context.Cause(c.Context()).Error())
		}, time.Second, app.ErrStopping.Error()},
		{"ends later, ignoring its context", func(c *app.Call) error {
			time.Sleep(3 * time.Second)
			return c.RespondText("late")
		}, 3 * time.Second, "late"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, mode apptest.Option) {
				host := apptest.Start(t, answer(c.handler), mode)
				bodies := make(chan string, 1)
				go func() {
					response, err := host.Client().Get(host.URL)
					if assert.NoError(t, err) {
						bodies <- apptest.Text(t, response)
					}
				}()
				synctest.Wait()
				stopTakes(t, c.takes, host)
				require.Equal(t, c.body, <-bodies)
			})
		})
	}
}

func TestStopGivesUpAtTheTimeout(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprint("HTTP/2 ", http2), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				defer close(release)
				server, listener := start(t, answer(func(*app.Call) error { <-release; return nil }), engine.HTTP2Cleartext())
				request(t, dial(t, listener), http2)
				synctest.Wait()

				began := time.Now()
				err := server.Stop(t.Context())
				require.Equal(t, 5*time.Second, time.Since(began))
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorContains(t, err, "1 calls still running")
			})
		})
	}
}

// The network holds 1 KiB each way, so that a client that does not read holds up
// the handler that writes.
func TestStopCutsClientsThatDoNotRead(t *testing.T) {
	const grace, flush = time.Second, 100 * time.Millisecond
	cases := []struct {
		name  string
		body  string
		http2 bool
		takes time.Duration
	}{
		{"a large body", strings.Repeat("x", 1<<20), false, grace},
		{"a body that only has to be flushed", strings.Repeat("x", 2000), false, grace},
		{"a large body, h2c", strings.Repeat("x", 1<<20), true, grace + 5*flush/2},
		// net/http calls the connection idle.
		{"a body that only has to be flushed, h2c", strings.Repeat("x", 2000), true, flush},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				respond := func(call *app.Call) error { return call.RespondText(c.body) }
				server, listener := start(t, answer(respond), engine.HTTP2Cleartext())
				request(t, dial(t, listener), c.http2)
				synctest.Wait()

				began := time.Now()
				require.NoError(t, server.Stop(t.Context()))
				require.Equal(t, c.takes, time.Since(began))
			})
		})
	}
}

// A client that has not seen GOAWAY yet may send one more call: it is served,
// and not turned away. Whether one comes in time is the client's affair, so that
// here a call stands for it.
func TestStopServesCallsOnOpenConnections(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var statuses []int
		call := func(a *app.Application) {
			response := httptest.NewRecorder()
			a.ServeHTTP(response, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
			statuses = append(statuses, response.Code)
		}
		host := apptest.Start(t, func(a *app.Application) {
			a.OnStopPreparing(func() { call(a) }) // no other call runs
			a.OnStop(func(context.Context) error { call(a); return nil })
			answer(hello)(a)
		}, mode)
		require.Equal(t, "hello", apptest.Text(t, host.Get("/")))
		host.Stop()
		require.Equal(t, []int{http.StatusOK, http.StatusServiceUnavailable}, statuses)
	})
}

// Whoever has the net/http server may shut it down as well, at any time.
func TestStopBesideAShutdown(t *testing.T) {
	for name, before := range map[string]bool{"before": true, "meanwhile": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var own *http.Server
				server, _ := start(t, func(a *app.Application) {
					a.OnStop(func(ctx context.Context) error { return own.Shutdown(ctx) })
				}, engine.HTTPServer(func(h *http.Server) { own = h }))
				if before {
					require.NoError(t, own.Shutdown(t.Context()))
				}
				require.NoError(t, server.Stop(t.Context()))
				synctest.Wait()
			})
		})
	}
}
