package app

import (
	"fmt"
	"net/http"
	"reflect"
)

// converter is the name of the plugin that turns values into bodies and bodies
// into values. Where it is missing, a value is the server's mistake and not the
// client's.
const converter = "ContentNegotiation"

const installConverter = "install contentnegotiation.Plugin with a converter, on the application or on this route"

// has reports whether a plugin of a name is installed in s or a scope around it.
func (s *scope) has(name string) bool {
	for ; s != nil; s = s.parent {
		for _, found := range s.installed {
			if found.name == name {
				return true
			}
		}
	}
	return false
}

// unrendered returns the error of a value that nobody has turned into a body.
func (c *Call) unrendered(value any) error {
	if c.Endpoint().scope.has(converter) {
		return &Error{Status: http.StatusNotAcceptable, Err: fmt.Errorf("nothing turns %T into a body that the client accepts", value)}
	}
	return fmt.Errorf("nothing turns %T into a body: %s, or respond with text, bytes, an app.Status, an app.Stream or an io.Reader",
		value, installConverter)
}

// unread returns the error of a body that nobody has read into target.
func (c *Call) unread(target any) error {
	if kind := reflect.TypeOf(target); kind == nil || kind.Kind() != reflect.Pointer {
		return fmt.Errorf("a body cannot be read into %T: pass a pointer", target)
	}
	if len(c.Endpoint().receive[ReceiveTransform]) > 0 || c.Endpoint().scope.has(converter) {
		return &Error{
			Status: http.StatusUnsupportedMediaType,
			Err:    fmt.Errorf("nothing reads a body of type %q into %T", c.Request.Header.Get("Content-Type"), target),
		}
	}
	return fmt.Errorf("nothing reads a body into %T: %s, or receive text, bytes or an io.Reader", target, installConverter)
}
