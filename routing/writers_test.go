package routing_test

import (
	"bufio"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// passingOn is the writer of many access logs: it has no Unwrap, and passes a
// flush on to a writer that has one.
type passingOn struct{ http.ResponseWriter }

func (w passingOn) Flush() {
	if flusher, ok := w.ResponseWriter.(http.Flusher); ok {
		flusher.Flush()
	}
}

// taking passes on a Hijack as well.
type taking struct{ passingOn }

func (w taking) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	taker, ok := w.ResponseWriter.(http.Hijacker)
	if !ok {
		return nil, nil, errors.New("nothing to take")
	}
	return taker.Hijack()
}

// below is a middleware that puts a writer of its own around the server's.
func below(wrap func(http.ResponseWriter) http.ResponseWriter) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(wrap(w), r) })
	}
}

// writerPlace is a place where code is given the writer of a response.
type writerPlace struct {
	declare func(r *routing.Route, use func(http.ResponseWriter))
	flush   bool // what is flushed there arrives at once
	hijack  bool // over HTTP/1.1, the connection can be taken there
}

func writerPlaces() map[string]writerPlace {
	handler := func(use func(http.ResponseWriter)) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { use(w) })
	}
	call := func(use func(http.ResponseWriter)) app.Handler {
		return func(c *app.Call) error { use(c.Writer()); return nil }
	}
	replaced := func(use func(http.ResponseWriter)) func(http.Handler) http.Handler {
		return func(http.Handler) http.Handler { return handler(use) }
	}
	inside := func(around func(http.Handler) http.Handler) func(*routing.Route, func(http.ResponseWriter)) {
		return func(r *routing.Route, use func(http.ResponseWriter)) {
			r.Use(around)
			r.Get("/", call(use))
		}
	}
	return map[string]writerPlace{
		"Call.Writer":     {func(r *routing.Route, use func(http.ResponseWriter)) { r.Get("/", call(use)) }, true, true},
		"Use at the root": {func(r *routing.Route, use func(http.ResponseWriter)) { r.Use(replaced(use)) }, true, true},
		"Use on a route": {func(r *routing.Route, use func(http.ResponseWriter)) {
			r.Get("/", call(func(http.ResponseWriter) {})).Use(replaced(use))
		}, true, true},
		"Mount":    {func(r *routing.Route, use func(http.ResponseWriter)) { r.Mount("/", handler(use)) }, true, true},
		"FromHTTP": {func(r *routing.Route, use func(http.ResponseWriter)) { r.Get("/", app.FromHTTP(handler(use))) }, true, true},
		"Stream": {func(r *routing.Route, use func(http.ResponseWriter)) {
			r.Get("/", func(c *app.Call) error {
				return c.Respond(app.Stream(func(w http.ResponseWriter) error { use(w); return nil }))
			})
		}, true, true},
		"an event stream": {func(r *routing.Route, use func(http.ResponseWriter)) {
			r.SSE("/", func(s *sse.Session) error {
				err := s.Delay(0) // the head leaves, and until the next event nobody else writes
				use(s.Call().Writer())
				return err
			})
		}, true, true},
		"below a writer that unwraps": {inside(middleware.RequestLogger(&middleware.DefaultLogFormatter{Logger: log.New(io.Discard, "", 0)})), true, true},
		"below one that passes flushes on": {
			inside(below(func(w http.ResponseWriter) http.ResponseWriter { return passingOn{w} })), true, false,
		},
		"below one that passes everything on": {
			inside(below(func(w http.ResponseWriter) http.ResponseWriter { return taking{passingOn{w}} })), true, true,
		},
		"below one that hides everything": {
			inside(below(func(w http.ResponseWriter) http.ResponseWriter { return struct{ http.ResponseWriter }{w} })), false, false,
		},
		"below chi's Compress": {inside(middleware.Compress(5)), true, true},
		"below a time-out": {
			inside(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Hour, "late") }), false, false,
		},
		"below a time-out and a writer that passes everything on": {func(r *routing.Route, use func(http.ResponseWriter)) {
			r.Use(func(next http.Handler) http.Handler { return http.TimeoutHandler(next, time.Hour, "late") })
			inside(below(func(w http.ResponseWriter) http.ResponseWriter { return taking{passingOn{w}} }))(r, use)
		}, false, false},
	}
}

