package app

import (
	"bufio"
	"io"
	"net"
	"net/http"
)

// responseWriter is the writer of a call as its handlers and middlewares know
// it. Those that are older than http.ResponseController assert http.Flusher and
// http.Hijacker, so it has what net/http's writer has for HTTP/1.1, as has the
// writer inside a middleware. Each write passes the call's door.
type responseWriter struct{ call *Call }

var (
	_ http.ResponseWriter = responseWriter{}
	_ http.Hijacker       = responseWriter{}
	_ io.ReaderFrom       = responseWriter{}
)

func (w responseWriter) Header() http.Header { return ownWriter(w).Header() }

// Unwrap returns the server's writer, as long as that is the call's.
func (w responseWriter) Unwrap() http.ResponseWriter {
	if w.call.door.is(doorShut) {
		return nobodysWriter{}
	}
	return ownWriter(w).Unwrap()
}

func (w responseWriter) WriteHeader(status int) {
	if w.call.door.enter() {
		defer w.call.door.leave(w.call)
		ownWriter(w).WriteHeader(status)
	}
}

func (w responseWriter) Write(p []byte) (int, error) {
	if !w.call.door.enter() {
		return 0, tooLate("write")
	}
	defer w.call.door.leave(w.call)
	return ownWriter(w).Write(p)
}

func (w responseWriter) Flush() { _ = w.FlushError() }

func (w responseWriter) FlushError() error {
	if !w.call.door.enter() {
		return tooLate("flush")
	}
	defer w.call.door.leave(w.call)
	return ownWriter(w).FlushError()
}

// ReadFrom is inside the door while it writes, and not while it waits for a
// reader. A file is at hand.
func (w responseWriter) ReadFrom(r io.Reader) (int64, error) {
	if _, regular := fileBehind(r); !regular {
		return io.Copy(writerFunc(w.Write), r)
	}
	if !w.call.door.enter() {
		return 0, tooLate("write")
	}
	defer w.call.door.leave(w.call)
	return ownWriter(w).ReadFrom(r)
}

func (w responseWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if !w.call.door.enter() {
		return nil, nil, tooLate("hijack")
	}
	defer w.call.door.leave(w.call)
	return ownWriter(w).Hijack()
}

// EnableFullDuplex is http.ResponseController's.
func (w responseWriter) EnableFullDuplex() error {
	if !w.call.door.enter() {
		return tooLate("enable full duplex")
	}
	defer w.call.door.leave(w.call)
	return ownWriter(w).EnableFullDuplex()
}

// nobodysWriter stands for the server's writer when it is another request's.
type nobodysWriter struct{}

func (nobodysWriter) Header() http.Header       { return http.Header{} }
func (nobodysWriter) WriteHeader(int)           {}
func (nobodysWriter) Write([]byte) (int, error) { return 0, tooLate("write") }
