// Package recorder has a response writer for benchmarks of whole calls.
package recorder

import (
	"io"
	"net/http"
)

// Writer is a response writer that keeps no body and is used again for each
// call. Use New.
type Writer struct {
	Status int // that was written, 0 before
	Bytes  int // of the body
	header http.Header
}

var _ io.StringWriter = (*Writer)(nil)

// New returns an empty one.
func New() *Writer { return &Writer{header: http.Header{}} }

// Header returns the header, as http.ResponseWriter has it.
func (w *Writer) Header() http.Header { return w.header }

// WriteHeader notes the status.
func (w *Writer) WriteHeader(status int) { w.Status = status }

// Write counts the bytes.
func (w *Writer) Write(p []byte) (int, error) { w.Bytes += len(p); return len(p), nil }

// WriteString counts the bytes.
func (w *Writer) WriteString(s string) (int, error) {
	w.Bytes += len(s)
	return len(s), nil
}

// Reset makes it empty for the next call.
func (w *Writer) Reset() {
	clear(w.header)
	w.Status, w.Bytes = 0, 0
}

// Text answers with a text, as every handler that is compared does.
func Text(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
	_, _ = w.Write([]byte(body))
}
