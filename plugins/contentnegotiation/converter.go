package contentnegotiation

import (
	"errors"
	"fmt"
	"io"
)

// ErrUnsupported is returned, or wrapped, by a [Converter] that does not
// support a type: the next one is asked.
//
// Ktor: null, returned by a ContentConverter.
var ErrUnsupported = errors.New("converter does not support the type")

// A Converter turns values into bodies and bodies into values. Its methods are
// called for calls of several goroutines at once.
//
// Ktor: ContentConverter.
type Converter interface {
	// Serialize returns the body for a value, which may be nil: []byte, string,
	// io.Reader, or app.Stream for one that is written bit by bit. A body of
	// text is in UTF-8. ContentType is the type as it was registered. An error
	// that does not wrap [ErrUnsupported] fails the call, with 500 unless the
	// error carries a status.
	Serialize(contentType string, value any) (body any, err error)

	// Deserialize reads a body into target, a pointer that is not nil.
	// ContentType is that of the request. The body's length is limited by
	// [app.Config.BodyLimit]. Deserialize may return an error that wraps
	// [ErrUnsupported] as long as it has read nothing; any other error becomes
	// 400 unless it carries a status or comes from the body.
	Deserialize(contentType string, body io.Reader, target any) error
}

// Codec returns a converter made of two functions, which have the shape that
// Go's codecs have: json.Marshal and json.Unmarshal, xml.Marshal and
// xml.Unmarshal, and their like. The whole body is in memory. For a format that
// is only read, marshal is nil; for one that is only written, unmarshal is.
func Codec(marshal func(value any) ([]byte, error), unmarshal func(data []byte, target any) error) Converter {
	return codec{marshal, unmarshal}
}

type codec struct {
	marshal   func(any) ([]byte, error)
	unmarshal func([]byte, any) error
}

func (c codec) Serialize(contentType string, value any) (any, error) {
	if c.marshal == nil {
		return nil, fmt.Errorf("%s is not written: %w", contentType, ErrUnsupported)
	}
	return c.marshal(value)
}

func (c codec) Deserialize(contentType string, body io.Reader, target any) error {
	if c.unmarshal == nil {
		return fmt.Errorf("%s is not read: %w", contentType, ErrUnsupported)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	return c.unmarshal(data, target)
}
