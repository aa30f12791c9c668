package apptest_test

import (
	"bufio"
	"compress/gzip"
	"errors"
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
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/wire"
)

func TestRequests(t *testing.T) {
	echo := answer(func(c *app.Call) error {
		body, err := c.ReceiveText()
		if err != nil {
			return err
		}
		r := c.Request
		return c.RespondText(fmt.Sprintf("%s %s %s %q %q", r.Method, r.Host, r.URL, r.Header["X-Test"], body))
	})
	cases := []struct {
		name string
		send func(host *apptest.Host) *http.Response
		want string
	}{
		{"Get", func(host *apptest.Host) *http.Response { return host.Get("/a?b=c") }, `GET localhost /a?b=c [] ""`},
		{"Header", func(host *apptest.Host) *http.Response {
			return host.Get("/", apptest.Header("X-Test", "1"), apptest.Header("X-Test", "2"))
		}, `GET localhost / ["1" "2"] ""`},
		{"an option of one's own", func(host *apptest.Host) *http.Response {
			return host.Get("/", func(r *http.Request) { r.Host = "example.com" })
		}, `GET example.com / [] ""`},
		{"Head", func(host *apptest.Host) *http.Response { return host.Head("/") }, ""},
		{"Post", func(host *apptest.Host) *http.Response {
			return host.Post("/", "text/plain", strings.NewReader("text"), apptest.Header("X-Test", "1"))
		}, `POST localhost / ["1"] "text"`},
		{"Post without a body", func(host *apptest.Host) *http.Response {
			return host.Post("/", "text/plain", nil)
		}, `POST localhost / [] ""`},
		{"Do", func(host *apptest.Host) *http.Response {
			return host.Do(http.MethodPatch, "/", strings.NewReader("text"))
		}, `PATCH localhost / [] "text"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				host := apptest.Start(t, echo, mode)
				response := c.send(host)
				require.Equal(t, http.StatusOK, response.StatusCode)
				require.Equal(t, c.want, apptest.Text(t, response))
			})
		})
	}
}

func TestProtocols(t *testing.T) {
	var protocols []string
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, answer(func(c *app.Call) error { return c.RespondText(c.Request.Proto) }), mode)
		response := host.Get("/")
		protocols = append(protocols, response.Proto, apptest.Text(t, response))

		conn := host.Dial() // speaks HTTP/1.1 in either mode
		_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
		require.NoError(t, err)
		raw, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		require.Equal(t, "HTTP/1.1", apptest.Text(t, raw))
	})
	require.Equal(t, []string{"HTTP/1.1", "HTTP/1.1", "HTTP/2.0", "HTTP/2.0"}, protocols)
}

func TestClientFollowsRedirectsAndKeepsNothing(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, answer(func(c *app.Call) error {
			switch c.Request.URL.Path {
			case "/moved":
				http.SetCookie(c.Writer(), &http.Cookie{Name: "seen", Value: "yes"})
				http.Redirect(c.Writer(), c.Request, "http://elsewhere.test/target", http.StatusFound)
				return nil
			case "/gzip":
				c.Header().Set("Content-Encoding", "gzip")
				c.Header().Set("Content-Type", "text/plain")
				w := gzip.NewWriter(c.Writer())
				_, err := io.WriteString(w, "text")
				return errors.Join(err, w.Close())
			}
			return c.RespondText(fmt.Sprintf("%s %q %q", c.Request.Host, c.Request.Cookies(), c.Request.Header["Accept-Encoding"]))
		}), mode)
		require.Equal(t, `localhost [] []`, apptest.Text(t, host.Get("/")))
		require.Equal(t, `elsewhere.test [] []`, apptest.Text(t, host.Get("/moved")))
		require.Equal(t, "\x1f\x8b", apptest.Text(t, host.Get("/gzip", apptest.Header("Accept-Encoding", "gzip")))[:2])

		var parallel sync.WaitGroup
		for range 10 {
			parallel.Go(func() {
				response, err := host.Client().Get(host.URL)
				if assert.NoError(t, err) {
					assert.Equal(t, `localhost [] []`, apptest.Text(t, response))
					assert.NoError(t, response.Body.Close())
				}
			})
		}
		parallel.Wait()
	})
}

// The bubble would find what is left behind.
func TestEndOfTestEndsClientsInAnyState(t *testing.T) {
	stuck := answer(func(c *app.Call) error { return c.RespondText(strings.Repeat("x", 10<<20)) })
	silent := answer(func(c *app.Call) error {
		err := flushed(c, "text")
		<-c.Context().Done()
		return err
	})
	cases := []struct {
		name   string
		module app.Module
		use    func(t *testing.T, host *apptest.Host)
	}{
		{"no client", Module, func(*testing.T, *apptest.Host) {}},
		{"a body that is not read", stuck, func(_ *testing.T, host *apptest.Host) { host.Get("/") }},
		{"a body that is not read, by hand", stuck, func(t *testing.T, host *apptest.Host) {
			_, err := io.WriteString(host.Dial(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
			require.NoError(t, err)
		}},
		{"an open stream", silent, func(_ *testing.T, host *apptest.Host) { host.Get("/") }},
		{"a stream that was left", silent, func(t *testing.T, host *apptest.Host) {
			require.NoError(t, host.Get("/").Body.Close())
		}},
		{"an idle connection", Module, func(t *testing.T, host *apptest.Host) { apptest.Text(t, host.Get("/")) }},
		{"a new connection", Module, func(_ *testing.T, host *apptest.Host) { host.Dial() }},
		{"half a request", Module, func(t *testing.T, host *apptest.Host) {
			_, err := io.WriteString(host.Dial(), "GET /")
			require.NoError(t, err)
		}},
		{"a connection that was closed", Module, func(t *testing.T, host *apptest.Host) {
			require.NoError(t, host.Dial().Close())
		}},
		{"a host that was stopped", Module, func(t *testing.T, host *apptest.Host) {
			apptest.Text(t, host.Get("/"))
			host.Stop()
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, mode apptest.Option) {
				var ending time.Time
				var host *apptest.Host
				t.Cleanup(func() {
					// A client of HTTP/2 has that time to read GOAWAY.
					require.LessOrEqual(t, time.Since(ending), 100*time.Millisecond)
					_, err := host.Client().Get(host.URL)
					require.Error(t, err)
				})
				host = apptest.Start(t, c.module, mode)
				c.use(t, host)
				synctest.Wait()
				ending = time.Now()
			})
		})
	}
}

func TestStop(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		stopping := make(chan struct{})
		host := apptest.Start(t, func(a *app.Application) {
			a.OnStopPreparing(func() { close(stopping) })
			answer(func(c *app.Call) error {
				if err := flushed(c, "hello\n"); err != nil {
					return err
				}
				<-stopping
				return flushed(c, "goodbye\n")
			})(a)
		}, mode)
		response := host.Get("/")
		host.Stop()
		require.Error(t, host.Application().Context().Err())
		require.Equal(t, "hello\ngoodbye\n", apptest.Text(t, response))
		host.Stop()
		_, err := host.Client().Get(host.URL)
		require.ErrorContains(t, err, "connection refused")
	})
}

func TestClientThatLeaves(t *testing.T) {
	ways := map[string]func(conn net.Conn) error{
		"closes": net.Conn.Close,
		"is lost": func(conn net.Conn) error {
			return conn.(interface{ Reset() error }).Reset()
		},
		"ends its half": func(conn net.Conn) error {
			return conn.(interface{ CloseWrite() error }).CloseWrite()
		},
	}
	for name, leave := range ways {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				left := make(chan time.Time, 1)
				host := apptest.Start(t, answer(func(c *app.Call) error {
					err := flushed(c, "text")
					<-c.Context().Done()
					left <- time.Now()
					return err
				}))
				conn := host.Dial()
				_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
				require.NoError(t, err)
				time.Sleep(time.Minute)
				require.Empty(t, left)
				require.NoError(t, leave(conn))
				require.Equal(t, time.Now(), <-left)
			})
		})
	}
}

func TestBuffer(t *testing.T) {
	cases := []struct {
		name    string
		options []apptest.Option
		written int // before the handler has to wait; net/http holds some of it
	}{
		{"default", nil, 64 << 10},
		{"1000 bytes", []apptest.Option{apptest.Buffer(1000)}, 1000},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var written int
				host := apptest.Start(t, answer(func(c *app.Call) error {
					for {
						if err := flushed(c, strings.Repeat("x", 100)); err != nil {
							return err
						}
						written += 100
					}
				}), c.options...)
				_, err := io.WriteString(host.Dial(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
				require.NoError(t, err)
				synctest.Wait()
				require.InDelta(t, c.written, written, 0.1*float64(c.written)+300)
			})
		})
	}
}

func TestLoopback(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, answer(func(c *app.Call) error { return c.RespondText(c.Request.Host) }), mode, apptest.Loopback())
		require.Regexp(t, `^http://127\.0\.0\.1:\d+$`, host.URL)
		require.Equal(t, strings.TrimPrefix(host.URL, "http://"), apptest.Text(t, host.Get("/")))
		require.Equal(t, host.URL, "http://"+host.Dial().RemoteAddr().String())
		host.Stop()
	})
}

func TestEngineOptions(t *testing.T) {
	failing := answer(func(*app.Call) error { return errors.New("out of paper") })
	host := apptest.Start(t, failing)
	require.Equal(t, "Internal Server Error", apptest.Text(t, host.Get("/")))
	host = apptest.Start(t, failing, apptest.Engine(engine.Development(), engine.ShutdownGrace(time.Minute)))
	require.Equal(t, "out of paper", apptest.Text(t, host.Get("/")))
	require.Equal(t, time.Minute, host.Application().Config().ShutdownGrace)
}

// A host puts nothing around the application that would do something when a call
// has ended, so that a test sees what a server does.
func TestTheApplicationStandsBehindFronts(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, answer(func(c *app.Call) error {
			server := c.Request.Context().Value(http.ServerContextKey).(*http.Server)
			return c.RespondText(fmt.Sprint(c.Request.TLS != nil, wire.Behind(server.Handler) == c.Application()))
		}), mode)
		require.Equal(t, "false true", apptest.Text(t, host.Get("/")))
		require.Equal(t, "true true", apptest.Text(t, host.Get("https://localhost/")))
	})
}
