package compression_test

import (
	"bufio"
	"context"
	"fmt"
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
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

// Each piece that a client flushes can be read as soon as it has arrived.
func TestDecodingStreams(t *testing.T) {
	pieces := []string{"one\n", strings.Repeat("two ", 100) + "\n", "three\n", strings.Repeat("four", 100_000) + "\n", "five\n"}
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		for _, coding := range []string{"gzip", "deflate", "raw", "zstd"} {
			t.Run(coding, func(t *testing.T) {
				read := make(chan string)
				host := start(t, with(zstdStandard), func(r *routing.Route) {
					r.Post("/", func(c *app.Call) error {
						body := bufio.NewReader(c.Request.Body)
						for range pieces {
							line, err := body.ReadString('\n')
							if err != nil {
								return err
							}
							read <- line
						}
						rest, err := io.ReadAll(body)
						assert.Empty(t, rest)
						return err
					})
				}, mode)
				body, sending := io.Pipe()
				var client sync.WaitGroup
				client.Go(func() {
					writer := encoder(t, coding, sending)
					for _, piece := range pieces {
						_, err := io.WriteString(writer, piece)
						assert.NoError(t, err)
						assert.NoError(t, writer.(interface{ Flush() error }).Flush())
						same(t, piece, <-read, "the piece")
					}
					assert.NoError(t, writer.Close())
					assert.NoError(t, sending.Close())
				})
				header := strings.Replace(coding, "raw", "deflate", 1)
				assert.Equal(t, http.StatusNotFound, host.send("/", body, "Content-Encoding", header).status, "nobody has answered")
				client.Wait()
			})
		}
	})
}

// Nothing is read before somebody reads: a client that waits for 100 Continue
// gets it then, and not at all for a body that is refused or not looked at.
func TestDecodingAndExpect(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(compression.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			echoing(r)
			r.Post("/unread", func(c *app.Call) error { return c.RespondText("unread") })
		})
	})
	for _, test := range []struct {
		path, coding string
		asked        bool
		status       int
	}{
		{"/", "gzip", true, http.StatusOK},
		{"/", "br", false, http.StatusUnsupportedMediaType},
		{"/", "gzip, gzip, gzip", false, http.StatusBadRequest},
		{"/unread", "gzip", false, http.StatusOK},
	} {
		coded := encode(t, text, "gzip")
		client := host.Dial()
		_, err := fmt.Fprintf(client, "POST %s HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n",
			test.path, test.coding, len(coded))
		require.NoError(t, err)
		from := bufio.NewReader(client)
		response, err := http.ReadResponse(from, nil)
		require.NoError(t, err)
		if test.asked {
			require.Equal(t, http.StatusContinue, response.StatusCode)
			_, err = io.WriteString(client, coded)
			require.NoError(t, err)
			response, err = http.ReadResponse(from, nil)
			require.NoError(t, err)
		}
		assert.Equal(t, test.status, response.StatusCode, test.path+" "+test.coding)
		require.NoError(t, response.Body.Close())
		require.NoError(t, client.Close())
	}
}

// A body that breaks off is over, and so is one whose client has gone, for HTTP
// just as for the coding: nobody waits for the rest. What is left running when
// the test ends would fail it.
func TestBreakingOff(t *testing.T) {
	for _, coding := range []string{"gzip", "deflate", "raw", "zstd"} {
		header := strings.Replace(coding, "raw", "deflate", 1)
		coded := encode(t, string(incompressible(5000)), coding)
		for name, test := range map[string]struct {
			head string
			body string
			ends func(net.Conn) error
			want string
		}{
			"the coding": {"Content-Length: 2500", coded[:2500], func(net.Conn) error { return nil }, "400"},
			"the coding, chunked": {
				"Transfer-Encoding: chunked", "9c4\r\n" + coded[:2500] + "\r\n0\r\n\r\n", func(net.Conn) error { return nil }, "400",
			},
			"the body":          {"Content-Length: 5000", coded[:2500], closeWrite, "400"},
			"the body, chunked": {"Transfer-Encoding: chunked", "fff\r\n" + coded[:2500], closeWrite, "400"},
			"the client":        {"Content-Length: 5000", coded[:2500], net.Conn.Close, ""},
		} {
			bubble(t, coding+"/"+name, func(t *testing.T) {
				failed := make(chan error, 1)
				host := apptest.Start(t, func(a *app.Application) {
					a.Install(with(zstdStandard))
					routing.Routes(a, receiving(t, func(err error) { failed <- err }))
				})
				client := host.Dial()
				_, err := fmt.Fprintf(client, "POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Encoding: %s\r\n%s\r\n\r\n%s", header, test.head, test.body)
				require.NoError(t, err)
				synctest.Wait() // the handler waits for more, if there can be more
				require.NoError(t, test.ends(client))
				synctest.Wait()
				require.Len(t, failed, 1)
				require.Error(t, <-failed)
				if test.want != "" {
					response, err := http.ReadResponse(bufio.NewReader(client), nil)
					require.NoError(t, err)
					assert.Equal(t, test.want, response.Status[:3])
					require.NoError(t, response.Body.Close())
				}
			})
		}
	}
}

