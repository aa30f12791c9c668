package app

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net"
	"net/http"
)

// ownWriter is the outermost writer of a call, which holds back, commits and
// sends. Each method that writes takes its turn on the wire. What the call runs
// when its handlers have returned is given it as it is; they, and whoever they
// may leave behind, are given it behind the door of [responseWriter].
type ownWriter struct{ call *Call }

func (w ownWriter) Header() http.Header         { return w.call.answer.out.Header }
func (w ownWriter) Unwrap() http.ResponseWriter { return w.call.wire.Server() }

func (w ownWriter) Write(p []byte) (int, error) {
	w.call.wire.Lock()
	defer w.call.wire.Unlock()
	return w.call.write(p)
}

func (w ownWriter) Flush() { _ = w.FlushError() }

func (w ownWriter) FlushError() error {
	w.call.wire.Lock()
	defer w.call.wire.Unlock()
	return w.call.flush()
}

// WriteHeader records the status: the first one counts. Informational responses
// pass at once. What is no status is an error that becomes the answer.
func (w ownWriter) WriteHeader(status int) {
	c := w.call
	a := &c.answer
	c.wire.Lock()
	defer c.wire.Unlock()
	switch {
	case !a.isOpen():
	case isStatus(status):
		a.begin()
		if a.out.Status == 0 {
			a.out.Status = status
		}
	case status >= 100 && status < 200:
		c.wire.WriteHeader(callContext{c}, status)
	default:
		c.fail(fmt.Errorf("write header: %w", checkStatus(status)))
	}
}

// ReadFrom lets net/http send files without copying them, while nobody wraps the
// body. Any other reader may take its time: it is read without holding up who
// else writes.
func (w ownWriter) ReadFrom(r io.Reader) (n int64, err error) {
	file, regular := fileBehind(r)
	if !regular {
		return io.Copy(writerFunc(w.Write), r)
	}
	c := w.call
	c.wire.Lock()
	defer c.wire.Unlock()
	first := make([]byte, sniffLength)
	for c.answer.isOpen() {
		read, readErr := r.Read(first)
		if read > 0 {
			written, err := c.write(first[:read])
			n += int64(written)
			if err != nil {
				return n, err
			}
		}
		if readErr == io.EOF {
			return n, nil
		} else if readErr != nil {
			return n, readErr
		}
	}
	if c.sendsDirectly() {
		if length := c.answer.out.length; length >= 0 { // net/http would send more
			file.N = min(file.N, max(0, length-c.answer.written))
		}
		sent, able, err := c.wire.ReadFrom(callContext{c}, file)
		c.answer.written += sent
		if n += sent; able && err != nil {
			return n, err
		}
	}
	rest, err := io.Copy(writerFunc(c.write), r)
	return n + rest, err
}

// sendsDirectly reports whether bytes go to the wire as they are.
func (c *Call) sendsDirectly() bool {
	_, direct := c.answer.sink.(wireEnd)
	return direct && c.answer.stage == stageSent && !c.answer.deaf
}

// fileBehind returns what is to be read of a regular file, as io.Copy and
// http.ServeContent hand it over, and whether r is that. To wait for any other
// reader would take the time of the deadline of its bytes.
func fileBehind(r io.Reader) (*io.LimitedReader, bool) {
	limited, ok := r.(*io.LimitedReader)
	if !ok {
		limited = &io.LimitedReader{R: r, N: math.MaxInt64}
	}
	// A type assertion to *os.File would miss the type that io.Copy hides it in.
	file, ok := limited.R.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return nil, false
	}
	info, err := file.Stat()
	return limited, err == nil && info.Mode().IsRegular()
}

// EnableFullDuplex is http.ResponseController's: over HTTP/1.1 the body is left
// alone when the head leaves. It passes the wire, which otherwise waits for the
// body with net/http.
func (w ownWriter) EnableFullDuplex() error { return w.call.wire.EnableFullDuplex() }

// Hijack takes the connection away from the server. It answers the call, and
// skips the send hooks.
func (w ownWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.call.wire.Lock()
	defer w.call.wire.Unlock()
	return w.call.hijack()
}

// Writer returns the response's writer, for a handler that writes its body
// itself. The head leaves with the first 512 bytes, with a flush, or when the
// handler has returned. It may be used from one goroutine at a time. When the
// handlers of the call have returned, or of the part inside a middleware, its
// methods do nothing but return an error that says so.
//
// Like net/http's writer for HTTP/1.1, this one and those that middlewares and
// mounted handlers are given implement http.Flusher, http.Hijacker and
// io.ReaderFrom; http.NewResponseController reaches everything else. Where a
// middleware around hides the server's writer, as http.TimeoutHandler does,
// Flush does nothing and Hijack fails with an error that wraps
// http.ErrNotSupported. So does Hijack over HTTP/2, whose connections carry many
// calls.
func (c *Call) Writer() http.ResponseWriter {
	switch {
	case c.edge != nil:
		return c.edge
	case c.door.is(doorOwn):
		return ownWriter{c}
	default:
		return responseWriter{c}
	}
}

// Header returns the response's header map. It may be changed until the response
// is committed.
func (c *Call) Header() http.Header { return c.Writer().Header() }

// CanFlush reports whether what is written can be sent on at once: whether the
// server's writer, and every middleware's between, can flush. A stream asks
// before it commits to anything.
func (c *Call) CanFlush() bool {
	w := c.Writer()
	for {
		switch layer := w.(type) {
		case responseWriter:
			w = layer.call.wire.Server()
		case ownWriter:
			w = layer.call.wire.Server()
		case *edgeWriter:
			w = layer.ResponseWriter
		//nolint:forbidigo // asked about, not called
		case interface{ FlushError() error }, http.Flusher:
			return true
		case interface{ Unwrap() http.ResponseWriter }:
			w = layer.Unwrap()
		default:
			return false
		}
	}
}
