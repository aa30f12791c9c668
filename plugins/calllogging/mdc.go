package calllogging

import (
	"log/slog"
	"runtime/debug"
	"slices"
	"sync/atomic"

	"github.com/chitor-go/chitor/app"
)

// entry is one attribute that the lines of a call get.
type entry struct {
	name     string
	provider func(c *app.Call) (string, bool)
	panicked atomic.Bool // a panic is logged once
}

// values are the entries of one call that have a value. The list is never
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

// fill asks for the values that are not known yet, and returns those that are
// now.
func (c *Config) fill(call *app.Call) []slog.Attr {
	if len(c.entries) == 0 {
		return nil
	}
	held, ok := valuesKey.Get(call)
	if !ok {
		held = &values{}
		held.known.Store(new([]slog.Attr))
		valuesKey.Set(call, held)
	}
	before := held.known.Load()
	if len(*before) == len(c.entries) {
		return *before
	}
	var after []slog.Attr
	for _, entry := range c.entries {
		if i := slices.IndexFunc(*before, func(a slog.Attr) bool { return a.Key == entry.name }); i >= 0 {
			after = append(after, (*before)[i])
		} else if value, ok := entry.ask(call); ok {
			after = append(after, slog.String(entry.name, value))
		}
	}
	held.known.CompareAndSwap(before, &after) // a fork of the call may have been quicker, then its values stay
	return *held.known.Load()
}

// ask returns the value that the entry has for the call. A provider that panics
// has none: the results stay zero.
func (e *entry) ask(c *app.Call) (value string, ok bool) {
	defer func() {
		if problem := recover(); problem != nil && e.panicked.CompareAndSwap(false, true) {
			c.Application().Logger().Error("an MDC provider panicked; logged once", "name", e.name,
				"error", &app.PanicError{Value: problem}, "stack", string(debug.Stack()))
		}
	}()
	return e.provider(c)
}

// Logger returns the application's logger with the attributes of [Config.MDC]
// for the call. Those that have no value yet are asked for. Without the plugin
// it is the application's logger. It is for the call's goroutine; others log
// with the call's context: see [NewHandler]. It answers to what an SLF4J logger
// writes inside a call.
func Logger(c *app.Call) *slog.Logger {
	logger := c.Application().Logger()
	config, installed := Plugin.In(c.Application())
	if !installed {
		return logger
	}
	known := config.fill(c)
	if len(known) == 0 {
		return logger
	}
	return slog.New(logger.Handler().WithAttrs(known))
}
