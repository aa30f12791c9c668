package calllogging

import (
	"log/slog"
	"runtime/debug"
	"slices"
	"sync/atomic"

	"github.com/chitor-go/chitor/app"
)

// mdc are the attributes that the lines of each call get, in their order. The
// list never changes.
type mdc []*attribute

// An attribute asks its provider for the value that it has for a call.
type attribute struct {
	entry

	panicked atomic.Bool // a panic of the provider is logged once
}

// values are the attributes of one call that have a value. The list is never
// changed, only replaced, since any goroutine that has the call's context may
// log.
type values struct{ known atomic.Pointer[[]slog.Attr] }

var valuesKey = app.NewKey[*values]("calllogging.values")

// valuesOf returns the attributes that the lines of the call have so far.
func valuesOf(c *app.Call) []slog.Attr {
	if held, ok := valuesKey.Get(c); ok {
		return *held.known.Load()
	}
	return nil
}

// fill asks for the values that are not known yet, and returns all that are
// known then.
func (m mdc) fill(c *app.Call) []slog.Attr {
	if len(m) == 0 {
		return nil
	}
	held, ok := valuesKey.Get(c)
	if !ok {
		held = &values{}
		held.known.Store(new([]slog.Attr))
		valuesKey.Set(c, held)
	}
	before := held.known.Load()
	if len(*before) == len(m) {
		return *before
	}
	var after []slog.Attr
	for _, wanted := range m {
		if i := slices.IndexFunc(*before, func(a slog.Attr) bool { return a.Key == wanted.name }); i >= 0 {
			after = append(after, (*before)[i])
		} else if value, ok := wanted.ask(c); ok {
			after = append(after, slog.String(wanted.name, value))
		}
	}
	held.known.CompareAndSwap(before, &after) // if a fork of the call was quicker, its values stay
	return *held.known.Load()
}

// ask returns the value of the attribute for the call. A provider that panics
// has none: the results stay zero.
func (a *attribute) ask(c *app.Call) (value string, ok bool) {
	defer func() {
		if problem := recover(); problem != nil && a.panicked.CompareAndSwap(false, true) {
			c.Application().Logger().Error("an MDC provider panicked; logged once", "name", a.name,
				"error", &app.PanicError{Value: problem}, "stack", string(debug.Stack()))
		}
	}()
	return a.provider(c)
}
