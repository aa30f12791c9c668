package app_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

func TestKtorHandlerTest(t *testing.T) {
	onPost := answering(func(c *app.Call) error {
		if c.Request.Method == http.MethodPost {
			return c.RespondStatus(http.StatusOK)
		}
		return nil
	})
	runKtor(t, map[string]ktorCase{
		"application_with_empty_handler":          {func(*app.Application) {}, gets("/", 404, "")},
		"application_with_transparent_handler":    {answering(func(*app.Call) error { return nil }), gets("/", 404, "")},
		"application_with_handler_returning_true": {answering(func(c *app.Call) error { return c.RespondStatus(200) }), gets("/", 200, "")},
		"application_with_handler_that_checks_body_on_POST_method": {answering(echoing[string]), func(t *testing.T, host *apptest.Host) {
			expect(t, host.Post("/", "text/plain", strings.NewReader("Body")), 200, "Body")
		}},
		"application_with_handler_that_returns_true_on_POST_method": {onPost, func(t *testing.T, host *apptest.Host) {
			expect(t, host.Get("/"), 404, "")
			expect(t, host.Post("/", "", nil), 200, "")
		}},
	})
}

func TestKtorHeadersServerTest(t *testing.T) {
	runKtor(t, map[string]ktorCase{
		"headersReturnNullWhenEmpty": {answering(func(c *app.Call) error {
			assert.Empty(t, c.Request.Header.Get("X-Nonexistent-Header"))
			assert.Nil(t, c.Request.Header.Values("X-Nonexistent-Header"))
			return c.RespondText("OK")
		}), gets("/", 200, "OK")},
		"returnConnectionHeaderSetByServer": {answering(func(c *app.Call) error {
			c.Header().Set("Connection", "close")
			return c.RespondText("OK")
		}), func(t *testing.T, host *apptest.Host) {
			response := host.Get("/", apptest.Header("Connection", "keep-alive"))
			expect(t, response, 200, "OK")
			if response.ProtoMajor == 1 {
				assert.True(t, response.Close)
			}
			assert.NotContains(t, response.Header["Connection"], "keep-alive")
		}},
		"testMultipleHeaders": {answering(func(c *app.Call) error {
			c.Header().Add("X-Multi-Header", c.Request.Header.Get("X-Multi-Header"))
			return c.RespondText("OK")
		}), func(t *testing.T, host *apptest.Host) {
			response := host.Get("/", apptest.Header("X-Multi-Header", "Value1, Value2"))
			assert.Equal(t, []string{"Value1, Value2"}, response.Header.Values("X-Multi-Header"))
		}},
	})
}

// TestKtorConnectionPoints: what is known about both ends of a connection
// without a plugin.
//
// Ktor: OriginConnectionPointTest's testOriginWithNoPlugins, and
// CIOConnectionPointTest.
func TestKtorConnectionPoints(t *testing.T) {
	points := answering(func(c *app.Call) error {
		local := c.Request.Context().Value(http.LocalAddrContextKey).(net.Addr)
		origin := c.Origin()
		return c.RespondText(fmt.Sprintf("%s://%s:%d at %s", origin.Scheme, origin.Host, origin.Port, local))
	})
	runKtor(t, map[string]ktorCase{
		"testOriginWithNoPlugins": {points, func(t *testing.T, host *apptest.Host) {
			for name, want := range map[string]string{"host": "host:80", "host:80": "host:80", "host:90": "host:90"} {
				expect(t, host.Get("/", func(r *http.Request) { r.Host = name }), 200, "http://"+want+" at 192.0.2.1:80")
			}
		}},
		"testLocalHostAndPort": {points, gets("/", 200, "http://localhost:80 at 192.0.2.1:80")},
		"testServerHostAndPort": {points, func(t *testing.T, host *apptest.Host) {
			expect(t, host.Get("/", func(r *http.Request) { r.Host = "somehost:345" }), 200, "http://somehost:345 at 192.0.2.1:80")
		}},
		"testServerHostAndPortNoHeader": {points, func(t *testing.T, host *apptest.Host) {
			assert.Contains(t, raw(t, host, "GET / HTTP/1.1\r\n\r\n"), "400 Bad Request: missing required Host header")
			assert.Contains(t, raw(t, host, "GET / HTTP/1.0\r\n\r\n"), "\r\n\r\nhttp://:80 at 192.0.2.1:80")
		}},
	})
}

