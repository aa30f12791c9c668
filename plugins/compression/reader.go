package compression

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
)

// A Reader decodes one body after the other, each from one call of Reset to the
// next. That of compress/gzip is one without a wrapper. It is used by one
// goroutine at a time. One that holds much memory is a [BudgetReader].
type Reader interface {
	// Read returns decoded bytes, and io.EOF where the coding ends. Input that
	// ends before that, or is not of the coding, is an error. Bytes behind the
	// end of the coding must be left in the input: they make the body invalid.
	io.Reader
	// Reset forgets everything and binds the reader to a new input, a
	// *bufio.Reader with at least one byte. It may read from it; an error makes
	// the body invalid.
	Reset(r io.Reader) error
}

// A BudgetReader is a Reader that holds more than 96 KiB, or as much as its
// input asks for. It says so, and stays within what is left of
// [Config.MaxDecoderMemory].
type BudgetReader interface {
	Reader
	// SetBudget is called once, before the first Reset. Before the reader takes
	// more memory than ever it calls hold with the number of bytes that it will
	// hold in all. If hold returns an error the reader takes nothing, and
	// returns that error, or one that wraps it, from Read or Reset.
	SetBudget(hold func(bytes int64) error)
}

func newGzipReader() (Reader, error) { return &gzipReader{}, nil }

// A gzipReader reads the members of a gzip body one by one, since the library
// takes a member whose header breaks off in its file name for the end of the
// body.
type gzipReader struct {
	member gzip.Reader
	input  *bufio.Reader
}

func (g *gzipReader) Reset(r io.Reader) error {
	g.input = buffered(r)
	return g.next()
}

// next begins a member. There is at least its first byte.
func (g *gzipReader) next() error {
	if err := g.member.Reset(g.input); err != nil {
		return unexpected(err)
	}
	g.member.Multistream(false)
	return nil
}

func (g *gzipReader) Read(p []byte) (int, error) {
	for {
		n, err := g.member.Read(p)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		if _, err := g.input.Peek(1); err != nil {
			return n, err
		}
		if err := g.next(); err != nil || n > 0 {
			return n, err
		}
	}
}

func newDeflateReader() (Reader, error) { return &deflateReader{}, nil }

// A deflateReader reads deflate in the zlib format, which is what the name
// stands for in HTTP, and without it, which some clients send.
type deflateReader struct {
	io.Reader // zlib or raw

	zlib io.Reader // nil until the first body in the zlib format
	raw  io.Reader // nil until the first body without it
}

func (d *deflateReader) Reset(r io.Reader) error {
	input := buffered(r)
	head, err := input.Peek(2) // no deflate is shorter
	if err != nil {
		return unexpected(err)
	}
	if !isZlib(head) {
		if d.raw == nil {
			d.raw = flate.NewReader(input)
		}
		d.Reader = d.raw
		return d.raw.(flate.Resetter).Reset(input, nil)
	}
	if d.zlib == nil {
		d.zlib, err = zlib.NewReader(input)
	} else {
		err = d.zlib.(zlib.Resetter).Reset(input, nil)
	}
	d.Reader = d.zlib
	return err
}

// isZlib reports whether a body begins as RFC 1950 section 2.2 says. Without
// the format a body begins like that only if it is stored uncompressed and has
// padding that is not zero, which no encoder writes.
func isZlib(head []byte) bool {
	return head[0]&0x0f == 8 && head[0]>>4 <= 7 && (uint(head[0])<<8|uint(head[1]))%31 == 0
}

// buffered returns r as a *bufio.Reader, which it is where the plugin calls.
func buffered(r io.Reader) *bufio.Reader {
	if input, ok := r.(*bufio.Reader); ok {
		return input
	}
	return bufio.NewReader(r)
}

// unexpected returns the error for an input that ends where more has to follow.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
