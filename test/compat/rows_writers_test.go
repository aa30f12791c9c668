package compat_test

import (
	"bufio"
	"maps"
	"net"
	"net/http"
	"strings"
)

// writerRows are middlewares as many people write them, with a writer of their
// own: those that hand on what net/http's writer can do, and those that do not.
func writerRows() []middlewareRow {
	all := []middlewareRow{
		{
			name: "asks for http.Flusher and http.Hijacker",
			make: func(routesOf) subject {
				asked := &journal{}
				return subject{
					wrap: func(next http.Handler) http.Handler {
						return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
							_, flusher := w.(http.Flusher)
							_, hijacker := w.(http.Hijacker)
							asked.note("Flusher %v, Hijacker %v", flusher, hijacker)
							next.ServeHTTP(w, r)
						})
					},
					report: asked.lines,
				}
			},
		},
		{
			name: "a writer with Unwrap",
			make: wrapping(func(w *countingWriter) http.ResponseWriter { return unwrappable{w} }),
		},
		{
			name: flushing,
			make: wrapping(func(w *countingWriter) http.ResponseWriter { return flushable{w} }),
		},
		{
			name: handing,
			make: wrapping(func(w *countingWriter) http.ResponseWriter { return hijackable{flushable{w}} }),
		},
		{
			name: blind,
			make: wrapping(func(w *countingWriter) http.ResponseWriter { return w }),
		},
		{
			name: assertive,
			make: wrapping(func(w *countingWriter) http.ResponseWriter { return asserting{w} }),
		},
	}
	counted := map[string]difference{
		"panic":       panics(answer{"noted: status 0, 0 bytes"}, answer{"noted: status 500, 21 bytes"}),
		"404" + atAll: bodiless("noted: status 404, 19 bytes", "noted: status 404, 0 bytes"),
	}
	for i := range all {
		if strings.HasPrefix(all[i].name, "a writer with") {
			all[i].differs, all[i].wraps = maps.Clone(counted), true
		}
		switch all[i].name {
		case handing:
			all[i].differs["WebSocket"] = difference{
				mark: markSocket, chi: answer{"noted: status 101, 0 bytes"}, chitor: answer{"noted: status 0, 0 bytes"},
			}
		case flushing, assertive, blind:
			all[i].differs["WebSocket"] = noSocket(
				answer{"noted: status 501, 16 bytes"}, answer{"noted: status 500, 22 bytes"},
			)
		}
		if all[i].name == blind {
			held := refused(answer{"noted: status 200, 13 bytes"}, answer{"noted: status 500, 21 bytes"})
			all[i].differs["SSE"], all[i].differs["SSE, gzip"] = held, held
		}
	}
	return all
}

const (
	flushing  = "a writer with Flush, without Unwrap"
	handing   = "a writer with Flush and Hijack, without Unwrap"
	assertive = "a writer with Flush, that asserts http.Flusher"
	blind     = "a writer with neither"
)

// countingWriter counts what it passes on.
type countingWriter struct {
	http.ResponseWriter
	status, bytes int
}

func (w *countingWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *countingWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.bytes += n
	return n, err
}

type (
	unwrappable struct{ *countingWriter }
	flushable   struct{ *countingWriter }
	hijackable  struct{ flushable }
	asserting   struct{ *countingWriter }
)

func (w unwrappable) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w flushable) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

func (w hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

func (w asserting) Flush() { w.ResponseWriter.(http.Flusher).Flush() }

func wrapping(wrap func(*countingWriter) http.ResponseWriter) func(routesOf) subject {
	return func(routesOf) subject {
		counted := &journal{}
		return subject{
			wrap: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					counting := &countingWriter{ResponseWriter: w}
					defer func() { counted.note("status %d, %d bytes", counting.status, counting.bytes) }()
					next.ServeHTTP(wrap(counting), r)
				})
			},
			report: counted.lines,
		}
	}
}