// TestKtorHttpRequestLifecycleTest: what that plugin switches on there is how
// it is here.
func TestKtorHttpRequestLifecycleTest(t *testing.T) {
	var ended chan error // of the case that runs
	// streams is a case that writes OK; three times, with a pause after each.
	streams := func(contentType string, flush bool, want string) ktorCase {
		var completed chan error
		return ktorCase{answering(func(c *app.Call) error {
			if contentType != "" {
				c.Header().Set("Content-Type", contentType)
			}
			return c.Respond(app.Stream(func(w http.ResponseWriter) error {
				for range 3 {
					if _, err := io.WriteString(w, "OK;"); err != nil {
						return err
					}
					if flush {
						assert.NoError(t, http.NewResponseController(w).Flush())
					}
					time.Sleep(100 * time.Millisecond)
				}
				completed <- c.Context().Err()
				return nil
			}))
		}), func(t *testing.T, host *apptest.Host) {
			completed = make(chan error, 1)
			began := time.Now()
			response := host.Get("/")
			assert.Equal(t, want, response.Header.Get("Content-Type"))
			expect(t, response, 200, "OK;OK;OK;")
			assert.NoError(t, <-completed, "the handler is not cancelled")
			assert.Equal(t, 300*time.Millisecond, time.Since(began))
		}}
	}
	waits := func(c *app.Call) error {
		// It fails if the client has seen it and left before it returns.
		_ = flushedText(c, "begun")
		select {
		case <-c.Context().Done():
		case <-time.After(time.Hour):
		}
		ended <- context.Cause(c.Context())
		return c.Context().Err()
	}
	runKtor(t, map[string]ktorCase{
		"testClientDisconnectionCancelsRequest": {answering(waits), func(t *testing.T, host *apptest.Host) {
			ended = make(chan error, 1)
			began := time.Now()
			require.NoError(t, host.Get("/").Body.Close())
			require.ErrorIs(t, <-ended, context.Canceled)
			assert.Zero(t, time.Since(began))
		}},
		"testHttpRequestLifecycleSuccess": {answering(func(c *app.Call) error {
			time.Sleep(100 * time.Millisecond)
			return errors.Join(c.Context().Err(), c.RespondText("OK"))
		}), gets("/", 200, "OK")},
		// Ktor's stream without a type is an application/octet-stream; here it
		// is found out from the bytes.
		"testHttpRequestLifecycleWithStream":          streams("", false, "text/plain; charset=utf-8"),
		"testHttpRequestLifecycleWithStream, type":    streams("application/octet-stream", false, "application/octet-stream"),
		"testHttpRequestLifecycleWithStream, flushed": streams("application/octet-stream", true, "application/octet-stream"),
		"testConnectionCloseRequestCompletesSuspendingHandler": {routed(func(r *routing.Route) {
			r.Post("/slow", func(c *app.Call) error {
				time.Sleep(time.Second)
				return errors.Join(c.Context().Err(), c.RespondText("pong"))
			})
		}), func(t *testing.T, host *apptest.Host) {
			conn := host.Dial()
			_, err := io.WriteString(conn, "POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 15\r\nConnection: close\r\n\r\n")
			require.NoError(t, err)
			synctest.Wait()
			_, err = io.WriteString(conn, `{"key":"value"}`)
			require.NoError(t, err)
			answer, err := io.ReadAll(conn)
			require.NoError(t, err)
			assert.True(t, strings.HasPrefix(string(answer), "HTTP/1.1 200"), string(answer))
			assert.True(t, strings.HasSuffix(string(answer), "pong"), string(answer))
		}},
	})
}

// TestKtorCIOEngineTest_expect is the group about Expect: 100-continue.
func TestKtorCIOEngineTest_expect(t *testing.T) {
	head := func(path string, length int, expect, version string) string {
		return fmt.Sprintf("POST %s %s\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nExpect: %s\r\nConnection: close\r\n\r\n",
			path, version, length, expect)
	}
	const sent = "Hello world"
	runKtor(t, map[string]ktorCase{
		"testExpectedContinue": {answering(echoing[string]), func(t *testing.T, host *apptest.Host) {
			conn := host.Dial()
			_, err := io.WriteString(conn, head("/", len(sent), "100-continue", "HTTP/1.1"))
			require.NoError(t, err)
			reader := bufio.NewReader(conn)
			for _, want := range []string{"HTTP/1.1 100 Continue\r\n", "\r\n"} {
				line, err := reader.ReadString('\n')
				require.NoError(t, err)
				assert.Equal(t, want, line)
			}
			_, err = io.WriteString(conn, sent)
			require.NoError(t, err)
			answer, err := io.ReadAll(reader)
			require.NoError(t, err)
			assert.Contains(t, string(answer), "HTTP/1.1 200 OK")
			assert.Contains(t, string(answer), sent)
		}},
		"testExpectedContinueRespondBeforeReadingBody": {answering(func(c *app.Call) error { return c.RespondStatus(400) }), func(t *testing.T, host *apptest.Host) {
			answer := raw(t, host, head("/", len(sent), "100-continue", "HTTP/1.1"))
			assert.True(t, strings.HasPrefix(answer, "HTTP/1.1 400"), answer)
		}},
		"testExpectedContinueExpectationFailed": {answering(echoing[string]), func(t *testing.T, host *apptest.Host) {
			assert.Contains(t, raw(t, host, head("/", len(sent), "invalid-100-continue", "HTTP/1.1")), "HTTP/1.1 417 Expectation Failed")
		}},
		"testExpectedContinueConnection": {answering(echoing[string]), func(t *testing.T, host *apptest.Host) {
			for _, expect := range []string{"100-continue", "invalid"} {
				assert.Contains(t, raw(t, host, head("/check-length", 0, expect, "HTTP/1.1")), "Connection: close")
			}
		}},
		"testExpectedIgnoreHTTP1_0": {answering(echoing[string]), func(t *testing.T, host *apptest.Host) {
			answer := raw(t, host, head("/", len(sent), "100-continue", "HTTP/1.0")+sent)
			assert.NotContains(t, answer, "100 Continue")
			assert.Contains(t, answer, sent)
		}},
	})
}
