package compression

import (
	"fmt"
	"io"
	"sync"

	"github.com/chitor-go/chitor/app"
)

// A coding is an encoder made ready, with the writers that wait for the next body.
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
	b.writer.Reset(w)
	return b
}

// A body is one response body being encoded. It is kept with its writer for the next one, unless the writer
// has failed.
type body struct {
	coding  *coding
	writer  Writer
	pending bool // something was written since the last flush
	err     error
}

func (b *body) Write(p []byte) (n int, err error) {
	if b.err != nil {
		return 0, b.err
	}
	b.pending = true
	n, b.err = b.writer.Write(p)
	return n, b.err
}

// Flush does nothing where nothing is pending: an encoder would still write a marker.
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

// Abort leaves the coding without its end.
func (b *body) Abort() { b.release() }

func (b *body) release() {
	if b.err != nil {
		return
	}
	b.writer.Reset(nil)
	b.pending = false
	b.coding.bodies.Put(b)
}
