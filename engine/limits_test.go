package engine_test

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/calllogging"
)

func TestHeaderLimit(t *testing.T) {
	lower := engine.HTTPServer(func(h *http.Server) { h.MaxHeaderBytes = 1000 })
	cases := []struct {
		name    string
		bytes   int
		options []engine.Option
		status  int
	}{
		{"below", 64<<10 - 500, nil, http.StatusOK},
		{"above", 69 << 10, nil, http.StatusRequestHeaderFieldsTooLarge},
		{"another limit", 6 << 10, []engine.Option{lower}, http.StatusRequestHeaderFieldsTooLarge},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, answer(hello), apptest.Buffer(1<<20), apptest.Engine(c.options...))
				response := host.Get("/", apptest.Header("X-Long", strings.Repeat("x", c.bytes)))
				require.Equal(t, c.status, response.StatusCode)
			})
		})
	}
}

// The client sends something and then waits for the end of the connection.
func TestTimeoutsCloseConnections(t *testing.T) {
	const get = "GET / HTTP/1.1\r\nHost: localhost\r\n"
	shorter := engine.HTTPServer(func(h *http.Server) { h.ReadHeaderTimeout, h.IdleTimeout = time.Second, time.Minute })
	cases := []struct {
		name    string
		options []engine.Option
		send    string
		open    time.Duration
	}{
		{"nothing", nil, "", 10 * time.Second},
		{"half a header", nil, get, 10 * time.Second},
		{"half a preface of HTTP/2", []engine.Option{engine.HTTP2Cleartext()}, "PRI * HTTP/2.0\r\n", 10 * time.Second},
		{"a request", nil, get + "\r\n", 2 * time.Minute},
		{"a request and half a header", nil, get + "\r\n" + get, 10 * time.Second},
		{"half a header, another time-out", []engine.Option{shorter}, get, time.Second},
		{"a request, another time-out", []engine.Option{shorter}, get + "\r\n", time.Minute},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, listener := start(t, answer(hello), c.options...)
				conn := dial(t, listener)
				began := time.Now()
				_, err := io.WriteString(conn, c.send)
				require.NoError(t, err)
				got, err := io.ReadAll(conn)
				require.NoError(t, err)
				require.Equal(t, c.open, time.Since(began))
				if strings.HasPrefix(c.send, get+"\r\n") {
					response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(got)), nil)
					require.NoError(t, err)
					require.Equal(t, "hello", apptest.Text(t, response))
				}
			})
		})
	}
}

// The client reads nothing, so no frame can end its stream: the connection has
// to end.
func TestWriteTimeoutEndsHTTP2Connections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		_, listener := start(t, answer(func(c *app.Call) error {
			_, err := io.WriteString(c.Writer(), strings.Repeat("x", 1<<20))
			ended <- err
			return err
		}), engine.HTTP2Cleartext())
		began := time.Now()
		request(t, dial(t, listener), true)
		require.Error(t, <-ended)
		// Three times the write time-out: some bytes went out first, and net/http
		// asks once more.
		require.LessOrEqual(t, time.Since(began), 90*time.Second)
	})
}

func TestQuietStreamStaysOpen(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, farewell("last\n"), mode)
		stream := host.Get("/")
		time.Sleep(24 * time.Hour)
		stopsAtOnce(t, host)
		require.Equal(t, "first\nlast\n", apptest.Text(t, stream))
	})
}

// net/http would answer it with 200, and no plugin would see it.
func TestOptionsOfTheServerAreACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(calllogging.Plugin)
		})
		conn := host.Dial()
		_, err := io.WriteString(conn, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
		require.NoError(t, err)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		require.Empty(t, apptest.Text(t, response))
		require.Equal(t, http.StatusNotFound, response.StatusCode)
		synctest.Wait()
		require.Len(t, host.Log().Find("the call ended"), 1)
	})
}

func TestOptionsReachTheApplication(t *testing.T) {
	logger := slog.New(slog.DiscardHandler)
	server := engine.EmbeddedServer(answer(hello), engine.Logger(logger), engine.Development(),
		engine.ShutdownGrace(2*time.Second), engine.ShutdownTimeout(time.Minute), engine.ShutdownGrace(3*time.Second))
	config := server.Application().Config()
	require.Same(t, logger, config.Logger)
	require.True(t, config.Development)
	require.Equal(t, 3*time.Second, config.ShutdownGrace)
	require.Equal(t, time.Minute, config.ShutdownTimeout)
	require.Equal(t, 30*time.Second, config.WriteTimeout)
}

func TestHTTPServerHooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var states []http.ConnState
		server, listener := start(t, answer(hello),
			engine.Logger(slog.New(slog.NewTextHandler(&log, nil)).With("server", "test")),
			engine.HTTPServer(func(h *http.Server) {
				h.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("from a foreign handler") })
			}),
			engine.HTTPServer(func(h *http.Server) {
				h.ConnState = func(_ net.Conn, state http.ConnState) { states = append(states, state) }
			}))
		conn := dial(t, listener)
		request(t, conn, false)
		_, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.NoError(t, server.Stop(t.Context()))
		require.Equal(t, []http.ConnState{http.StateNew, http.StateActive, http.StateClosed}, states)
		require.Contains(t, log.String(), "level=WARN msg=\"http: panic serving 192.0.2.2:1024: from a foreign handler")
		require.Contains(t, log.String(), " server=test\n")
	})
}
