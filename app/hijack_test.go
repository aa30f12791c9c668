package app_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// accept takes a connection as coder/websocket does: it records a head that
// switches protocols, and then takes the connection.
func accept(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error) {
	w.Header().Set("Connection", "Upgrade")
	w.Header().Set("Upgrade", "test")
	w.WriteHeader(http.StatusSwitchingProtocols)
	return w.(http.Hijacker).Hijack()
}

// upgrade takes a connection as gorilla/websocket and gws do: it writes the head
// itself.
func upgrade(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_, err = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n")
	}
	return conn, buffered, err
}

// relay takes a connection as httputil.ReverseProxy does: it writes the head to
// the buffer.
func relay(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_, _ = buffered.WriteString("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n")
		err = buffered.Flush()
	}
	return conn, buffered, err
}

type taking func(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error)

func takings() map[string]taking {
	return map[string]taking{"as coder": accept, "as gorilla": upgrade, "as a proxy": relay}
}

// takingWriter is a middleware's writer without Unwrap that passes a hijack on.
type takingWriter struct{ http.ResponseWriter }

func (w takingWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.ResponseWriter.(http.Hijacker).Hijack()
}

func throughTakingWriter(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(takingWriter{w}, r) })
}

// dial asks for an upgrade, and sends text right behind that.
func dial(t *testing.T, host *apptest.Host, text string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn := host.Dial()
	t.Cleanup(func() { _ = conn.Close() })
	_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n"+text)
	require.NoError(t, err)
	return conn, bufio.NewReader(conn)
}

// switched asks for an upgrade, and requires it.
func switched(t *testing.T, host *apptest.Host, text string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, reader := dial(t, host, text)
	response, err := http.ReadResponse(reader, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
	require.Equal(t, "test", response.Header.Get("Upgrade"))
	return conn, reader
}

// statusOf is a module that notes the status that a call has ended with.
func statusOf(status *int) app.Module {
	return func(a *app.Application) {
		a.Install(onSent("Status", func(c *app.Call) { *status = c.Status() }))
	}
}

// TestAConnectionCanBeTaken in each way that libraries do it, wherever the
// handler is, and the call knows the status that was sent.
func TestAConnectionCanBeTaken(t *testing.T) {
	for way, take := range takings() {
		for place, around := range map[string][]func(http.Handler) http.Handler{
			"":                                nil,
			", inside a writer that unwraps":  {wrappingWriter},
			", inside a fork":                 {throughTakingWriter},
			", inside a fork of a fork":       {throughTakingWriter, throughTakingWriter},
			", inside both":                   {throughTakingWriter, wrappingWriter},
			", inside both, the other way on": {wrappingWriter, throughTakingWriter},
		} {
			echo := func(w http.ResponseWriter) {
				conn, buffered, err := take(w)
				if assert.NoError(t, err) {
					_, _ = io.CopyN(conn, buffered, 10)
					assert.NoError(t, conn.Close())
				}
			}
			for kind, handler := range map[string]app.Handler{
				"writer":  func(c *app.Call) error { echo(c.Writer()); return nil },
				"mounted": app.FromHTTP(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { echo(w) })),
			} {
				t.Run(way+", "+kind+place, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						status := 0
						host := apptest.Start(t, func(a *app.Application) {
							using(around...)(a)
							answering(handler)(a)
							statusOf(&status)(a)
						})
						conn, reader := switched(t, host, "early")
						_, err := io.WriteString(conn, " late")
						require.NoError(t, err)
						echoed, err := io.ReadAll(reader)
						require.NoError(t, err)
						assert.Equal(t, "early late", string(echoed))
						synctest.Wait()
						assert.Equal(t, http.StatusSwitchingProtocols, status)
						assert.Empty(t, host.Log().AtLeast(slog.LevelWarn))
					})
				})
			}
		}
	}
}

