package app

import (
	"encoding"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// PathParam returns a path parameter as a T: text, a number, a boolean, a
// time.Duration, or a type whose pointer is an encoding.TextUnmarshaler. A
// parameter that is missing or cannot be read is an [Error] with 400 that names
// it. One that the route does not have, and a T that is none of these, are the
// server's own mistakes: errors that say so, and are answered with 500.
//
// Ktor: requirePathParameter and getOrFail.
func PathParam[T any](c *Call, name string) (T, error) {
	value := c.PathParam(name)
	if value != "" {
		return one[T]("path parameter", name, []string{value})
	}
	if known := namesIn(c.Route()); !slices.Contains(known, name) {
		var none T
		return none, noPathParam(c.Route(), name, known)
	}
	return one[T]("path parameter", name, nil)
}

// QueryParam returns the query parameter of that name as a T, as [PathParam]
// does for the path. A parameter that is given several times, or in a pair that
// cannot be read, is refused with 400: see [QueryParams].
func QueryParam[T any](c *Call, name string) (T, error) {
	asked := c.query()
	if err := asked.hidden(name); err != nil {
		var none T
		return none, unreadable("query parameter", name, err)
	}
	return one[T]("query parameter", name, asked.values[name])
}

// OptionalQueryParam is [QueryParam] with a value for a query that lacks the
// parameter. One that is there but cannot be read is still refused, and so is
// one that may be in a pair of the query which cannot be read, such as
// "a=%zz" or, since a semicolon separates nothing, "a=5;b=1".
func OptionalQueryParam[T any](c *Call, name string, fallback T) (T, error) {
	if asked := c.query(); !asked.values.Has(name) && asked.hidden(name) == nil {
		return fallback, nil
	}
	return QueryParam[T](c, name)
}

// QueryParams returns all values of a query parameter as Ts, none if it is
// missing. It refuses what [QueryParam] refuses, but for several values.
func QueryParams[T any](c *Call, name string) ([]T, error) {
	asked := c.query()
	if err := asked.hidden(name); err != nil {
		return nil, unreadable("query parameter", name, err)
	}
	texts := asked.values[name]
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

// namesIn returns the names of the parameters in a route's pattern.
func namesIn(pattern string) (names []string) {
	for {
		_, rest, open := strings.Cut(pattern, "{")
		name, rest, closed := strings.Cut(rest, "}")
		if !open || !closed {
			return names
		}
		names = append(names, strings.TrimRight(name, ".?"))
		pattern = rest
	}
}

// noPathParam is the error of a parameter that a route does not have.
func noPathParam(route, name string, known []string) error {
	switch {
	case route == "":
		return fmt.Errorf("path parameter %s: no route has been reached, which could have it", name)
	case len(known) == 0:
		return fmt.Errorf("path parameter %s: the route %s has none", name, route)
	default:
		return fmt.Errorf("path parameter %s: the route %s has none of that name, but %s", name, route, strings.Join(known, ", "))
	}
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

// errUnreadableType is the error of a type that no text can be read into: the
// server's mistake, whatever the client has sent.
var errUnreadableType = errors.New("text is read into strings, numbers, booleans, time.Duration, " +
	"and types whose pointer is an encoding.TextUnmarshaler")

func unreadable(kind, name string, err error) error {
	if errors.Is(err, errUnreadableType) {
		return fmt.Errorf("%s %s: %w", kind, name, err)
	}
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
		return fmt.Errorf("a %s cannot be read: %w", value.Type(), errUnreadableType)
	}
	return nil
}
