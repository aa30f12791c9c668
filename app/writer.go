package app

import (
	"bufio"
	"io"
	"io/fs"
	"math"
	"net"
	"net/http"
)

// responseWriter is the outermost writer of a call: the call under another
// method set. Everything optional is reached through http.ResponseController.
type responseWriter Call

var (
	_ http.ResponseWriter = (*responseWriter)(nil)
	_ io.ReaderFrom       = (*responseWriter)(nil)
)

func (w *responseWriter) Header() http.Header         { return w.out.Header }
func (w *responseWriter) Write(p []byte) (int, error) { return (*Call)(w).write(p) }
func (w *responseWriter) FlushError() error           { return (*Call)(w).flush() }
func (w *responseWriter) Unwrap() http.ResponseWriter { return (*floor)(w) }

// WriteHeader records the status: the first one counts. Informational answers
// pass at once.
func (w *responseWriter) WriteHeader(status int) {
	c := (*Call)(w)
	switch {
	case c.hijacked || c.sealed || c.committed:
	case status >= 100 && status < 200 && status != http.StatusSwitchingProtocols:
		c.guard(0, true)
		c.server.WriteHeader(status)
		c.unguard(true)
	case status < 100 || status > 999:
		c.fail(&PanicError{Value: "invalid status code"})
	case c.out.Status == 0:
		c.out.Status = status
		c.answered = true
	}
}

// ReadFrom lets net/http send files without copying them, while nobody wraps
// the body.
func (w *responseWriter) ReadFrom(r io.Reader) (n int64, err error) {
	c := (*Call)(w)
	first := make([]byte, sniffLength)
	for !c.committed && !c.sealed {
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
	server, direct := c.server.(io.ReaderFrom)
	file, regular := fileBehind(r)
	if !direct || !regular || c.sink != nil || c.bodiless || c.sealed || c.hijacked {
		rest, err := io.Copy(onlyWriter{w}, r)
		return n + rest, err
	}
	for {
		c.guard(pieceLength, false)
		sent, err := server.ReadFrom(&io.LimitedReader{R: file.R, N: min(file.N, pieceLength)})
		n += sent
		file.N -= sent
		c.written += sent
		if err != nil {
			c.broken = true
			return n, err
		}
		c.unguard(false)
		if sent < pieceLength {
			return n, nil
		}
	}
}

// fileBehind returns what is to be read of a regular file, as io.Copy and
// http.ServeContent hand it over, and whether r is that. To wait for any other
// reader would take the time of the deadline of its bytes.
func fileBehind(r io.Reader) (*io.LimitedReader, bool) {
	limited, ok := r.(*io.LimitedReader)
	if !ok {
		limited = &io.LimitedReader{R: r, N: math.MaxInt64}
	}
	file, ok := limited.R.(interface{ Stat() (fs.FileInfo, error) }) // io.Copy hides *os.File in a type of its own
	if !ok {
		return nil, false
	}
	info, err := file.Stat()
	return limited, err == nil && info.Mode().IsRegular()
}

// floor is what lies below the outermost writer, for http.ResponseController:
// it sees a hijack, which answers the call, and lets everything else through to
// the server's writer.
type floor Call

func (f *floor) Header() http.Header         { return f.out.Header }
func (f *floor) Write(p []byte) (int, error) { return (*Call)(f).write(p) }
func (f *floor) WriteHeader(status int)      { (*responseWriter)(f).WriteHeader(status) }
func (f *floor) Unwrap() http.ResponseWriter { return f.server }

// Hijack takes the connection away from the server. It skips the send hooks.
func (f *floor) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c := (*Call)(f)
	conn, buffered, err := http.NewResponseController(c.server).Hijack()
	if err == nil {
		c.hijacked, c.answered = true, true
	}
	return conn, buffered, err
}

// edgeWriter is the writer that a middleware has passed on, bound to the call
// inside that middleware. It is never changed, so a goroutine that keeps it
// writes where it always wrote.
type edgeWriter struct {
	http.ResponseWriter
	call *Call
}

func (w *edgeWriter) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		w.mark()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *edgeWriter) Write(p []byte) (int, error) {
	w.begin()
	return w.ResponseWriter.Write(p)
}

// FlushError flushes through the middleware, and below it where it has passed
// the head on but not the flush: one that looks for http.Flusher, such as chi's
// Compress, finds none here and says nothing.
func (w *edgeWriter) FlushError() error {
	w.begin()
	if err := http.NewResponseController(w.ResponseWriter).Flush(); err != nil {
		return err
	}
	if c := w.call; c.out.Status != 0 && (!c.committed || c.unflushed > 0) {
		return c.flush()
	}
	return nil
}

func (w *edgeWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// begin begins an answer without a status of its own: with the one that was
// set.
func (w *edgeWriter) begin() {
	if preset := w.call.preset; preset != 0 && !w.call.answered {
		w.call.answered = true
		w.ResponseWriter.WriteHeader(int(preset))
	}
	w.mark()
}

// mark does not write what stands there already: a stream writes from several
// goroutines.
func (w *edgeWriter) mark() {
	if !w.call.answered {
		w.call.answered = true
	}
}

// mountedWriter returns the writer for a net/http handler. Handlers written
// before http.ResponseController assert http.Flusher and http.Hijacker, so
// here, where nobody wraps it any more, it has both.
func (c *Call) mountedWriter() http.ResponseWriter {
	return mountedWriter{c.writer}
}

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
	return io.Copy(onlyWriter{w.ResponseWriter}, r)
}

// Writer returns the response's writer, for a handler that writes its body
// itself. The head leaves with the first 512 bytes, with a flush, or when the
// handler has returned. Everything else a server's writer can do is reached
// through http.NewResponseController. It may be used from one goroutine at a
// time, and not after the call has ended.
func (c *Call) Writer() http.ResponseWriter { return c.writer }

// Header returns the response's header map. It may be changed until the
// response is committed.
func (c *Call) Header() http.Header { return c.writer.Header() }

// CanFlush reports whether what is written can be sent on at once: whether the
// server's writer, and every middleware's between, can flush. A stream asks
// before it commits to anything.
func (c *Call) CanFlush() bool {
	w := c.writer
	for {
		switch layer := w.(type) {
		case *responseWriter:
			w = layer.server
		case *edgeWriter:
			w = layer.ResponseWriter
		case interface{ FlushError() error }, http.Flusher: //nolint:forbidigo // asked about, not called
			return true
		case interface{ Unwrap() http.ResponseWriter }:
			w = layer.Unwrap()
		default:
			return false
		}
	}
}
