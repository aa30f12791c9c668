package statuspages

import (
	"errors"
	"iter"
	"reflect"
	"slices"

	"github.com/chitor-go/chitor/app"
)

// Exception names the handler for errors of type E: of the concrete type E, or
// of any that implements the interface E, wherever errors.As finds one. Which
// of several handlers is taken is told at the top of this package. The last
// handler named for a type counts. It answers to Ktor's exception, and is a
// function because a method cannot have a type parameter.
func Exception[E error](c *Config, handle func(call *app.Call, cause E) error) {
	if handle == nil {
		c.mistake(errors.New("exception " + reflect.TypeFor[E]().String() + ": the handler is nil"))
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
	added.bind = func(err error) app.Handler { // find goes along the chain
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
// the handlers for types. It has no counterpart in Ktor.
func (c *Config) ExceptionFunc(match func(cause error) bool, handle func(call *app.Call, cause error) error) {
	if match == nil || handle == nil {
		c.mistake(errors.New("exception: a function is nil"))
		return
	}
	c.rules.picked = append(c.rules.picked, rule{bind: func(err error) app.Handler {
		if !match(err) {
			return nil
		}
		return func(call *app.Call) error { return handle(call, err) }
	}})
}

// rules are the handlers for errors, in the order in which they are asked.
type rules struct {
	picked     []rule // by a function
	concrete   []rule
	interfaces []rule // each before those that it implements
}

// rule is the handler for one type of error. Bind returns it for an error that
// fits, else nil.
type rule struct {
	kind reflect.Type
	bind func(err error) app.Handler
}

func (r *rules) addConcrete(added rule) {
	if known := slices.IndexFunc(r.concrete, added.same); known >= 0 {
		r.concrete[known] = added
		return
	}
	r.concrete = append(r.concrete, added)
}

func (r *rules) addInterface(added rule) {
	// An interface implements itself, so the last handler for it is asked
	// first.
	wider := slices.IndexFunc(r.interfaces, func(known rule) bool { return added.kind.Implements(known.kind) })
	if wider < 0 {
		wider = len(r.interfaces)
	}
	r.interfaces = slices.Insert(r.interfaces, wider, added)
}

func (r rule) same(other rule) bool { return r.kind == other.kind }

// find returns the most specific handler for an error, or nil.
func (r *rules) find(cause error) app.Handler {
	if handle := first(r.picked, cause); handle != nil {
		return handle
	}
	for err := range chain(cause) {
		if handle := first(r.concrete, err); handle != nil {
			return handle
		}
	}
	return first(r.interfaces, cause)
}

func first(rules []rule, err error) app.Handler {
	for _, rule := range rules {
		if handle := rule.bind(err); handle != nil {
			return handle
		}
	}
	return nil
}

// chain yields an error and its causes in the order in which errors.As looks at
// them.
func chain(err error) iter.Seq[error] {
	return func(yield func(error) bool) { walk(err, yield) }
}

func walk(err error, yield func(error) bool) bool {
	if err == nil {
		return true
	}
	if !yield(err) {
		return false
	}
	switch wrapper := err.(type) { //nolint:errorlint // this is the walk along the chain
	case interface{ Unwrap() error }:
		return walk(wrapper.Unwrap(), yield)
	case interface{ Unwrap() []error }:
		for _, cause := range wrapper.Unwrap() {
			if !walk(cause, yield) {
				return false
			}
		}
	}
	return true
}
