package websockets_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/basic"
	"github.com/chitor-go/chitor/plugins/calllogging"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/timeouts"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/plugins/xforwardedheaders"
	"github.com/chitor-go/chitor/routing"
)

// A plainWriter unwraps; a hidingWriter hides what is below it, Hijack too.
type (
	plainWriter  struct{ http.ResponseWriter }
	hidingWriter struct{ below http.ResponseWriter }
	takingWriter struct{ http.ResponseWriter }
)

func (w plainWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w hidingWriter) Header() http.Header         { return w.below.Header() }
func (w hidingWriter) Write(p []byte) (int, error) { return w.below.Write(p) }
func (w hidingWriter) WriteHeader(status int)      { w.below.WriteHeader(status) }

func (w takingWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.ResponseWriter.(http.Hijacker).Hijack()
}

// within is a middleware that replaces the writer.
func within(wrap func(http.ResponseWriter) http.ResponseWriter) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(wrap(w), r) })
	}
}

// TestBehindOthers a WebSocket works as anywhere: for longer than their limits,
// to the stop.
func TestBehindOthers(t *testing.T) {
	for name, around := range map[string]app.Module{
		"a writer that unwraps": func(a *app.Application) {
			a.Use(within(func(w http.ResponseWriter) http.ResponseWriter { return plainWriter{w} }))
		},
		"a writer that has Hijack": func(a *app.Application) {
			a.Use(within(func(w http.ResponseWriter) http.ResponseWriter { return takingWriter{w} }))
		},
		"chi's Logger, Compress and Timeout": func(a *app.Application) {
			logger := middleware.RequestLogger(&middleware.DefaultLogFormatter{Logger: nothingLogger{}, NoColor: true})
			a.Use(logger, middleware.Compress(5, "text/plain"), middleware.Timeout(time.Minute))
		},
		"compression": func(a *app.Application) { a.Install(compression.Plugin) },
		"timeouts": func(a *app.Application) {
			a.Install(timeouts.Plugin.With(func(c *timeouts.Config) { c.ResponseTimeout, c.ReadTimeout = time.Second, time.Second }))
		},
		"an interceptor": func(a *app.Application) {
			a.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
				return func(c *app.Call) error { return next(c) }
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, func(a *app.Application) {
					around(a)
					serving(echo)(a)
				})
				client := dialRaw(t, host, "Accept-Encoding: gzip, zstd")
				for range 120 {
					got, err := client.next()
					require.NoError(t, err)
					require.Equal(t, final|opPing, got.first)
					client.write(final|opPong, got.payload)
				}
				client.write(final|opText, "Hello")
				client.require(final|opText, "Hello")
				stopped := make(chan struct{})
				go func() {
					defer close(stopped)
					host.Stop()
				}()
				client.requireClosed(1001)
				<-stopped
				assert.Empty(t, host.Log().AtLeast(slog.LevelWarn))
			})
		})
	}
}

// A nothingLogger is for middlewares that would print.
type nothingLogger struct{}

func (nothingLogger) Print(...any) {}

// TestBehindAWriterThatHidesHijack the server has made a mistake, and says so.
func TestBehindAWriterThatHidesHijack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			a.Use(within(func(w http.ResponseWriter) http.ResponseWriter { return hidingWriter{w} }))
			serving(nothing)(a)
		})
		response := refusedWith(t, host)
		assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
		for _, name := range []string{"Upgrade", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol"} {
			assert.Empty(t, response.Header.Get(name), name)
		}
		lines := host.Log().AtLeast(slog.LevelError)
		require.Len(t, lines, 1)
		assert.ErrorContains(t, lines[0].Attrs["error"].(error), "its writer needs Hijack or Unwrap")
		assert.Equal(t, websockets.Stats{}, sessionsOf(t, host).Stats())
	})
}

