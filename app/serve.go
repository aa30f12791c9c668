package app

import (
	"context"
	"fmt"
	"net/http"
)

// ServeHTTP serves one call. It makes an Application an http.Handler for any
// server; the one in package engine does the rest of what an embedded server
// needs.
func (a *Application) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !a.gate.enter() {
		unavailable(w)
		return
	}
	if a.state.Load() < stateRunning {
		a.gate.leave()
		unavailable(w)
		return
	}
	c := newCall(a, w, r)
	if c.serve() {
		c.abortIfCut()
	}
}

// serve serves the call, from the first handler to the last hook, unless it goes on
// without this goroutine, whose it is not any more then: see [Call.Detach]. It
// reports whether the call has ended. What follows the handlers is deferred, here
// and below: what ends the goroutine of the call does not keep it from ending.
func (c *Call) serve() (ended bool) {
	defer func() { ended = c.leave() }()
	_ = c.run(serveAll) // which has made it the answer
	return false
}

// end ends a call whose handlers have returned.
func (c *Call) end() {
	defer c.Application().gate.leave()
	defer c.close()
	defer c.tellSent()
	c.conclude()
}

// conclude sends what the handlers have left, or the answer to the failure of work
// beside them.
func (c *Call) conclude() {
	defer c.sayMistakes()
	defer c.finish()
	c.failByWork()
}

// serveAll is all that an application does with a call. No call leaves it
// without an answer.
func serveAll(c *Call) error {
	if err := c.behindDoor(c.Application().base.serve); err != nil || c.Answered() {
		return err
	}
	return answerUnanswered(c)
}

// behindDoor runs what may leave a goroutine behind that writes.
func (c *Call) behindDoor(handler Handler) error {
	defer c.door.close(c, doorOwn)
	return handler(c)
}

func unavailable(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
}

// answerUnanswered is the end of the fallback phase: a call that nobody answered
// fails as the router has said, or gets the status that was set, or fails since
// its context has ended, or gets 404.
func answerUnanswered(c *Call) error {
	a := &c.answer
	if c.rare != nil && c.rare.refusal != nil && c.rare.refusal.StatusCode() == int(a.preset) {
		return c.rare.refusal
	}
	if a.preset == 0 {
		if err := c.gaveUp(); err != nil {
			return err
		}
		a.preset = http.StatusNotFound
		if handlers := c.Endpoint().handlers; len(handlers) > 0 && (c.rare == nil || !c.rare.passed) {
			c.warn(saidSilent, "a handler returned without responding: 404",
				func() []any { return []any{"handler", nameOfFunction(handlers[len(handlers)-1])} })
		}
	}
	return c.RespondStatus(int(a.preset))
}

// gaveUp returns the error that a call without an answer has failed with, if its
// context has ended: what ended it, a time-out for example, has kept whoever
// was to answer from it. It is the one that they might have returned.
func (c *Call) gaveUp() error {
	ctx := c.Context()
	switch err, cause := ctx.Err(), context.Cause(ctx); {
	case err == nil:
		return nil
	case wraps(err, cause):
		return fmt.Errorf("no answer: %w", err)
	default:
		return fmt.Errorf("no answer: %w: %w", err, cause)
	}
}

// tellSent runs the hooks of a response that has left, and waits for the work
// that they may have begun.
func (c *Call) tellSent() {
	defer c.endLateWork()
	each(c.Endpoint().sent, func(hook func(*Call)) { c.observe("a response-sent hook panicked", hook) })
}

// observe runs code that the answer does not depend on: that it panics, or ends
// the goroutine, is logged with what says.
func (c *Call) observe(what string, code func(*Call)) {
	returned := false
	defer func() {
		if !returned {
			c.logger().Error(what, withStack(c.caught(recover()), "route", c.Route())...)
		}
	}()
	code(c)
	returned = true
}

// abortIfCut tells the server to cut the connection, by the one panic that it
// understands. It comes after everything else.
func (c *Call) abortIfCut() {
	if c.answer.end == endCut {
		panic(http.ErrAbortHandler)
	}
}
