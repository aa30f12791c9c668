package compression

import "io"

// A body is one response body being encoded. It is kept with its writer for the
// next one, unless the writer has failed.
type body struct {
	coding  *coding
	writer  Writer
	out     outlet
	pending bool  // something was written since the last flush
	err     error // of the writer; nothing more is written then
}

// An outlet is what a writer writes to. A writer that has finished its body
// lets go of the call by it, without a second Reset, which takes a tenth of the
// time of a short body with gzip of level 7 and more.
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
	defer b.coding.slots.leave()
	if b.err == nil {
		b.err = b.writer.Close()
	}
	err := b.err
	b.release()
	return err
}

// Abort leaves the encoded body without its end. Reset stops a writer that
// works on it in a goroutine of its own.
func (b *body) Abort() {
	defer b.coding.slots.leave()
	if b.err == nil {
		b.writer.Reset(nil)
	}
	b.release()
}

// release lets other responses have the body, unless its writer has failed.
func (b *body) release() {
	if b.err != nil {
		return
	}
	b.out.Writer, b.pending = nil, false
	b.coding.bodies.Put(b)
}
