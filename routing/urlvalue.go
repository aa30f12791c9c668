package routing

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
)

// textOf returns a value as it is written in a URL, so that [app.PathParam]
// reads it again.
func textOf(value any) (string, error) {
	v := reflect.ValueOf(value)
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return "", errors.New("the value is nil")
	}
	switch value := value.(type) {
	case encoding.TextMarshaler:
		text, err := value.MarshalText()
		return string(text), err
	case fmt.Stringer:
		return value.String(), nil
	}
	switch {
	case v.Kind() == reflect.String:
		return v.String(), nil
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool()), nil
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), nil
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), nil
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits()), nil
	default:
		return "", fmt.Errorf("a %T is no text, number or boolean", value)
	}
}
