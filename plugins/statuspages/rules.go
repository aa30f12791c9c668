package statuspages

import (
	"iter"
	"reflect"
	"slices"

	"github.com/chitor-go/chitor/app"
)

// rules are the handlers for errors, in the order in which they are asked.
type rules struct {
	picked     []rule // by a function
	concrete   []rule
	interfaces []rule // each before those that it implements
}

// A rule is the handler for one type of error. Bind returns it for an error
// that fits, else nil.
type rule struct {
	kind reflect.Type // nil for one of ExceptionFunc
	bind func(err error) app.Handler
}

func (r *rules) clone() rules {
	return rules{slices.Clone(r.picked), slices.Clone(r.concrete), slices.Clone(r.interfaces)}
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
