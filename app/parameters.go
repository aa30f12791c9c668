package app

import (
	"encoding"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"time"
)

// PathParam returns a path parameter as a T: text, a number, a boolean, a
// time.Duration, or a type whose pointer is an encoding.TextUnmarshaler. A
// parameter that is missing or cannot be read is an [Error] with 400 that names
// it.
//
// Ktor: requirePathParameter and getOrFail.
func PathParam[T any](c *Call, name string) (T, error) {
	return one[T]("path parameter", name, present(c.PathParam(name)))
}

// QueryParam returns the query parameter of that name as a T, as [PathParam]
// does for the path. A parameter that is given several times is refused with
// 400: see [QueryParams].
func QueryParam[T any](c *Call, name string) (T, error) {
	return one[T]("query parameter", name, c.Query()[name])
}

// OptionalQueryParam is [QueryParam] with a value for a query that lacks the
// parameter. One that is there but cannot be read is still refused.
func OptionalQueryParam[T any](c *Call, name string, fallback T) (T, error) {
	if !c.Query().Has(name) {
		return fallback, nil
	}
	return QueryParam[T](c, name)
}

// QueryParams returns all values of a query parameter as Ts, none if it is
// missing.
func QueryParams[T any](c *Call, name string) ([]T, error) {
	texts := c.Query()[name]
	values := make([]T, len(texts))
	for i, text := range texts {
		if err := parseInto(&values[i], text); err != nil {
			return nil, unreadable("query parameter", name, err)
		}
	}
	return values, nil
}

// RequestHeader returns a header of the request as a T, as [PathParam] does for
// the path.
func RequestHeader[T any](c *Call, name string) (T, error) {
	return one[T]("header", name, c.Request.Header.Values(name))
}

func present(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

func one[T any](kind, name string, values []string) (value T, err error) {
	switch len(values) {
	case 0:
		return value, NewError(http.StatusBadRequest, fmt.Sprintf("%s %s is missing", kind, name))
	case 1:
		if err := parseInto(&value, values[0]); err != nil {
			return value, unreadable(kind, name, err)
		}
		return value, nil
	default:
		return value, NewError(http.StatusBadRequest, fmt.Sprintf("%s %s is given %d times", kind, name, len(values)))
	}
}

func unreadable(kind, name string, err error) *Error {
	return &Error{Status: http.StatusBadRequest, Message: fmt.Sprintf("%s %s cannot be read", kind, name), Err: err}
}

// parseInto reads text into target, a pointer.
func parseInto(target any, text string) error {
	switch target := target.(type) {
	case *string:
		*target = text
		return nil
	case *time.Duration:
		value, err := time.ParseDuration(text)
		*target = value
		return err
	case encoding.TextUnmarshaler:
		return target.UnmarshalText([]byte(text))
	}
	value := reflect.ValueOf(target).Elem()
	switch {
	case value.Kind() == reflect.String:
		value.SetString(text)
	case value.Kind() == reflect.Bool:
		parsed, err := strconv.ParseBool(text)
		if err != nil {
			return err
		}
		value.SetBool(parsed)
	case value.CanInt():
		parsed, err := strconv.ParseInt(text, 10, value.Type().Bits())
		if err != nil {
			return err
		}
		value.SetInt(parsed)
	case value.CanUint():
		parsed, err := strconv.ParseUint(text, 10, value.Type().Bits())
		if err != nil {
			return err
		}
		value.SetUint(parsed)
	case value.CanFloat():
		parsed, err := strconv.ParseFloat(text, value.Type().Bits())
		if err != nil {
			return err
		}
		value.SetFloat(parsed)
	default:
		return errors.ErrUnsupported
	}
	return nil
}
