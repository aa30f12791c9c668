package compression

import (
	"errors"
	"fmt"
	"strings"
)

const identity = "identity"

// An Encoder is a content coding that [Config.Encoder] can offer.
//
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
	// and none is free. It may be called from several goroutines at once. Nil
	// is a mistake.
	NewWriter func(level int) (Writer, error)

	// NewReader returns a reader, not yet bound to an input, for the bodies of
	// requests. Nil leaves bodies in the coding undecoded. It is called like
	// NewWriter.
	NewReader func() (Reader, error)
}

// check returns why the encoder cannot be offered.
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
