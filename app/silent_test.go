package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// silentRoutes answer with the body, without it, and with a stream that begins
// before it.
func silentRoutes(r *routing.Route) {
	r.Post("/receives", echoing[string])
	r.Post("/patient", func(c *app.Call) error {
		c.SetReadTimeout(0)
		return echoing[string](c)
	})
	r.Post("/reads", func(c *app.Call) error {
		_, err := io.Copy(io.Discard, c.Request.Body)
		return err
	})
	r.Post("/ignores", func(c *app.Call) error { return c.RespondText("no need") })
	r.Post("/closes", func(c *app.Call) error {
		_ = c.Request.Body.Close()
		return c.RespondText("closed")
	})
	r.Post("/hints", func(c *app.Call) error {
		c.Writer().WriteHeader(http.StatusEarlyHints)
		return flushedText(c, "hinted")
	})
	r.Post("/writes for ever", func(c *app.Call) error {
		c.SetWriteTimeout(0)
		return c.RespondText("no hurry")
	})
	r.Post("/streams for ever", func(c *app.Call) error {
		c.SetWriteTimeout(0)
		return flushedText(c, "no hurry")
	})
	r.Post("/streams", func(c *app.Call) error {
		for range 2 {
			if err := flushedText(c, "more"); err != nil {
				return err
			}
			select {
			case <-c.Context().Done():
				return c.Context().Err()
			case <-time.After(2 * time.Minute):
			}
		}
		return nil
	})
}

// TestClientSilentInItsBodyIsTurnedAway: a client announces a body of 10 bytes,
// sends a part of it, and then nothing for a while.
func TestClientSilentInItsBodyIsTurnedAway(t *testing.T) {
	t.Parallel()
	const never = time.Hour
	unlimited := apptest.Configure(func(c *app.Config) { c.ReadTimeout = 0 })
	foreign := apptest.Engine(engine.HTTPServer(func(s *http.Server) { s.ReadTimeout = 5 * time.Second }))
	for name, test := range map[string]struct {
		path   string
		option apptest.Option // nil for none
		pause  time.Duration  // before the rest
		after  time.Duration  // the head of the response comes
		want   string         // the response
		closed bool           // it says that the connection ends
	}{
		"a handler receives":                {"/receives", nil, never, time.Minute, "the body did not arrive in time", true},
		"it arrives in time":                {"/receives", nil, 59 * time.Second, 59 * time.Second, "0123456789", false},
		"a handler that waits":              {"/patient", nil, 3 * time.Minute, 3 * time.Minute, "0123456789", false},
		"a handler reads":                   {"/reads", nil, never, time.Minute, "the body did not arrive in time", true},
		"nobody reads":                      {"/ignores", nil, never, time.Minute, "no need", true},
		"nobody reads, it arrives in time":  {"/ignores", nil, 59 * time.Second, 59 * time.Second, "no need", false},
		"no such route":                     {"/nothing", nil, never, time.Minute, "", true},
		"a stream, it arrives in time":      {"/streams", nil, 59 * time.Second, 59 * time.Second, "moremore", false},
		"a handler closes":                  {"/closes", nil, never, time.Minute, "closed", true},
		"no limit for the answer":           {"/writes%20for%20ever", nil, never, time.Minute, "no hurry", true},
		"no limit for a stream":             {"/streams%20for%20ever", nil, 59 * time.Second, 59 * time.Second, "no hurry", false},
		"hints, it arrives in time":         {"/hints", nil, 59 * time.Second, 59 * time.Second, "hinted", false},
		"no limit":                          {"/receives", unlimited, 3 * time.Minute, 3 * time.Minute, "0123456789", false},
		"no limit, and nobody reads":        {"/ignores", unlimited, 9 * time.Second, 9 * time.Second, "no need", false},
		"the server's own limit":            {"/receives", foreign, never, 5 * time.Second, "the body did not arrive in time", true},
		"the server's own, a handler reads": {"/ignores", foreign, never, 5 * time.Second, "no need", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				options := []apptest.Option{}
				if test.option != nil {
					options = append(options, test.option)
				}
				host := apptest.Start(t, abused(silentRoutes), options...)
				conn := host.Dial()
				began := time.Now()
				_, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n0123", test.path)
				require.NoError(t, err)
				late := time.AfterFunc(test.pause, func() { _, _ = io.WriteString(conn, "456789") })
				defer late.Stop()
				answers := bufio.NewReader(conn)
				response, err := http.ReadResponse(answers, nil)
				require.NoError(t, err)
				if response.StatusCode == http.StatusEarlyHints {
					response, err = http.ReadResponse(answers, nil)
					require.NoError(t, err)
				}
				assert.Equal(t, test.after, time.Since(began))
				body, err := io.ReadAll(response.Body)
				require.NoError(t, err)
				assert.Equal(t, test.want, string(body))
				assert.Equal(t, test.closed, response.Close)
				expectHealthy(t, host)
			})
		})
	}
}

