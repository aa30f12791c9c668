package compression

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// A Writer encodes one body after the other, each between two calls of Reset.
// The writers of compress/gzip, compress/zlib and their like are Writers
// without a wrapper. It is used by one goroutine at a time.
type Writer interface {
	io.Writer
	// Flush writes out everything that was written so far, in a form that the
	// client can decode at once.
	Flush() error
	// Close ends the encoded body, and has written all of it when it returns.
	// It must not close the output.
	Close() error
	// Reset forgets everything and binds the writer to a new output. Nil
	// unbinds it, also in the middle of a body; nothing is written then until
	// the next Reset.
	Reset(w io.Writer)
}

func newGzip(level int) (Writer, error) {
	level, err := within(level, 5, 9)
	if err != nil {
		return nil, err
	}
	return gzip.NewWriterLevel(nil, level)
}

func newDeflate(level int) (Writer, error) {
	level, err := within(level, 5, 9)
	if err != nil {
		return nil, err
	}
	return zlib.NewWriterLevel(nil, level)
}

// zstdWindow compresses nearly as well as the library's default of 8 MiB, which
// every open response would hold.
const zstdWindow = 512 << 10

func newZstd(level int) (Writer, error) { return openZstd(level, 3, zstdWindow) }

func openZstd(level, byDefault, window int) (Writer, error) {
	level, err := within(level, byDefault, 22)
	if err != nil {
		return nil, err
	}
	return zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(level)),
		zstd.WithWindowSize(window),
		zstd.WithEncoderConcurrency(1), // on the goroutine that writes
		zstd.WithLowerEncoderMem(true),
		zstd.WithEncoderCRC(false), // TCP and TLS have their own
	)
}

// within returns the level, or the default one for 0.
func within(level, byDefault, highest int) (int, error) {
	switch {
	case level == 0:
		return byDefault, nil
	case level < 1 || level > highest:
		return 0, fmt.Errorf("level %d is not between 1 and %d", level, highest)
	default:
		return level, nil
	}
}
