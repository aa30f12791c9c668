package contentnegotiation

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// quoteLimit is how many bytes of a body an answer repeats at once.
const quoteLimit = 100

// unreadable returns the error of JSON that cannot be read into a value: 400,
// with a message that says what is wrong and where, in words of JSON. Go's
// types, and what other code has to say, stay in the cause.
func unreadable(err error) error {
	if errors.As(err, new(interface{ StatusCode() int })) { // of a json.Unmarshaler
		return err
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return notRead(mismatch(wrong), err)
	}
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		return notRead(fmt.Sprintf("%s, at byte %d", wrong.Error(), wrong.Offset), err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return notRead("unexpected end of JSON input", err)
	}
	// This one has no type.
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return notRead("unknown field "+quoted(field), err)
	}
	return err
}

// notRead is the error of a body that is wrong in a way that may be told.
func notRead(what string, err error) *app.Error {
	return &app.Error{Status: http.StatusBadRequest, Message: "the body cannot be read: " + what, Err: err}
}

// mismatch says which value has the wrong type.
func mismatch(wrong *json.UnmarshalTypeError) string {
	where := ""
	if wrong.Field != "" {
		where = "field " + wrong.Field + ": "
	}
	given := given(wrong.Value)
	if number, ok := strings.CutPrefix(given, "number "); ok && isNumber(wrong.Type) && !strings.ContainsAny(number, ".eE") {
		return fmt.Sprintf("%s%s is out of range, at byte %d", where, given, wrong.Offset)
	}
	return fmt.Sprintf("%s%s, where %s is expected, at byte %d", where, given, expected(wrong.Type), wrong.Offset)
}

// given names what a body holds, as encoding/json calls it.
func given(value string) string {
	switch value {
	case "bool":
		return "a boolean"
	case "string", "number":
		return "a " + value
	case "array", "object":
		return "an " + value
	default: // a number with its digits
		return quoted(value)
	}
}

// expected names what is read into a type.
func expected(target reflect.Type) string {
	for target.Kind() == reflect.Pointer {
		target = target.Elem()
	}
	switch kind := target.Kind(); {
	case reflect.PointerTo(target).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()), kind == reflect.String:
		return "a string"
	case kind == reflect.Bool:
		return "a boolean"
	case kind == reflect.Float32, kind == reflect.Float64:
		return "a number"
	case isNumber(target):
		return "a whole number"
	case kind == reflect.Slice && target.Elem().Kind() == reflect.Uint8:
		return "a string in Base64"
	case kind == reflect.Slice, kind == reflect.Array:
		return "an array"
	case kind == reflect.Struct, kind == reflect.Map:
		return "an object"
	default:
		return "another value"
	}
}

func isNumber(target reflect.Type) bool {
	return target.Kind() >= reflect.Int && target.Kind() <= reflect.Float64
}

// quoted shortens what a client has sent.
func quoted(text string) string {
	if len(text) > quoteLimit {
		return strings.ToValidUTF8(text[:quoteLimit], "") + "…"
	}
	return text
}