// TestEveryWriterHasWhatTheServersHas: code that asserts http.Flusher,
// http.Hijacker or io.ReaderFrom finds it wherever it is given a writer, and it
// does what it does on net/http, as http.ResponseController does.
func TestEveryWriterHasWhatTheServersHas(t *testing.T) {
	flushes := map[string]func(w http.ResponseWriter){
		"http.Flusher":   func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
		"the controller": func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() },
	}
	hijacks := map[string]func(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error){
		"http.Hijacker": func(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error) { return w.(http.Hijacker).Hijack() },
		"the controller": func(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error) {
			return http.NewResponseController(w).Hijack()
		},
	}
	for name, place := range writerPlaces() {
		for protocol, mode := range map[string]apptest.Option{"HTTP/1.1": apptest.HTTP1(), "HTTP/2": apptest.H2C()} {
			for by, flush := range flushes {
				t.Run("flush by "+by+", "+name+", "+protocol, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { flushesAt(t, place, mode, flush) })
				})
			}
			for by, hijack := range hijacks {
				t.Run("hijack by "+by+", "+name+", "+protocol, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						hijacksAt(t, place, mode, hijack, place.hijack && protocol == "HTTP/1.1")
					})
				})
			}
			t.Run("io.ReaderFrom, "+name+", "+protocol, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					host := hostOf(t, place, mode, func(w http.ResponseWriter) {
						n, err := w.(io.ReaderFrom).ReadFrom(strings.NewReader("from a reader"))
						assert.EqualValues(t, 13, n)
						assert.NoError(t, err)
					})
					response := host.Get("/")
					if place.flush || name != "an event stream" {
						assert.Equal(t, "from a reader", apptest.Text(t, response))
					}
				})
			})
		}
	}
}

func hostOf(t *testing.T, place writerPlace, mode apptest.Option, use func(w http.ResponseWriter)) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) { place.declare(r, use) })
	}, mode)
}

// flushesAt: what is flushed is with the client while the handler still waits.
func flushesAt(t *testing.T, place writerPlace, mode apptest.Option, flush func(http.ResponseWriter)) {
	t.Helper()
	release := make(chan struct{})
	host := hostOf(t, place, mode, func(w http.ResponseWriter) {
		_, err := io.WriteString(w, "first")
		assert.NoError(t, err)
		flush(w)
		<-release
	})
	var arrived atomic.Bool
	time.AfterFunc(time.Minute, func() {
		assert.Equal(t, place.flush, arrived.Load())
		close(release)
	})
	response := host.Get("/")
	first := make([]byte, 5)
	_, err := io.ReadFull(response.Body, first)
	require.NoError(t, err)
	assert.Equal(t, "first", string(first))
	arrived.Store(true)
	_, _ = io.Copy(io.Discard, response.Body)
}

// hijacksAt: whoever takes the connection answers on it, and whoever cannot
// take it still has a writer to say so.
func hijacksAt(t *testing.T, place writerPlace, mode apptest.Option,
	hijack func(http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error), works bool,
) {
	t.Helper()
	host := hostOf(t, place, mode, func(w http.ResponseWriter) {
		conn, buffered, err := hijack(w)
		if err != nil {
			assert.False(t, works, err)
			http.Error(w, "cannot be taken", http.StatusNotImplemented)
			return
		}
		assert.True(t, works)
		_, _ = buffered.WriteString("HTTP/1.1 299 Mine\r\nConnection: close\r\nContent-Length: 4\r\n\r\nmine")
		_ = buffered.Flush() // the client of a stream leaves at what is no chunk
		assert.NoError(t, conn.Close())
	})
	response := host.Get("/")
	if _, stream := response.Header["X-Accel-Buffering"]; stream {
		synctest.Wait() // its head had left, and the handler goes on
		return
	}
	text := apptest.Text(t, response)
	if works {
		assert.Equal(t, "299 mine", response.Status[:3]+" "+text)
	} else {
		assert.Equal(t, "501 cannot be taken\n", response.Status[:3]+" "+text)
	}
}
