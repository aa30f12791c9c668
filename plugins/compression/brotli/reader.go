package brotli

import (
	"bufio"
	"io"

	reference "github.com/andybalholm/brotli"

	"github.com/chitor-go/chitor/plugins/compression"
)

func newReader() (compression.Reader, error) {
	return &reader{Reader: reference.NewReader(nil), hold: func(int64) error { return nil }}, nil
}

// A reader says what it holds: the library takes the window that the body asks
// for at once, and tables whose number the body chooses as well.
type reader struct {
	*reference.Reader

	hold func(bytes int64) error
}

func (r *reader) SetBudget(hold func(bytes int64) error) { r.hold = hold }

func (r *reader) Reset(input io.Reader) error {
	buffered, ok := input.(*bufio.Reader)
	if !ok {
		buffered = bufio.NewReader(input)
	}
	head, err := buffered.Peek(1)
	if err != nil {
		return err
	}
	if err := r.hold(windowOf(head[0]) + tables); err != nil {
		return err
	}
	return r.Reader.Reset(buffered)
}

// tables is what the library holds besides the window: 256 trees each of
// literals, commands and distances, if the body has as many.
const tables = 4 << 20

// windowOf returns the size of the window that a body asks for in its first
// byte (RFC 7932 section 9.1), 0 if that is none.
func windowOf(first byte) int64 {
	low, high := first>>1&7, first>>4&7
	switch {
	case first&1 == 0:
		return 1 << 16
	case low > 0:
		return 1 << (17 + low)
	case high == 0:
		return 1 << 17
	case high == 1: // a larger one than HTTP knows, which the library refuses
		return 0
	default:
		return 1 << (8 + high)
	}
}
