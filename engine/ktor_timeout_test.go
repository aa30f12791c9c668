package engine_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
)

func echo(c *app.Call) error {
	text, err := c.ReceiveText()
	if err != nil {
		return err
	}
	return c.RespondText(text)
}

// An echoClient sends "Hello world", or only says that it will.
type echoClient struct {
	t    *testing.T
	conn net.Conn
	read *bufio.Reader
}

func newEchoClient(t *testing.T, host *apptest.Host) *echoClient {
	t.Helper()
	conn := host.Dial()
	return &echoClient{t, conn, bufio.NewReader(conn)}
}

func (e *echoClient) send(text string) *http.Response {
	e.t.Helper()
	_, err := io.WriteString(e.conn, "GET /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\n"+text)
	require.NoError(e.t, err)
	response, err := http.ReadResponse(e.read, nil)
	require.NoError(e.t, err)
	return response
}

func (e *echoClient) succeeds() {
	e.t.Helper()
	response := e.send("Hello world")
	assert.Equal(e.t, http.StatusOK, response.StatusCode)
	assert.Equal(e.t, "Hello world", apptest.Text(e.t, response))
}

// isLate has its whole response before the connection ends.
func (e *echoClient) isLate() {
	e.t.Helper()
	began := time.Now()
	response := e.send("")
	assert.Equal(e.t, http.StatusRequestTimeout, response.StatusCode)
	assert.True(e.t, response.Close)
	_ = apptest.Text(e.t, response)
	_, err := e.read.ReadByte()
	assert.Equal(e.t, io.EOF, err)
	assert.Equal(e.t, time.Second, time.Since(began).Truncate(time.Second))
}

func TestKtorNettyReadRequestTimeoutTest(t *testing.T) {
	const none, second, big = 0, time.Second, (1<<31 - 1) * time.Second
	for name, test := range map[string]struct {
		timeout time.Duration
		ask     func(t *testing.T, host *apptest.Host)
	}{
		"no request timeout":       {none, func(t *testing.T, host *apptest.Host) { t.Helper(); newEchoClient(t, host).succeeds() }},
		"big request timeout":      {big, func(t *testing.T, host *apptest.Host) { t.Helper(); newEchoClient(t, host).succeeds() }},
		"request with readTimeout": {second, func(t *testing.T, host *apptest.Host) { t.Helper(); newEchoClient(t, host).isLate() }},
		"success request and readTimeout request": {second, func(t *testing.T, host *apptest.Host) {
			t.Helper()
			client := newEchoClient(t, host)
			client.succeeds()
			client.isLate()
		}},
		"test with ktor HttpClient": {second, func(t *testing.T, host *apptest.Host) { t.Helper(); lateByClient(t, host) }},
		"parallel requests": {second, func(t *testing.T, host *apptest.Host) {
			t.Helper()
			lateByClient(t, host)
			response := host.Post("/echo", "text/plain", strings.NewReader("Hello world"))
			assert.Equal(t, http.StatusOK, response.StatusCode)
		}},
		"parallel timeout requests": {second, func(t *testing.T, host *apptest.Host) {
			t.Helper()
			lateByClient(t, host)
			lateByClient(t, host)
		}},
		"request timeout response is written before connection is closed": {second, func(t *testing.T, host *apptest.Host) {
			t.Helper()
			newEchoClient(t, host).isLate()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, answer(echo), apptest.Configure(func(c *app.Config) { c.ReadTimeout = test.timeout }))
				test.ask(t, host)
			})
		})
	}
}

// lateByClient sends the body after 1.1 s.
func lateByClient(t *testing.T, host *apptest.Host) {
	t.Helper()
	body, rest := io.Pipe()
	var sending sync.WaitGroup
	sending.Go(func() {
		time.Sleep(1100 * time.Millisecond)
		_, _ = io.WriteString(rest, "Hello world")
		_ = rest.Close()
	})
	assert.Equal(t, http.StatusRequestTimeout, host.Post("/echo", "text/plain", body).StatusCode)
	sending.Wait()
}

func TestKtorJettyIdleTimeoutTest(t *testing.T) {
	short := apptest.Configure(func(c *app.Config) { c.ReadTimeout, c.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond })
	t.Run("idleTimeoutRequestBodyReader", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			host := apptest.Start(t, answer(echo), short)
			assert.Equal(t, http.StatusOK, host.Post("/echo", "text/plain", strings.NewReader("Hello, world!")).StatusCode)
			conn := host.Dial()
			_, err := io.WriteString(conn, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 25\r\n\r\nHello, world!")
			require.NoError(t, err)
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			assert.Equal(t, http.StatusRequestTimeout, response.StatusCode)
		})
	})
	t.Run("idleTimeoutResponseWriter", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			failed := make(chan error, 1)
			host := apptest.Start(t, answer(func(c *app.Call) error {
				for {
					if _, err := io.WriteString(c.Writer(), "Hello, world!"); err != nil {
						failed <- err
						return err
					}
				}
			}), short, apptest.Buffer(1024))
			_, err := io.WriteString(host.Dial(), "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n")
			require.NoError(t, err)
			require.Error(t, <-failed)
		})
	})
}

// Ktor's are tests of its pipeline. These are the same rules for a connection.
func TestKtorServerPipelineTest(t *testing.T) {
	idle := engine.HTTPServer(func(h *http.Server) { h.ReadHeaderTimeout, h.IdleTimeout = 100*time.Millisecond, 100*time.Millisecond })
	get := func(t *testing.T, conn net.Conn) {
		t.Helper()
		request(t, conn, false)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		assert.Equal(t, "hello", apptest.Text(t, response))
	}
	for name, test := range map[string]struct {
		handler app.Handler
		ask     func(t *testing.T, conn net.Conn)
		open    time.Duration
	}{
		"testPipelineIdleTimeoutNoRequests":    {hello, func(*testing.T, net.Conn) {}, 100 * time.Millisecond},
		"testPipelineIdleTimeoutAfterRequests": {hello, get, 100 * time.Millisecond},
		"testRequestAfterIdleTimeoutIsNotHandled": {hello, func(t *testing.T, conn net.Conn) {
			t.Helper()
			get(t, conn)
			time.Sleep(time.Second)
			_, err := io.WriteString(conn, "GET /second HTTP/1.1\r\nHost: localhost\r\n\r\n")
			require.Error(t, err)
		}, time.Second},
		"testIdleTimeoutDoesNotCancelActiveRequest": {func(c *app.Call) error {
			time.Sleep(time.Minute)
			assert.NoError(t, c.Context().Err())
			return hello(c)
		}, get, time.Minute + 100*time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, listener := start(t, answer(test.handler), idle)
				conn := dial(t, listener)
				began := time.Now()
				test.ask(t, conn)
				_, err := io.ReadAll(conn)
				require.NoError(t, err)
				assert.Equal(t, test.open, time.Since(began))
			})
		})
	}
}
