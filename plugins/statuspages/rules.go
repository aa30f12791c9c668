package statuspages

import (
	"iter"
	"reflect"
	"slices"

	"github.com/chitor-go/chitor/app"
)

// rules are the handlers for errors, in the order in which they are asked.
type rules struct {
	picked   []rule // by a function
	concrete []rule // for types
	narrow   []rule // for interfaces, each before those that it implements
	shown    []rule // for *app.Error, none or one
	wide     []rule // for interfaces that *app.Error implements, such as error
}

// A rule is the handler for one type of error. Bind returns it for an error
// that fits, else nil.
type rule struct {
	kind reflect.Type // nil for one of ExceptionFunc
	bind func(err error) app.Handler
}

// shownType returns the type of errors that do nothing but give another error
// its status and text, so that a handler for what they wrap says more.
func shownType() reflect.Type { return reflect.TypeFor[*app.Error]() }

func (r *rules) clone() rules {
	return rules{
		slices.Clone(r.picked), slices.Clone(r.concrete), slices.Clone(r.narrow), slices.Clone(r.shown), slices.Clone(r.wide),
	}
}

func (r *rules) addConcrete(added rule) {
	list := &r.concrete
	if added.kind == shownType() {
		list = &r.shown
	}
	if known := slices.IndexFunc(*list, added.same); known >= 0 {
		(*list)[known] = added
		return
	}
	*list = append(*list, added)
}

func (r *rules) addInterface(added rule) {
	list := &r.narrow
	if shownType().Implements(added.kind) {
		list = &r.wide
	}
	// An interface implements itself, so the last handler for it is asked
	// first.
	wider := slices.IndexFunc(*list, func(known rule) bool { return added.kind.Implements(known.kind) })
	if wider < 0 {
		wider = len(*list)
	}
	*list = slices.Insert(*list, wider, added)
}

func (r rule) same(other rule) bool { return r.kind == other.kind }

// find returns the most specific handler for an error, or nil.
func (r *rules) find(cause error) app.Handler {
	if handle := first(r.picked, cause); handle != nil {
		return handle
	}
	if handle := along(r.concrete, cause); handle != nil {
		return handle
	}
	if handle := first(r.narrow, cause); handle != nil {
		return handle
	}
	if handle := along(r.shown, cause); handle != nil {
		return handle
	}
	return first(r.wide, cause)
}

// along returns the handler for the first error of a chain that has one.
func along(rules []rule, cause error) app.Handler {
	if len(rules) == 0 {
		return nil
	}
	for err := range chain(cause) {
		if handle := first(rules, err); handle != nil {
			return handle
		}
	}
	return nil
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