// TestTheHeadOfASwitchIsThatOfTheCall: what was set for it is sent, and nothing
// that belongs to a body.
func TestTheHeadOfASwitchIsThatOfTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, answering(func(c *app.Call) error {
			c.Header().Set("X-Mine", "a\r\nb")
			c.Header().Set("Content-Length", "5")
			c.Writer().WriteHeader(http.StatusEarlyHints)
			conn, _, err := accept(c.Writer())
			assert.NoError(t, err)
			c.Writer().WriteHeader(http.StatusGone)
			return conn.Close()
		}))
		_, reader := dial(t, host, "")
		head, err := io.ReadAll(reader)
		require.NoError(t, err)
		assert.Equal(t, "HTTP/1.1 103 Early Hints\r\nX-Mine: a  b\r\n\r\n"+
			"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\nX-Mine: a  b\r\n\r\n", string(head))
	})
}

// refusingWriter is a middleware's writer whose Hijack fails, and that takes the
// first status only, as chi's do.
type refusingWriter struct {
	http.ResponseWriter
	begun *bool
}

func (w refusingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
func (w refusingWriter) WriteHeader(status int) {
	if !*w.begun {
		*w.begun = true
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w refusingWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, errors.New("not through here")
}

// opaqueRefusal is the same without Unwrap.
type opaqueRefusal struct{ http.ResponseWriter }

func (w opaqueRefusal) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, errors.New("not through here")
}

// TestASwitchThatCannotBeMadeIsAnErrorAtOnce: its head was recorded, and to
// send it would leave the client waiting for ever.
func TestASwitchThatCannotBeMadeIsAnErrorAtOnce(t *testing.T) {
	through := func(wrap func(http.ResponseWriter) http.ResponseWriter) func(http.Handler) http.Handler {
		return middleware(func(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(wrap(w), r) })
	}
	none := func(next http.Handler) http.Handler { return next }
	places := map[string]struct {
		around func(http.Handler) http.Handler
		mode   apptest.Option
	}{
		"HTTP/2":                       {none, apptest.H2C()},
		"HTTP/2, a writer that passes": {throughTakingWriter, apptest.H2C()},
		"a time-out":                   {timeout(time.Hour), apptest.HTTP1()},
		"a writer that hides all":      {opaque, apptest.HTTP1()},
		"a writer that refuses": {through(func(w http.ResponseWriter) http.ResponseWriter {
			return refusingWriter{w, new(bool)}
		}), apptest.HTTP1()},
		"a writer that refuses, and does not unwrap": {through(func(w http.ResponseWriter) http.ResponseWriter {
			return opaqueRefusal{w}
		}), apptest.HTTP1()},
	}
	for place, at := range places {
		for name, test := range map[string]struct {
			after func(w http.ResponseWriter) error
			want  []int // by which whoever writes and what stands between decide
			body  string
		}{
			"an error":          {func(http.ResponseWriter) error { return app.NewError(http.StatusConflict, "no") }, []int{409}, "no"},
			"nothing":           {func(http.ResponseWriter) error { return nil }, []int{501}, ""},
			"a text":            {func(w http.ResponseWriter) error { _, err := io.WriteString(w, "no"); return err }, []int{501}, "no"},
			"a status and text": {func(w http.ResponseWriter) error { http.Error(w, "no", http.StatusInternalServerError); return nil }, []int{500, 501}, "no\n"},
		} {
			t.Run(place+", then "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					host := apptest.Start(t, func(a *app.Application) {
						a.Use(at.around)
						answering(func(c *app.Call) error {
							_, _, err := accept(c.Writer())
							assert.Error(t, err)
							return test.after(c.Writer())
						})(a)
					}, at.mode)
					response := host.Get("/")
					assert.Contains(t, test.want, response.StatusCode)
					assert.Equal(t, test.body, apptest.Text(t, response))
					assert.Empty(t, response.Header.Get("Upgrade"))
				})
			})
		}
	}
}

func TestAConnectionIsTakenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, answering(func(c *app.Call) error {
			conn, _, err := upgrade(c.Writer())
			assert.NoError(t, err)
			_, _, err = http.NewResponseController(c.Writer()).Hijack()
			assert.ErrorIs(t, err, http.ErrHijacked)
			_, _, err = accept(c.Writer())
			assert.ErrorIs(t, err, http.ErrHijacked)
			return conn.Close()
		}))
		_, reader := switched(t, host, "")
		rest, err := io.ReadAll(reader)
		require.NoError(t, err)
		assert.Empty(t, rest)
	})
}

