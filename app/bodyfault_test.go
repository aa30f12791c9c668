package app_test

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
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

// readers are the ways in which a handler reads a body.
var readers = map[string]app.Handler{
	"bytes": func(c *app.Call) error { _, err := c.ReceiveBytes(); return err },
	"text":  func(c *app.Call) error { _, err := c.ReceiveText(); return err },
	"form":  func(c *app.Call) error { _, err := c.ReceiveForm(); return err },
	"reader": func(c *app.Call) error {
		body, err := app.Receive[io.Reader](c)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, body)
		return err
	},
	"request": func(c *app.Call) error { _, err := io.Copy(io.Discard, c.Request.Body); return err },
	"read once more": func(c *app.Call) error {
		_, _ = io.Copy(io.Discard, c.Request.Body)
		_, err := io.Copy(io.Discard, c.Request.Body)
		return err
	},
	"multipart": func(c *app.Call) error {
		for part, err := range c.ReceiveMultipart() {
			if err != nil {
				return err
			}
			if _, err := io.Copy(io.Discard, part); err != nil {
				return err
			}
		}
		return nil
	},
	"discarded": func(c *app.Call) error { return c.DiscardBody() },
	"proxy": app.FromHTTP(&httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "upstream"}) },
		Transport: upstream{},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			if shown, ok := errors.AsType[*app.Error](err); ok {
				http.Error(w, shown.Message, shown.StatusCode())
			}
		},
	}),
}

// upstream is the server behind a proxy.
type upstream struct{}

func (upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, fmt.Errorf("send the body: %w", err)
	}
	return nil, errors.New("the body is whole")
}

// TestBodyThatFailsIsTheClientsFault wherever it is read: the answer says so,
// and the log of the server's own errors stays empty.
func TestBodyThatFailsIsTheClientsFault(t *testing.T) {
	t.Parallel()
	const (
		chunked  = "Transfer-Encoding: chunked\r\n\r\n"
		expected = "Expect: 100-continue\r\n" + chunked
	)
	faults := map[string]struct {
		body   string // from its headers on
		broken bool   // the client has gone behind it
		status int
	}{
		"no chunk":               {chunked + "zz\r\n", false, 400},
		"no chunk, as announced": {expected + "zz\r\n", false, 400},
		"a chunk without an end": {chunked + "3\r\n--b--\r\n", false, 400},
		"a broken trailer":       {chunked + "3\r\n--b\r\n0\r\nno header\r\n\r\n", false, 400},
		"it breaks off":          {"Content-Length: 100\r\n\r\n--b\r\n", true, 400},
		"a chunk breaks off":     {chunked + "30\r\n--b\r\n", true, 400},
		"it does not come":       {"Content-Length: 100\r\n\r\n--b\r\n", false, 408},
	}
	for name, fault := range faults {
		for way, handler := range readers {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					failure := error(nil)
					host := apptest.Start(t, func(a *app.Application) {
						answering(func(c *app.Call) error {
							failure = handler(c)
							return failure
						})(a)
					})
					head := "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
					if fault.broken {
						conn := host.Dial()
						_, err := io.WriteString(conn, head+fault.body)
						require.NoError(t, err)
						require.NoError(t, conn.Close())
						synctest.Wait()
					} else {
						answer := strings.TrimPrefix(raw(t, host, head+fault.body), "HTTP/1.1 100 Continue\r\n\r\n")
						assert.Contains(t, answer, fmt.Sprintf("HTTP/1.1 %d ", fault.status))
					}
					if way != "proxy" { // which answers by itself
						var coded interface{ StatusCode() int }
						require.ErrorAs(t, failure, &coded)
						assert.Equal(t, fault.status, coded.StatusCode())
					}
					assert.Empty(t, host.Log().AtLeast(slog.LevelWarn))
				})
			})
		}
	}
}

// TestBodyThatFailsOverHTTP2 is reported in the same way.
func TestBodyThatFailsOverHTTP2(t *testing.T) {
	t.Parallel()
	for way, handler := range readers {
		if way == "proxy" || way == "discarded" { // which leaves a body alone over HTTP/2
			continue
		}
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				failures := make(chan error, 1)
				host := apptest.Start(t, func(a *app.Application) {
					answering(func(c *app.Call) error {
						err := handler(c)
						failures <- err
						return err
					})(a)
				}, apptest.H2C())
				body, sent := io.Pipe()
				go func() {
					_, _ = io.WriteString(sent, "--b\r\n")
					_ = sent.CloseWithError(errBroken)
				}()
				request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, host.URL+"/", body)
				require.NoError(t, err)
				request.Header.Set("Content-Type", "multipart/form-data; boundary=b")
				response, err := host.Client().Do(request)
				if err == nil {
					_ = response.Body.Close()
				}
				require.ErrorIs(t, err, errBroken)
				var shown *app.Error
				require.ErrorAs(t, <-failures, &shown)
				assert.Equal(t, http.StatusBadRequest, shown.Status)
				assert.Empty(t, host.Log().AtLeast(slog.LevelWarn))
			})
		})
	}
}