// TestSilentClientOfAStream: its head waits for the body; without one the
// call's context ends, and with it the connection.
func TestSilentClientOfAStream(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/streams", "/streams%20for%20ever", "/hints"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, abused(silentRoutes))
				conn := host.Dial()
				_, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n0123", path)
				require.NoError(t, err)
				began := time.Now()
				_, err = io.ReadAll(conn)
				require.NoError(t, err)
				// net/http lingers for half a second.
				assert.Equal(t, time.Minute, time.Since(began).Truncate(time.Second))
				expectHealthy(t, host)
			})
		})
	}
}

// TestBodyReadAfterTheCall: a proxy's goroutine may still read when its handler
// has returned, and gets an error.
func TestBodyReadAfterTheCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		read := make(chan error, 1)
		host := apptest.Start(t, abused(func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error {
				body := c.Request.Body
				go func() {
					_, err := io.Copy(io.Discard, body)
					_ = body.Close()
					read <- err
				}()
				return c.RespondText("early")
			})
		}), apptest.H2C())
		body, client := io.Pipe()
		defer func() { require.NoError(t, client.Close()) }()
		response := host.Post("/", "text/plain", body)
		assert.Equal(t, "early", apptest.Text(t, response))
		require.Error(t, <-read)
	})
}

// TestSilentClientOfALargeBody: what net/http does not wait for before the head
// of a response leaves, more than 256 KiB, it waits for when the handler has
// returned.
func TestSilentClientOfALargeBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, abused(func(r *routing.Route) {
			r.Post("/", func(c *app.Call) error { return flushedText(c, "no need of it") })
		}))
		conn := host.Dial()
		go func() {
			_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
			for range 300 {
				_, _ = fmt.Fprintf(conn, "400\r\n%01024d\r\n", 0)
			}
		}()
		began := time.Now()
		answered, err := io.ReadAll(conn)
		require.NoError(t, err)
		assert.Contains(t, string(answered), "no need of it")
		assert.LessOrEqual(t, time.Since(began), time.Minute+time.Second)
		expectHealthy(t, host)
	})
}

// TestSilentClientOverHTTP2: the limit is the stream's, not the connection's.
func TestSilentClientOverHTTP2(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, abused(silentRoutes), apptest.H2C())
		body, rest := io.Pipe()
		defer func() { require.NoError(t, rest.Close()) }()
		began := time.Now()
		response := host.Post("/receives", "text/plain", body)
		assert.Equal(t, http.StatusRequestTimeout, response.StatusCode)
		assert.Equal(t, time.Minute, time.Since(began))
		expectHealthy(t, host)
	})
}

// TestTimeOfASlowHandlerDoesNotCount: the limit is for the client. A handler
// may take its time between two reads.
func TestTimeOfASlowHandlerDoesNotCount(t *testing.T) {
	t.Parallel()
	for name, protocol := range map[string]apptest.Option{"HTTP/1.1": apptest.HTTP1(), "h2c": apptest.H2C()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, abused(func(r *routing.Route) {
					r.Post("/", func(c *app.Call) error {
						text := make([]byte, 10)
						for i := range text {
							time.Sleep(2 * time.Minute)
							if _, err := io.ReadFull(c.Request.Body, text[i:i+1]); err != nil {
								return err
							}
						}
						return c.RespondBytes(text)
					})
				}), protocol)
				body, client := io.Pipe()
				go func() {
					for i := range 10 { // each byte is there a minute before it is read
						time.Sleep(time.Minute)
						_, _ = fmt.Fprint(client, i)
						time.Sleep(time.Minute)
					}
					_ = client.Close()
				}()
				response := host.Post("/", "text/plain", body)
				assert.Equal(t, "0123456789", apptest.Text(t, response))
			})
		})
	}
}

// TestSilentClientDoesNotHoldUpStopping: a stream whose head waits for the rest
// of the body ends with the grace.
func TestSilentClientDoesNotHoldUpStopping(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, abused(silentRoutes))
		conn := host.Dial()
		_, err := io.WriteString(conn, "POST /streams HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n")
		require.NoError(t, err)
		synctest.Wait()
		began := time.Now()
		host.Stop()
		assert.Equal(t, time.Second, time.Since(began))
	})
}
