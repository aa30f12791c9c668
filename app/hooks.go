package app

import (
	"fmt"
	"net/http"
)

// function is every kind of function that an application can be given.
type function interface {
	Module | Handler | SendHook | ReceiveHook | FailedHook | HijackHook | LifecycleHook |
		func(next Handler) Handler | wrapper | func(http.Handler) http.Handler | func(*Call) | func() | func() error |
		func(*Config) | func() (Router, error)
}

// accepts reports whether a function can be added. Too late is a logged error,
// and nil a mistake. What says what was to be done, and name what the function
// is.
func accepts[F function](c change, what, name string, f F) bool {
	if !c.open(c.site, what) {
		return false
	}
	if f == nil {
		c.fail(fmt.Errorf("%s: %s is nil", what, name))
	}
	return f != nil
}

// nth names one of several functions of a kind, as in "the module" or "module 2
// of 3".
func nth(kind string, index, count int) string {
	if count == 1 {
		return "the " + kind
	}
	return fmt.Sprintf("%s %d of %d", kind, index+1, count)
}

// hooks are the functions of one kind that were added to one scope, in order.
type hooks[F function] []hook[F]

// A hook of a scoped plugin that is installed again nearer to the handler does
// not run.
type hook[F function] struct {
	run   F
	name  string        // what it is, as in "the interceptor"
	owner *installation // nil if it was added to the scope itself
	site  Site          // see change.reported
}

// String says what the hook is, whose, and where it comes from.
func (h hook[F]) String() string {
	if h.owner == nil {
		return h.name + " at " + h.site.String()
	}
	return h.name + " of plugin " + h.owner.name + " at " + h.site.String()
}

// report records what a hook that checks has found, at the line that the hook
// came with.
func (h hook[F]) report(a *Application, err error) {
	if err != nil && h.owner != nil {
		err = fmt.Errorf("install %s: %w", h.owner.name, err)
	}
	a.FailAt(h.site, err)
}

func (h *hooks[F]) add(c change, what, name string, run F) {
	if accepts(c, what, name, run) {
		*h = append(*h, hook[F]{run, name, c.owner, c.reported()})
	}
}

// running returns the hooks that run for calls which reach s: those of a plugin
// that is installed again nearer to s do not, unless it is a layer.
func (h hooks[F]) running(s *scope) hooks[F] {
	var found hooks[F]
	for _, candidate := range h {
		if candidate.owner == nil || candidate.owner.runsFor(s) {
			found = append(found, candidate)
		}
	}
	return found
}

// functions returns the hooks without what is known of where they come from.
func (h hooks[F]) functions() []F {
	functions := make([]F, len(h))
	for i, one := range h {
		functions[i] = one.run
	}
	return functions
}