// TestBodyClosedByTheServerIsItsOwnFault: a handler that closes a body before
// it reads has nobody else to blame.
func TestBodyClosedByTheServerIsItsOwnFault(t *testing.T) {
	host := apptest.Start(t, answering(func(c *app.Call) error {
		_ = c.Request.Body.Close()
		_, err := io.ReadAll(c.Request.Body)
		return err
	}))
	expect(t, host.Post("/", "text/plain", strings.NewReader("hello")), 500, "Internal Server Error")
	assert.Len(t, host.Log().AtLeast(slog.LevelError), 1)
}

// trickle sends n bytes of a body, one after each pause, and returns what closes
// the connection.
func trickle(conn net.Conn, pause time.Duration, n int) (end func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range n {
			time.Sleep(pause)
			if _, err := io.WriteString(conn, "x"); err != nil {
				return
			}
		}
	}()
	return func() {
		_ = conn.Close()
		<-ended
	}
}

// TestBodyThatTricklesIsTurnedAway: a client that sends less than MinReadRate
// has ReadTimeout in all.
func TestBodyThatTricklesIsTurnedAway(t *testing.T) {
	t.Parallel()
	receives, ignores := app.Handler(echoing[string]), text("no need")
	lenient := func(c *app.Call) error {
		c.SetMinReadRate(0)
		return receives(c)
	}
	patient := func(c *app.Call) error {
		c.SetReadTimeout(3 * time.Minute)
		return receives(c)
	}
	endless := func(c *app.Call) error {
		c.SetReadTimeout(0)
		return receives(c)
	}
	strict := func(c *app.Call) error {
		c.SetReadTimeout(10 * time.Second)
		c.SetMinReadRate(1)
		return receives(c)
	}
	off := apptest.Configure(func(c *app.Config) { c.MinReadRate = 0 })
	for name, test := range map[string]struct {
		handler app.Handler
		option  apptest.Option
		pause   time.Duration
		after   time.Duration // the head of the response comes, or a little later
		status  int
	}{
		"just before each silence ends": {receives, apptest.HTTP1(), 55 * time.Second, time.Minute, 408},
		"ten bytes a second":            {receives, apptest.HTTP1(), time.Second / 10, time.Minute, 408},
		"nobody reads":                  {ignores, apptest.HTTP1(), time.Second, time.Minute, 200},
		"more patience":                 {patient, apptest.HTTP1(), 55 * time.Second, 3 * time.Minute, 408},
		"no rate":                       {receives, off, 55 * time.Second, 1000 * 55 * time.Second, 200},
		"no rate for the call":          {lenient, apptest.HTTP1(), 55 * time.Second, 1000 * 55 * time.Second, 200},
		"no limit on silence":           {endless, apptest.HTTP1(), 2 * time.Minute, 2000 * time.Minute, 200},
		"a rate that is met":            {strict, apptest.HTTP1(), time.Second, 1000 * time.Second, 200},
		"a rate that is nearly met":     {strict, apptest.HTTP1(), 1100 * time.Millisecond, 99 * time.Second, 408},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, answering(test.handler), test.option)
				conn := host.Dial()
				began := time.Now()
				_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
				require.NoError(t, err)
				defer trickle(conn, test.pause, 1000)()
				answer := make([]byte, 12)
				_, err = io.ReadFull(conn, answer)
				require.NoError(t, err)
				assert.Equal(t, fmt.Sprintf("HTTP/1.1 %d", test.status), string(answer))
				assert.InDelta(t, test.after.Seconds(), time.Since(began).Seconds(), 0.02*test.after.Seconds()+0.5)
			})
		})
	}
}

// TestBodyThatTricklesOverHTTP2: the limit is the stream's.
func TestBodyThatTricklesOverHTTP2(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, answering(echoing[string]), apptest.H2C())
		body, client := io.Pipe()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for {
				time.Sleep(55 * time.Second)
				if _, err := io.WriteString(client, "x"); err != nil {
					return
				}
			}
		}()
		began := time.Now()
		expect(t, host.Post("/", "text/plain", body), 408, "the body did not arrive in time")
		assert.InDelta(t, 60, time.Since(began).Seconds(), 0.1)
		require.NoError(t, body.Close())
		<-ended
	})
}