// TestTheStatusOfATakenConnectionIsTheOneThatWasSent.
func TestTheStatusOfATakenConnectionIsTheOneThatWasSent(t *testing.T) {
	for name, test := range map[string]struct {
		before func(c *app.Call)
		writes []string
		want   int
	}{
		"an answer":               {func(*app.Call) {}, []string{"HTTP/1.1 404 Not Found\r\n", "\r\n"}, 404},
		"of HTTP/1.0":             {func(*app.Call) {}, []string{"HTTP/1.0 200 OK\r\n\r\n"}, 200},
		"hints first":             {func(*app.Call) {}, []string{"HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n"}, 200},
		"nothing":                 {func(*app.Call) {}, []string{""}, 0},
		"something else":          {func(*app.Call) {}, []string{"SSH-2.0", "HTTP/1.1 200 OK\r\n\r\n"}, 0},
		"nearly an answer":        {func(*app.Call) {}, []string{"HTTP/1.1 2x0 OK\r\n\r\n"}, 0},
		"the beginning of one":    {func(*app.Call) {}, []string{"HTTP/1."}, 0},
		"a status was set":        {func(c *app.Call) { c.SetStatus(404) }, []string{""}, 0},
		"another was recorded":    {func(c *app.Call) { c.Writer().WriteHeader(202) }, []string{"HTTP/1.1 200 OK\r\n\r\n"}, 200},
		"another, with some text": {func(c *app.Call) { write(c, 5) }, []string{"HTTP/1.1 299 OK\r\n\r\n"}, 299},
		"another was sent":        {func(c *app.Call) { c.Writer().WriteHeader(202); flush(c) }, []string{"HTTP/1.1 200 OK\r\n\r\n"}, 202},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				status := -1
				host := apptest.Start(t, func(a *app.Application) {
					answering(func(c *app.Call) error {
						test.before(c)
						conn, _, err := http.NewResponseController(c.Writer()).Hijack()
						if err != nil {
							return err
						}
						for _, text := range test.writes {
							_, err = io.WriteString(conn, text)
							assert.NoError(t, err)
						}
						return conn.Close()
					})(a)
					statusOf(&status)(a)
				})
				dial(t, host, "")
				synctest.Wait()
				assert.Equal(t, test.want, status)
			})
		})
	}
}

// TestATakenConnectionEndsWithTheApplication: the stop tells whoever has taken
// one, waits for the grace period, and closes it. That is no error.
func TestATakenConnectionEndsWithTheApplication(t *testing.T) {
	for name, test := range map[string]struct {
		use   func(c *app.Call, conn net.Conn) error // until it is done with the connection
		takes time.Duration                          // the stop
	}{
		"closed before":       {func(_ *app.Call, conn net.Conn) error { return conn.Close() }, 0},
		"closed twice before": {func(_ *app.Call, conn net.Conn) error { _ = conn.Close(); return conn.Close() }, 0},
		"says goodbye": {func(c *app.Call, conn net.Conn) error {
			<-c.Context().Done()
			assert.ErrorIs(t, context.Cause(c.Context()), app.ErrStopping)
			time.Sleep(300 * time.Millisecond)
			return conn.Close()
		}, 300 * time.Millisecond},
		"does not listen": {func(_ *app.Call, conn net.Conn) error {
			_, err := io.Copy(io.Discard, conn)
			return err
		}, time.Second},
		"is stuck writing": {func(_ *app.Call, conn net.Conn) error {
			_, err := conn.Write(make([]byte, 1<<20))
			return err
		}, time.Second},
		"goes on without the handler": {func(_ *app.Call, conn net.Conn) error {
			go func() {
				_, _ = io.Copy(io.Discard, conn)
				_ = conn.Close()
			}()
			return nil
		}, time.Second},
		"goes on, and ends by itself": {func(_ *app.Call, conn net.Conn) error {
			time.AfterFunc(time.Minute+300*time.Millisecond, func() { _ = conn.Close() })
			return nil
		}, 300 * time.Millisecond},
		"is forgotten": {func(*app.Call, net.Conn) error { return nil }, time.Second},
	} {
		for way, take := range takings() {
			t.Run(name+", "+way, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					host := apptest.Start(t, answering(func(c *app.Call) error {
						conn, _, err := take(c.Writer())
						require.NoError(t, err)
						return test.use(c, conn)
					}))
					_, reader := switched(t, host, "")
					time.Sleep(time.Minute)
					began := time.Now()
					require.NoError(t, host.Application().Stop(t.Context()))
					assert.Equal(t, test.takes, time.Since(began))
					synctest.Wait()
					_, err := io.Copy(io.Discard, reader)
					assert.NoError(t, err, "the connection is closed")
					for _, record := range host.Log().AtLeast(slog.LevelError) {
						assert.Equal(t, "closed twice before", name, record)
					}
				})
			})
		}
	}
}