func closeWrite(c net.Conn) error { return c.(interface{ CloseWrite() error }).CloseWrite() }

// The decoders of a call go to other calls when it ends, however much was read.
// A goroutine that http.TimeoutHandler has left behind reads on, and gets
// nothing that is another call's.
func TestDecodersGoFromCallToCall(t *testing.T) {
	for _, coding := range []string{"gzip", "deflate", "zstd"} {
		bubble(t, coding, func(t *testing.T) {
			abandoned := make(chan struct{})
			left := make(chan error, 1)
			host := startModule(t, func(a *app.Application) {
				a.Install(with(zstdStandard))
				routing.Routes(a, func(r *routing.Route) {
					echoing(r)
					r.Post("/some", func(c *app.Call) error {
						_, err := io.ReadFull(c.Request.Body, make([]byte, 700))
						return err
					})
					r.Post("/close", func(c *app.Call) error {
						_, err := io.ReadFull(c.Request.Body, make([]byte, 700))
						assert.NoError(t, err)
						assert.NoError(t, c.Request.Body.Close())
						_, err = c.Request.Body.Read(make([]byte, 1))
						assert.ErrorIs(t, err, http.ErrBodyReadAfterClose)
						return nil
					})
					r.Route("/left", func(r *routing.Route) {
						r.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Second, "late") })
						r.Post("", func(c *app.Call) error {
							_, err := io.ReadFull(c.Request.Body, make([]byte, 700))
							assert.NoError(t, err)
							<-abandoned
							n, err := io.Copy(io.Discard, c.Request.Body)
							assert.Zero(t, n)
							left <- err
							return nil
						})
					})
				})
			})
			body := strings.Repeat(text, 10)
			coded := encode(t, body, coding)
			for range 3 {
				assert.Equal(t, http.StatusNotFound, host.post("/some", coded, "Content-Encoding", coding).status)
				host.post("/", coded, "Content-Encoding", coding).is("", body)
				assert.Equal(t, http.StatusNotFound, host.post("/close", coded, "Content-Encoding", coding).status)
				host.post("/", coded, "Content-Encoding", coding).is("", body)
			}
			assert.Equal(t, http.StatusServiceUnavailable, host.post("/left", coded, "Content-Encoding", coding).status)
			host.post("/", coded, "Content-Encoding", coding).is("", body)
			close(abandoned)
			assert.ErrorIs(t, <-left, http.ErrBodyReadAfterClose)
		})
	}
}

// A goroutine that was left behind in the middle of a read does not keep the
// call from ending.
func TestLeftBehindWhileReading(t *testing.T) {
	bubble(t, "gzip", func(t *testing.T) {
		reading, more := io.Pipe()
		left := make(chan error, 1)
		application := app.New(func(a *app.Application) {
			a.Install(compression.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Second, "late") })
				r.Post("/", func(c *app.Call) error {
					_, err := c.ReceiveBytes()
					left <- err
					return err
				})
			})
		})
		require.NoError(t, application.Start(t.Context()))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/", reading)
		require.NoError(t, err)
		request.Header.Set("Content-Encoding", "gzip")
		w := &sink{header: http.Header{}}
		application.ServeHTTP(w, request) // returns after a second
		assert.Equal(t, len("late"), w.bytes)
		_, err = io.WriteString(more, encode(t, text, "gzip"))
		require.NoError(t, err)
		require.NoError(t, more.CloseWithError(io.EOF))
		require.Error(t, <-left)
		require.NoError(t, application.Stop(context.WithoutCancel(t.Context())))
	})
}

// Many bodies at once, some of them given up or broken, each with its own
// bytes.
func TestDecodingAtOnce(t *testing.T) {
	host := start(t, with(zstdStandard), func(r *routing.Route) {
		echoing(r)
		r.Post("/some", func(c *app.Call) error {
			_, err := io.ReadFull(c.Request.Body, make([]byte, 10))
			return err
		})
	})
	codings := []string{"gzip", "deflate", "zstd"}
	var clients sync.WaitGroup
	for i := range 30 {
		coding := codings[i%3]
		body := strings.Repeat(fmt.Sprintf("client %d ", i), 2000)
		coded := encode(t, body, coding)
		clients.Go(func() {
			for range 5 {
				for path, sent := range map[string]string{"/": coded, "/some": coded, "/?broken": coded[:len(coded)-1]} {
					request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, host.served.URL+path, strings.NewReader(sent))
					assert.NoError(t, err)
					request.Header.Set("Content-Encoding", coding)
					response, err := host.client.Do(request)
					if !assert.NoError(t, err) {
						return
					}
					answer, err := io.ReadAll(response.Body)
					assert.NoError(t, err)
					if path == "/" {
						same(t, body, string(answer), "the body")
					}
				}
			}
		})
	}
	clients.Wait()
}