// TestSlowBodyIsReceived: 20 MiB at 5 KiB a second take more than an hour, and
// may, over both protocols. So do pauses, as long as the bytes make up for them.
func TestSlowBodyIsReceived(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		piece int
		pause time.Duration
	}{
		"steadily":    {5 << 10, time.Second},
		"with pauses": {250 << 10, 50 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				synctest.Test(t, func(t *testing.T) {
					const length = 20 << 20
					host := apptest.Start(t, answering(func(c *app.Call) error {
						n, err := io.Copy(io.Discard, c.Request.Body)
						if err != nil {
							return err
						}
						return c.RespondText(fmt.Sprint(n))
					}), mode)
					body, client := io.Pipe()
					go func() {
						piece := make([]byte, test.piece)
						for range length / test.piece {
							time.Sleep(test.pause)
							_, _ = client.Write(piece)
						}
						_ = client.Close()
					}()
					expect(t, host.Post("/", "application/octet-stream", body), 200, fmt.Sprint(length/test.piece*test.piece))
				})
			})
		})
	}
}

// TestBodyIsDiscardedInOneTime: what nobody asks for has ReadTimeout in all,
// whatever a handler has put in its place, and nothing waits where the response
// need not.
func TestBodyIsDiscardedInOneTime(t *testing.T) {
	t.Parallel()
	const length, chunked = "Content-Length: 1000\r\n", "Transfer-Encoding: chunked\r\n"
	duplex := func(c *app.Call) { _ = http.NewResponseController(c.Writer()).EnableFullDuplex() }
	closes := func(c *app.Call) { c.Request.Body = closedBody{} }
	readsPart := func(c *app.Call) { c.Request.Body = io.NopCloser(io.LimitReader(c.Request.Body, 1)) }
	for name, test := range map[string]struct {
		before func(c *app.Call)
		head   string // of the request
		after  time.Duration
		status int
	}{
		"a body that trickles": {func(*app.Call) {}, length, time.Minute, 408},
		"chunks that trickle":  {func(*app.Call) {}, chunked, time.Minute, 408},
		"no body":              {func(*app.Call) {}, "", 0, 200},
		"an empty body":        {func(*app.Call) {}, "Content-Length: 0\r\n", 0, 200},
		"full duplex":          {duplex, length, 0, 200},
		"a closed body":        {closes, length, time.Minute, 408},
		"closed, and in time":  {closes, "Content-Length: 2\r\n", 40 * time.Second, 200},
		"another body":         {func(c *app.Call) { c.Request.Body = http.NoBody }, length, time.Minute, 408},
		"nil":                  {func(c *app.Call) { c.Request.Body = nil }, chunked, time.Minute, 408},
		"what reads a part":    {readsPart, length, time.Minute, 408},
		"the rate counts for nothing": {func(c *app.Call) {
			c.SetMinReadRate(0)
		}, length, time.Minute, 408},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, answering(func(c *app.Call) error {
					test.before(c)
					if err := c.DiscardBody(); err != nil {
						return err
					}
					return flushedText(c, "begun")
				}))
				conn := host.Dial()
				began := time.Now()
				_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\n"+test.head+"\r\n")
				require.NoError(t, err)
				defer trickle(conn, 20*time.Second, 10)()
				answer := make([]byte, 12)
				_, err = io.ReadFull(conn, answer)
				require.NoError(t, err)
				assert.Equal(t, fmt.Sprintf("HTTP/1.1 %d", test.status), string(answer))
				assert.LessOrEqual(t, time.Since(began), test.after)
			})
		})
	}
}

// closedBody has been closed.
type closedBody struct{}

func (closedBody) Read([]byte) (int, error) { return 0, http.ErrBodyReadAfterClose }
func (closedBody) Close() error             { return nil }

// TestServersOwnReadTimeoutIsAnsweredAlike, though it is net/http's.
func TestServersOwnReadTimeoutIsAnsweredAlike(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, answering(echoing[string]), apptest.Engine(engine.HTTPServer(func(s *http.Server) { s.ReadTimeout = 5 * time.Second })))
		answer := raw(t, host, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123")
		assert.Contains(t, answer, "HTTP/1.1 408 Request Timeout\r\n")
	})
}