// TestWhoIsNotLetIn gets the challenge, and whoever is finds the principal in the
// session.
func TestWhoIsNotLetIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		users := basic.New("users", func(c *basic.Config[string]) {
			c.Validate = func(_ *app.Call, given basic.Credential) (string, error) { return given.Name, nil }
		})
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(websockets.Plugin.With(func(c *websockets.Config) { c.Until = authentication.Until }))
			routing.Routes(a, func(r *routing.Route) {
				r.Install(authentication.Require(users))
				websockets.Handle(r, "/", func(s *websockets.Session) error {
					return s.SendText("Hello, " + users.Principal(s.Call()))
				})
			})
		})
		assert.Equal(t, http.StatusUnauthorized, refusedWith(t, host).StatusCode)
		dialRaw(t, host, "Authorization: Basic YWxpY2U6c2VjcmV0").require(final|opText, "Hello, alice")
	})
}

// TestTheCallKnowsItsStatus, and the values of its context are the session's.
func TestTheCallKnowsItsStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type key struct{}
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(calllogging.Plugin)
			a.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, "value")))
				})
			})
			serving(func(s *websockets.Session) error {
				assert.Equal(t, http.StatusSwitchingProtocols, s.Call().Status())
				assert.Equal(t, "value", s.Context().Value(key{}))
				return nil
			})(a)
		})
		require.NoError(t, dial(t, host).Close(websocket.StatusNormalClosure, ""))
		synctest.Wait()
		found := 0
		for _, line := range host.Log() {
			if status, has := line.Attrs["status"]; has {
				assert.Equal(t, int64(http.StatusSwitchingProtocols), status)
				found++
			}
		}
		assert.Equal(t, 1, found)
	})
}

// TestMessagesRightBehindTheHandshake are not lost.
func TestMessagesRightBehindTheHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serving(echo))
		conn := host.Dial()
		defer func() { _ = conn.Close() }()
		_, err := conn.Write(bytes.Join([][]byte{
			[]byte("GET / HTTP/1.1\r\n" + handshake + "\r\n"), frame(final|opText, "early"), frame(final|opText, "bird"),
		}, nil))
		require.NoError(t, err)
		reader := bufio.NewReader(conn)
		response, err := http.ReadResponse(reader, nil)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		all := make([]byte, 13)
		_, err = io.ReadFull(reader, all)
		require.NoError(t, err)
		assert.Equal(t, "\x81\x05early\x81\x04bird", string(all))
	})
}

// TestOriginsBehindAProxy: the application's own is what a proxy says that is trusted,
// and what anybody else says changes nothing.
func TestOriginsBehindAProxy(t *testing.T) {
	const trusted, untrusted, none = "192.0.2.0/24", "203.0.113.0/24", ""
	for name, test := range map[string]struct {
		proxies, host, origin string
		status                int
	}{
		"a page of the site":              {trusted, "shop.example.com", "https://shop.example.com", 101},
		"without TLS":                     {trusted, "shop.example.com", "http://shop.example.com", 403},
		"of another port":                 {trusted, "shop.example.com", "https://shop.example.com:8443", 403},
		"of the port of the site":         {trusted, "shop.example.com:8443", "https://shop.example.com:8443", 101},
		"of a neighbour":                  {trusted, "shop.example.com", "https://evil.shop.example.com", 403},
		"of the name behind the proxy":    {trusted, "shop.example.com", "https://localhost", 403},
		"a proxy that is not trusted":     {untrusted, "evil.example.com", "https://evil.example.com", 403},
		"a client that says it is one":    {none, "evil.example.com", "https://evil.example.com", 403},
		"a page of the site, not trusted": {untrusted, "evil.example.com", "https://localhost", 101},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, func(a *app.Application) {
					if test.proxies != none {
						a.Install(xforwardedheaders.Plugin.With(func(c *xforwardedheaders.Config) { c.TrustProxies(test.proxies) }))
					}
					serving(nothing)(a)
				})
				conn := host.Dial()
				t.Cleanup(func() { _ = conn.Close() })
				_, err := io.WriteString(conn, "GET / HTTP/1.1\r\n"+handshake+"Cookie: SESSION=alice\r\nX-Forwarded-Proto: https\r\n"+
					"X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Host: "+test.host+"\r\nOrigin: "+test.origin+"\r\n\r\n")
				require.NoError(t, err)
				response, err := http.ReadResponse(bufio.NewReader(conn), nil)
				require.NoError(t, err)
				require.NoError(t, response.Body.Close())
				assert.Equal(t, test.status, response.StatusCode)
			})
		})
	}
}
