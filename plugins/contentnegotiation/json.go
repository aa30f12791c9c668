package contentnegotiation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"

	"github.com/chitor-go/chitor/internal/mistakes"
)

// JSONConfig says how the converter of [JSON] writes and reads. The zero
// JSONConfig writes compact JSON, as the package encoding/json does but with <,
// > and & as they are, and ignores unknown fields.
type JSONConfig struct {
	// Indent begins each line once for each level of nesting, for example "  ".
	// With "", the default, everything is in one line. Elements of a sequence
	// are not indented.
	//
	// Ktor: prettyPrint.
	Indent string

	// EscapeHTML writes <, > and & as \u003c and its like, for JSON that is
	// pasted into HTML. False by default.
	EscapeHTML bool

	// DisallowUnknownFields refuses objects with a field that the value does
	// not have. False by default.
	//
	// Ktor: ignoreUnknownKeys of kotlinx.serialization, the other way round.
	DisallowUnknownFields bool

	// UseNumber reads numbers into json.Number where the type is any, so that
	// none loses digits. False by default.
	UseNumber bool
}

// JSON returns a converter that is the package encoding/json, to be registered
// by [Config.JSON], or for another type:
//
//	c.Register("application/problem+json", contentnegotiation.JSON())
//
// Values that encoding/json cannot write are errors. An iter.Seq[T], Ktor's
// Flow, is written as an array while it is iterated, each element flushed, and
// so is an iter.Seq2[T, error], whose first error ends the call. A body is read
// as exactly one value; null is an error for a type that has no nil, unless it
// is a json.Unmarshaler. What cannot be read is answered with 400 and says which
// field is wrong, or at which byte; what a json.Unmarshaler says stays in the
// log unless it is an [app.Error]. A field that a body lacks keeps its value,
// and names of fields are found without regard to case. The functions are
// applied in order; a nil one is a mistake of the configuration that registers
// the converter.
func JSON(configure ...func(*JSONConfig)) Converter {
	var made jsonConverter
	made.wrong = mistakes.Configure(&made.JSONConfig, configure)
	return made
}

type jsonConverter struct {
	JSONConfig

	wrong error // a mistake in its configuration, or nil
}

func (j jsonConverter) Serialize(_ string, value any) (any, error) {
	if elements, ok := sequence(value); ok {
		return j.stream(elements), nil
	}
	return j.marshal(value)
}

// marshal is json.Marshal with the configuration.
func (j jsonConverter) marshal(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(j.EscapeHTML)
	encoder.SetIndent("", j.Indent)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

func (j jsonConverter) Deserialize(_ string, body io.Reader, target any) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if string(bytes.TrimSpace(text)) == "null" && !hasNil(target) {
		kind := reflect.TypeOf(target).Elem()
		return notRead("null, where "+expected(kind)+" is expected", fmt.Errorf("null is not a %s", kind))
	}
	if err := j.unmarshal(text, target); err != nil {
		return unreadable(err)
	}
	return nil
}

// unmarshal is json.Unmarshal with the configuration.
func (j jsonConverter) unmarshal(text []byte, target any) error {
	if !j.DisallowUnknownFields && !j.UseNumber {
		return json.Unmarshal(text, target)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if j.DisallowUnknownFields {
		decoder.DisallowUnknownFields()
	}
	if j.UseNumber {
		decoder.UseNumber()
	}
	if err := decoder.Decode(target); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return notRead("something follows the value", nil)
	}
	return nil
}

// hasNil reports whether null can be read into what target points to.
// Encoding/json leaves values of other types as they are.
func hasNil(target any) bool {
	if _, ok := target.(json.Unmarshaler); ok {
		return true
	}
	switch reflect.TypeOf(target).Elem().Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface:
		return true
	default:
		return false
	}
}
