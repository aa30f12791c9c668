package compression

import (
	"fmt"
	"io"
	"sync"

	"github.com/chitor-go/chitor/app"
)

// A coding is a content coding that responses may get, with the bodies that
// wait for the next response.
type coding struct {
	name       string
	header     []string // Content-Encoding, shared by all responses and never written
	priority   float64
	conditions []condition
	unasked    bool                           // "*" in Accept-Encoding does not include it
	newWriter  func() (Writer, error)         // nil: the plain body
	wrap       func(io.Writer) app.BodyWriter // open, bound once and not for each response
	slots      *slots                         // of the encoding that offers it
	bodies     sync.Pool                      // of *body
}

// open returns a writer that encodes a body on its way to w. It holds a slot
// until it is closed or aborted.
func (c *coding) open(w io.Writer) app.BodyWriter {
	b, _ := c.bodies.Get().(*body)
	if b == nil {
		b = &body{coding: c}
		if b.writer, b.err = c.newWriter(); b.err != nil {
			b.err = fmt.Errorf("compression: open %s writer: %w", c.name, b.err)
		}
	}
	if b.err == nil {
		b.out.Writer = w
		b.writer.Reset(&b.out)
	}
	c.slots.take() // at last, since neither is called if a function panics here
	return b
}
