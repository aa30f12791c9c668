package app

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// FromHTTP returns a handler that lets h answer, by net/http's rules: a handler
// that writes nothing has answered with 200. It is for one route; routing's
// Mount is for everything below a path. Nil, or a nil http.HandlerFunc, gives
// nil, a mistake of the line that declares it.
func FromHTTP(h http.Handler) Handler {
	if f, ok := h.(http.HandlerFunc); h == nil || ok && f == nil {
		return nil
	}
	return func(c *Call) error {
		c.answer.preset = 0 // it was set for a handler of ours
		h.ServeHTTP(mountedWriter{c.Writer()}, c.Request)
		c.answerEmpty()
		return nil
	}
}

// mountedWriter is the writer for a net/http handler. Handlers written before
// http.ResponseController assert http.Flusher and http.Hijacker, so here, where
// nobody wraps it any more, it has both.
type mountedWriter struct{ http.ResponseWriter }

func (w mountedWriter) Flush() { _ = w.FlushError() }
func (w mountedWriter) FlushError() error {
	return http.NewResponseController(w.ResponseWriter).Flush()
}
func (w mountedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w mountedWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

func (w mountedWriter) ReadFrom(r io.Reader) (int64, error) {
	if direct, ok := w.ResponseWriter.(io.ReaderFrom); ok {
		return direct.ReadFrom(r)
	}
	return io.Copy(writerFunc(w.Write), r)
}
