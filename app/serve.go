package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// ServeHTTP serves one call. It makes an Application an http.Handler for any server; the one in package engine
// does the rest of what an embedded server needs.
func (a *Application) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !a.gate.enter() {
		unavailable(w)
		return
	}
	defer a.gate.leave()
	if a.state.Load() < stateRunning {
		unavailable(w)
		return
	}
	c := newCall(a, w, r)
	defer c.endContext()
	defer c.endBody()
	err := c.endWork(recovered(a.base.serve, c))
	if err == nil && !c.answered {
		err = answerUnanswered(c)
	}
	if err != nil {
		c.fail(err)
	}
	c.finish()
	for _, hook := range c.endpoint.sent {
		c.observe(hook)
	}
	if err := c.endWork(nil); err != nil && !c.failed() { // what a late hook has begun
		c.logger().Error("work beside a call failed after its answer", "error", err)
	}
	if c.aborted {
		panic(http.ErrAbortHandler)
	}
}

func unavailable(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
}

// recovered runs a handler and makes a panic an error.
func recovered(handler Handler, c *Call) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = panicked(value)
		}
	}()
	return handler(c)
}

// panicked returns the error that stands for a panic. http.ErrAbortHandler stands for itself.
func panicked(value any) error {
	if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return http.ErrAbortHandler
	}
	return &PanicError{Value: value, Stack: debug.Stack()}
}

func (c *Call) observe(hook func(*Call)) {
	defer func() {
		if value := recover(); value != nil {
			c.logger().Error("a response-sent hook panicked", "error", panicked(value), "stack", string(debug.Stack()))
		}
	}()
	hook(c)
}

// answerUnanswered is the end of the fallback phase: a call that nobody answered gets the status that was set,
// or 404.
func answerUnanswered(c *Call) error {
	if c.preset == 0 {
		c.preset = http.StatusNotFound
		if c.endpoint.pattern != "" && c.endpoint.silent.CompareAndSwap(false, true) {
			c.logger().Warn("a handler returned without responding: 404; logged once for each route", "route", c.endpoint.pattern)
		}
	}
	return c.RespondStatus(int(c.preset))
}

// rare is what few calls need, kept apart so that a call stays small.
type rare struct {
	answered error // the error that has been answered
	kept     error // what the edge of the last middleware returned
	cut      *cut
	work     *group
	body     *requestBody

	writeTimeout time.Duration // in place of the application's; 0 if that holds, negative for none

	replacing []uint16 // the places of hooks that respond anew, as committing counts them
}

func (c *Call) seldom() *rare {
	if c.rare == nil {
		c.rare = &rare{}
	}
	return c.rare
}

// failed reports whether an error has been answered.
func (c *Call) failed() bool { return c.rare != nil && c.rare.answered != nil }

// keep remembers err until the middleware around has returned.
func (c *Call) keep(err error) {
	if err != nil || c.rare != nil {
		c.seldom().kept = err
	}
}

// fail makes err the answer, once. Before the commit it takes the place of what was held; after it a body that
// lacks a part is cut, and a whole one stands.
func (c *Call) fail(err error) {
	if errors.Is(err, http.ErrAbortHandler) {
		c.seldom().answered = err
		c.aborted = true
		return
	}
	if c.failed() {
		if !errors.Is(err, c.rare.answered) {
			c.logger().Error("the call failed again, after an error was answered", "error", err)
		}
		return
	}
	c.seldom().answered = err
	if c.hijacked || c.committed {
		c.aborted = c.aborted || c.incomplete()
		c.logFailure(err, c.out.Status)
		c.runFailed(err)
		return
	}
	ctx := (*callContext)(c).waitable()
	if errors.Is(err, context.Canceled) && ctx.Err() != nil && !errors.Is(context.Cause(ctx), ErrStopping) {
		c.logger().Debug("the client has gone", "error", err)
		c.aborted = true
		return
	}
	begun := c.answered
	c.discard()
	if begun {
		// The writers between have seen another answer begin: this one goes past them, and what they
		// still send is dropped.
		writer := c.writer
		c.writer = (*responseWriter)(c)
		defer func() { c.writer, c.sealed = writer, true }()
	}
	c.runFailed(err)
	if c.answered {
		return
	}
	status, text := answerTo(ctx, err, c.app.config.Development)
	c.logFailure(err, status)
	c.preset = int16(status)
	if respondErr := recovered(func(c *Call) error { return c.RespondText(text) }, c); respondErr != nil {
		c.logger().Error("the answer to an error failed", "error", respondErr)
		c.answerPlainly()
	}
}

// answerPlainly answers with 500 past every hook.
func (c *Call) answerPlainly() {
	c.discard()
	c.hookless, c.answered, c.whole, c.sealed = true, true, true, true
	c.out.Status = http.StatusInternalServerError
	c.typeAs(&c.out, "text/plain; charset=UTF-8")
	c.out.body = body{kind: bodyText, text: http.StatusText(http.StatusInternalServerError)}
}

// failHook answers the error of a hook that ran while the answer was being committed, at once and without
// hooks. What is still written afterwards is dropped.
func (c *Call) failHook(err error) {
	c.hookless = true
	if c.committed { // the answer that was to replace the one of the commit has left before it failed
		c.fail(err)
		c.aborted, c.sealed = c.incomplete(), true
		return
	}
	c.answered = true // what was begun is taken back
	if c.failed() {
		c.logger().Error("a send hook failed on the answer to an error", "error", err)
		c.answerPlainly()
	} else {
		c.fail(err)
	}
	if !c.aborted && !c.committed { // a call-failed hook may have sent its answer
		if commitErr := c.commitWhole(); commitErr != nil {
			c.logger().Debug("the answer to an error could not be sent", "error", commitErr)
		}
	}
	c.sealed = true
}

// runFailed tells the hooks of an error.
func (c *Call) runFailed(cause error) {
	for _, hook := range c.endpoint.failed {
		open := !c.answered
		err := recovered(func(c *Call) error { return hook(c, cause) }, c)
		if err != nil {
			c.logger().Error("a call-failed hook failed", "error", err)
			switch {
			case open && c.committed:
				c.aborted = c.incomplete()
			case open: // what the hook itself may have begun counts for nothing
				c.answerPlainly()
			}
		}
	}
}

// logFailure logs an error once: at error level what the server is to blame for. An [Error] without a cause that says 503 is
// not: who is busy on purpose would fill the log in the worst moment.
func (c *Call) logFailure(err error, status int) {
	level := slog.LevelDebug
	var shown *Error
	busy := status == http.StatusServiceUnavailable && errors.As(err, &shown) && shown.Err == nil
	if (status >= 500 && !busy || c.committed || c.hijacked) && !c.broken && c.request.Context().Err() == nil {
		level = slog.LevelError
	}
	attributes := []any{"error", err, "status", status, "method", c.Request.Method, "path", c.Request.URL.Path, "route", c.Route()}
	if panicErr, ok := errors.AsType[*PanicError](err); ok {
		attributes = append(attributes, "stack", string(panicErr.Stack))
	}
	c.logger().Log(c.Context(), level, "the call failed", attributes...)
}

func (c *Call) logger() *slog.Logger { return c.app.Logger() }
