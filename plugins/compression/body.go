package compression

import (
	"fmt"
	"io"
	"sync"

	"github.com/chitor-go/chitor/app"
)

// A coding is an encoder made ready, with the writers that wait for the next
// body.
type coding struct {
	name       string
	header     []string // Content-Encoding, shared by all answers
	priority   float64
	conditions []condition
	unasked    bool                           // "*" does not stand for it
	newWriter  func() (Writer, error)         // nil: the plain body
	wrap       func(io.Writer) app.BodyWriter // open, bound once instead of for each answer
	bodies     sync.Pool                      // of *body
}

// open returns a writer that encodes a body on its way to w.
func (c *coding) open(w io.Writer) app.BodyWriter {
	b, _ := c.bodies.Get().(*body)
	if b == nil {
		b = &body{coding: c}
		if b.writer, b.err = c.newWriter(); b.err != nil {
			b.err = fmt.Errorf("compression: open %s writer: %w", c.name, b.err)
			return b
		}
	}
	b.out.Writer = w
	b.writer.Reset(&b.out)
	return b
}

// A body is one response body being encoded. It is kept with its writer for the
// next one, unless the writer has failed.
type body struct {
	coding  *coding
	writer  Writer
	out     outlet
	pending bool // something was written since the last flush
	err     error
}

// An outlet stands between a writer and what it is bound to. So a writer that
// has closed its body lets go of the call without a second Reset, which with
// gzip of level 7 and more takes a tenth of a short body's time.
type outlet struct{ io.Writer }

func (b *body) Write(p []byte) (n int, err error) {
	if b.err != nil {
		return 0, b.err
	}
	b.pending = true
	n, b.err = b.writer.Write(p)
	return n, b.err
}

// Flush does nothing where nothing is pending: an encoder would still write a
// marker.
func (b *body) Flush() error {
	if b.err == nil && b.pending {
		b.pending = false
		b.err = b.writer.Flush()
	}
	return b.err
}

func (b *body) Close() error {
	if b.err == nil {
		b.err = b.writer.Close()
	}
	err := b.err
	b.release()
	return err
}

// Abort leaves the coding without its end. The writer may be at work on it in a
// goroutine of its own.
func (b *body) Abort() {
	if b.err == nil {
		b.writer.Reset(nil)
	}
	b.release()
}

func (b *body) release() {
	if b.err != nil {
		return
	}
	b.out.Writer, b.pending = nil, false
	b.coding.bodies.Put(b)
}
