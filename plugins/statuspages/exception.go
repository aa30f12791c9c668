package statuspages

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/chitor-go/chitor/app"
)

// Exception names the handler for errors of type E: of the concrete type E, or
// of any that implements the interface E, wherever errors.As finds one. Of
// several handlers that fit, one for a concrete type wins over one for an
// interface, and the type that comes first on the way from the error to its
// causes over those behind it; but a handler for [*app.Error], which only gives
// its cause a status and a text, runs only if none for the cause does: see the
// package's comment. Of several for a type the last counts. A nil handler is a
// mistake. It is a function because a method cannot have a type parameter.
//
// Ktor: exception.
func Exception[E error](c *Config, handle func(call *app.Call, cause E) error) {
	if handle == nil {
		c.mistakes.Add(fmt.Errorf("exception %s: the handler is nil", reflect.TypeFor[E]()))
		return
	}
	bound := func(found E) app.Handler { return func(call *app.Call) error { return handle(call, found) } }
	added := rule{kind: reflect.TypeFor[E]()}
	if added.kind.Kind() == reflect.Interface {
		added.bind = func(err error) app.Handler {
			if found, ok := errors.AsType[E](err); ok {
				return bound(found)
			}
			return nil
		}
		c.rules.addInterface(added)
		return
	}
	added.bind = func(err error) app.Handler { // for each error of the chain: see find
		if found, ok := err.(E); ok { //nolint:errorlint // one step of errors.As
			return bound(found)
		}
		var found E
		if converter, ok := err.(interface{ As(target any) bool }); ok && converter.As(&found) {
			return bound(found)
		}
		return nil
	}
	c.rules.addConcrete(added)
}

// ExceptionFunc names the handler for errors for which match returns true: a
// sentinel, a status code, an error of an operating system. It is asked before
// the handlers for types. A nil function is a mistake. Ktor has nothing like
// it.
func (c *Config) ExceptionFunc(match func(cause error) bool, handle func(call *app.Call, cause error) error) {
	if match == nil || handle == nil {
		c.mistakes.Add(errors.New("exception: a function is nil"))
		return
	}
	c.rules.picked = append(c.rules.picked, rule{bind: func(err error) app.Handler {
		if !match(err) {
			return nil
		}
		return func(call *app.Call) error { return handle(call, err) }
	}})
}
