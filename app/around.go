package app

import "net/http"

// A wrapper puts code around what comes next. It reports whether that code may
// still do something when next has returned and the head has left: such code
// stands around a handler, and wants the handler to return when its answer ends.
type wrapper func(next Handler) (handler Handler, around bool)

// around is the wrapper of an interceptor that nothing is known of.
func around(interceptor func(next Handler) Handler) wrapper {
	return func(next Handler) (Handler, bool) { return interceptor(next), true }
}

// untilCommit is the wrapper of an interceptor that does nothing after next once
// the head has left.
func untilCommit(interceptor func(next Handler) Handler) wrapper {
	return func(next Handler) (Handler, bool) { return interceptor(next), false }
}

// before is the wrapper of a hook. In the fallback phase what comes next is for
// calls that have no answer.
func before(phase Phase, hook Handler) wrapper {
	return untilCommit(func(next Handler) Handler {
		return func(c *Call) error {
			if err := hook(c); err != nil || phase == PhaseFallback && c.Answered() {
				return err
			}
			return next(c)
		}
	})
}

// codeAround says what stands around the handlers of the endpoint, the outermost
// of it, as in "the middleware at users/module.go:12". It is empty if nothing
// does: then what runs once the handlers have returned, in the middle of a
// stream, is this package's own. It is known when the application has started.
func (e *Endpoint) codeAround() string {
	if base := e.scope.app.base; base.around != "" {
		return base.around
	}
	return e.around
}

// ReturnsEarly says of a net/http middleware that it does nothing after next once
// the response has begun to leave, and returns it for Use. It may do so before
// next, or answer in place of it, as chi's RequestID, RealIP, NoCache and
// AllowContentType do; a middleware that counts, measures, logs, or gives
// something back when next has returned is none, such as Logger, Throttle and
// Timeout. It need not be said of one that has no streams behind it. An event
// stream that waits for a hub does not keep its goroutine while all middlewares
// and interceptors around it are known to be such:
//
//	r.Use(app.ReturnsEarly(middleware.RequestID))
//
// See [PluginBuilder.OnPhase] and [PluginBuilder.InterceptUntilCommit] for plugins.
func ReturnsEarly(middleware func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	if middleware == nil {
		return nil
	}
	return func(next http.Handler) http.Handler {
		wrapped := middleware(next)
		if _, early := next.(early); wrapped == nil || !early {
			return wrapped // something else stands between, of which nothing is known
		}
		return early{wrapped}
	}
}

// early is an http.Handler of a middleware that returns early, or ours behind
// the last one.
type early struct{ http.Handler }
