package compression

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

const identity = "identity"

// An Encoder is a content coding that [Config.Encoder] can offer.
// Ktor: ContentEncoder.
type Encoder struct {
	// Name is the coding's name in Accept-Encoding and Content-Encoding: a
	// token (RFC 9110 section 5.6.2), compared without regard to case and sent
	// as it is.
	Name string

	// NewWriter returns a writer, not yet bound to an output, for the level
	// that [EncoderConfig.Level] gives; 0 asks for the encoder's own default.
	// It is called once when the plugin is installed, where an error is a
	// mistake that Start returns, and afterwards whenever a body needs a writer
	// and none is free. It may be called from several goroutines at once.
	NewWriter func(level int) (Writer, error)

	// NewReader returns a reader, not yet bound to an input, for the bodies of
	// requests. Nil leaves bodies in the coding undecoded. It is called like
	// NewWriter.
	NewReader func() (Reader, error)
}

// check returns what keeps the encoder from being offered.
func (e Encoder) check() error {
	switch {
	case strings.EqualFold(e.Name, identity):
		return errors.New("encoder identity: use Config.Identity")
	case e.NewWriter == nil:
		return fmt.Errorf("encoder %q: NewWriter is nil", e.Name)
	default:
		return nil
	}
}

// A Writer encodes one body after the other, each between two calls of Reset.
// The writers of compress/gzip, compress/zlib and their like are Writers as
// they are. It is used by one goroutine at a time.
type Writer interface {
	io.Writer
	// Flush writes out everything that was written so far, in a form that the
	// client can decode at once.
	Flush() error
	// Close ends the encoded body, and has written all of it when it returns.
	// It must not close the output.
	Close() error
	// Reset forgets everything and binds the writer to a new output, to which
	// it has not written yet. Nil unbinds it, also halfway through a body that
	// was given up; nothing is written then until the next Reset.
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

// zstdWindow is large enough for a ratio close to that of the library's 8 MiB,
// which would be held by every open response.
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

// isToken reports whether name is a token of RFC 9110 section 5.6.2.
func isToken(name string) bool {
	for i := range len(name) {
		c := name[i]
		alphanumeric := '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
		if !alphanumeric && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return name != ""
}