// TestAConnectionThatItsClientClosedIsForgotten when whoever has taken it has
// closed it, too: the stop waits for nothing.
func TestAConnectionThatItsClientClosedIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, answering(func(c *app.Call) error {
			conn, _, err := upgrade(c.Writer())
			go func() {
				_, _ = io.Copy(io.Discard, conn)
				_ = conn.Close()
			}()
			return err
		}))
		for range 10 {
			conn, _ := switched(t, host, "")
			_ = conn.Close()
		}
		synctest.Wait()
		began := time.Now()
		require.NoError(t, host.Application().Stop(t.Context()))
		assert.Zero(t, time.Since(began))
	})
}

// TestAConnectionIsTakenWhileTheApplicationStops: in the grace period its
// handler is told at once, and later there is nothing to take.
func TestAConnectionIsTakenWhileTheApplicationStops(t *testing.T) {
	for name, test := range map[string]struct {
		after time.Duration
		want  string
	}{
		"in the grace period": {500 * time.Millisecond, "HTTP/1.1 101 Switching Protocols"},
		"after it":            {1500 * time.Millisecond, "HTTP/1.1 503 Service Unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := apptest.Start(t, answering(func(c *app.Call) error {
					time.Sleep(time.Minute + test.after)
					conn, _, err := accept(c.Writer())
					if err != nil {
						assert.ErrorIs(t, err, app.ErrStopping)
						return err
					}
					assert.ErrorIs(t, context.Cause(c.Context()), app.ErrStopping)
					return conn.Close()
				}))
				_, reader := dial(t, host, "")
				time.Sleep(time.Minute)
				began := time.Now()
				require.NoError(t, host.Application().Stop(t.Context()))
				assert.Equal(t, test.after, time.Since(began))
				line, err := reader.ReadString('\r')
				require.NoError(t, err)
				assert.Equal(t, test.want+"\r", line)
			})
		})
	}
}

// TestATakenConnectionInSomebodyElsesServer: its contexts do not end with the
// application, which ends the connection nevertheless.
func TestATakenConnectionInSomebodyElsesServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logs := &logbook{}
		a := app.New(logs.module, answering(func(c *app.Call) error {
			conn, _, err := upgrade(c.Writer())
			require.NoError(t, err)
			<-c.Context().Done()
			_, err = io.Copy(io.Discard, conn)
			return fmt.Errorf("read: %w", err)
		}))
		require.NoError(t, a.Start(t.Context()))
		client := serve(t, a)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://test/", nil)
		require.NoError(t, err)
		request.Header.Set("Connection", "Upgrade")
		request.Header.Set("Upgrade", "test")
		response, err := client.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		require.Equal(t, http.StatusSwitchingProtocols, response.StatusCode)
		began := time.Now()
		require.NoError(t, a.Stop(t.Context()))
		assert.Equal(t, time.Second, time.Since(began))
		for _, line := range logs.all() {
			assert.Less(t, line.level, slog.LevelError, line)
		}
	})
}
