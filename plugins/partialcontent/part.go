package partialcontent

import (
	"fmt"
	"io"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// A part lets one range of the body that is written through.
type part struct {
	next io.Writer
	skip int64 // bytes before the range that are still to come
	left int64 // bytes of the range that are still to come
	size int64
}

// newPart returns the wrap that makes a part.
func newPart(r httpheader.ByteRange) func(io.Writer) app.BodyWriter {
	return func(next io.Writer) app.BodyWriter {
		return &part{next: next, skip: r.First, left: r.Len(), size: r.Len()}
	}
}

func (p *part) Write(data []byte) (int, error) {
	skipped := min(p.skip, int64(len(data)))
	p.skip -= skipped
	within := data[skipped:]
	within = within[:min(p.left, int64(len(within)))]
	p.left -= int64(len(within))
	if len(within) == 0 {
		return len(data), nil
	}
	if n, err := p.next.Write(within); err != nil {
		return int(skipped) + n, err
	}
	return len(data), nil
}

// Length returns the length of the range.
func (p *part) Length() int64 { return p.size }

func (p *part) Flush() error { return nil }
func (p *part) Abort()       {}

// Close fails if the body was shorter than it was said to be.
func (p *part) Close() error {
	if p.left > 0 {
		return fmt.Errorf("send a range: %d bytes of it are missing: %w", p.left, io.ErrUnexpectedEOF)
	}
	return nil
}
