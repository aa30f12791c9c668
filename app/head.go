package app

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
)

// errHeadSent tells a stream that answers HEAD that nothing more is wanted of
// it.
var errHeadSent = errors.New("respond: the head has left, and HEAD asks for no more")

// sendHeadOfReader answers HEAD with a reader: only as much of it is read as
// its head depends on.
func (c *Call) sendHeadOfReader(r io.Reader) error {
	if _, err := io.CopyN(c.Writer(), r, sniffLength); !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

// sendHeadOfStream answers HEAD with a stream, which must not run on when its
// head has left: it may have no end.
func (c *Call) sendHeadOfStream(stream Stream) error {
	if err := stream(&headWriter{c.Writer(), sniffLength}); !errors.Is(err, errHeadSent) {
		return err
	}
	return nil
}

// headWriter passes on what a stream writes until its head has left.
type headWriter struct {
	http.ResponseWriter
	left int // bytes until the head leaves
}

func (w *headWriter) Write(p []byte) (int, error) {
	if w.left <= 0 {
		return 0, errHeadSent
	}
	w.left -= len(p)
	return w.ResponseWriter.Write(p)
}

func (w *headWriter) Flush() { _ = w.FlushError() }

func (w *headWriter) FlushError() error {
	if w.left <= 0 {
		return errHeadSent
	}
	w.left = 0
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *headWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

func (w *headWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
