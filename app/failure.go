package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
)

// Failure returns the error that the call has failed with, or nil if it has
// not: what a handler, hook, middleware or work beside the call returned or
// panicked with, as a [PanicError], when it first became the answer or was too
// late to become one. It is http.ErrAbortHandler if somebody asked for the
// connection to be cut. What a hook of [PluginBuilder.OnResponseSent] sees is
// final. Who answered, and with which status, makes no difference. Outside of a
// middleware that the call cannot look through, such as http.TimeoutHandler, it
// is known when the middleware has returned, unless it has left the rest behind.
// It belongs to the call's goroutine.
func (c *Call) Failure() error {
	if c.rare == nil {
		return nil
	}
	return c.rare.failure
}

// failed reports whether an error has been answered.
func (c *Call) failed() bool { return c.Failure() != nil }

// run runs a handler on the goroutine of the call, and makes the error that it
// ends with the answer. If the handler ends its goroutine, that is one, and is
// answered on the way out.
func (c *Call) run(handler Handler) (err error) {
	returned := false
	defer func() {
		if !returned && !c.exited() {
			err = c.exit()
		}
		if err != nil {
			c.fail(err)
		}
	}()
	err = recovered(handler, c)
	returned = true
	return err
}

// exit notes that runtime.Goexit ends the goroutine of the call, and returns
// the error that stands for it. The server does nothing more for the answer,
// and closes its connection.
func (c *Call) exit() error {
	c.seldom().exited = true
	if c.answer.stage < stageSent && c.Request.ProtoMajor < 2 {
		c.answer.out.Header.Set("Connection", "close")
	}
	return ended(nil)
}

// caught is ended for code on the goroutine of the call.
func (c *Call) caught(value any) error {
	if value == nil {
		return c.exit()
	}
	return ended(value)
}

// exited reports whether a handler or hook has ended its goroutine.
func (c *Call) exited() bool { return c.rare != nil && c.rare.exited }

// fail makes err the answer, once. Before the commit it takes the place of what
// was held; after it a body that lacks a part is cut, and a whole one stands.
// What panics here has nobody behind it who would answer: the answer is cut.
func (c *Call) fail(err error) {
	answered := false
	defer func() {
		if answered {
			return
		}
		problem := c.caught(recover())
		c.logger().Error("the answer to an error failed", withStack(problem)...)
		if !c.exited() {
			c.answer.end = endCut
		}
	}()
	c.failFrom(c.answer.stage, err)
	answered = true
}

// failFrom is fail for an answer that had come as far as from.
func (c *Call) failFrom(from stage, err error) {
	if errors.Is(err, http.ErrAbortHandler) {
		c.seldom().failure = err
		c.answer.end = endCut
		return
	}
	if c.failed() {
		if !wraps(err, c.Failure()) {
			c.logger().Error("the call failed again, after an error was answered", withStack(err)...)
		}
		return
	}
	c.seldom().failure = err
	if from >= stageSent {
		c.answer.cutIncomplete()
		c.logFailure(err, c.answer.out.Status)
		c.runFailed(err)
		return
	}
	ctx := callContext{c}.waitable()
	switch {
	case errors.Is(err, context.Canceled) && !isPanic(err) && ctx.Err() != nil && !errors.Is(context.Cause(ctx), ErrStopping):
		c.logger().Debug("the client has gone", "error", err)
		c.answer.end = endCut
	case from == stageBegun:
		// The writers between have seen another answer begin: this one goes
		// past them, and what they still send is dropped.
		c.discard()
		edge := c.edge
		c.edge = nil
		c.answerError(ctx, err)
		c.edge, c.answer.deaf = edge, true
	default:
		c.discard()
		c.answerError(ctx, err)
	}
}

// answerError answers with an error: as a hook does, or else with its status
// and the text that it shows.
func (c *Call) answerError(ctx context.Context, err error) {
	c.runFailed(err)
	if c.answer.stage != stageSilent {
		return
	}
	status, text := answerTo(ctx, err, c.Application().config.Development)
	c.logFailure(err, status)
	c.answer.preset = int32(status)
	if respondErr := recovered(func(c *Call) error { return c.RespondText(text) }, c); respondErr != nil {
		c.logger().Error("the answer to an error failed", withStack(respondErr)...)
		c.answerPlainly(respondErr)
	}
}

// answerPlainly answers an error that came from answering another one: with 500
// past every hook, unless it asks for the connection to be cut, or the head of
// an answer has left, which is cut if it lacks a part.
func (c *Call) answerPlainly(err error) {
	a := &c.answer
	switch {
	case errors.Is(err, http.ErrAbortHandler):
		c.fail(err)
		return
	case a.stage >= stageSent:
		a.cutIncomplete()
		a.deaf = true
		return
	}
	c.discard()
	a.begin()
	a.complete()
	a.plain, a.deaf = true, true
	a.out.Status = http.StatusInternalServerError
	c.typeAs(&a.out, "text/plain; charset=UTF-8")
	a.out.body = body{kind: bodyText, text: http.StatusText(http.StatusInternalServerError)}
}

// failHook answers the error of a hook that ran while the answer was being
// committed, at once and without hooks. What is still written afterwards is
// dropped.
func (c *Call) failHook(err error) {
	a := &c.answer
	a.plain = true
	switch {
	case a.stage >= stageSent: // the answer that was to replace another has left, and then failed
		c.fail(err)
		a.cutIncomplete()
	case c.failed():
		c.logger().Error("a send hook failed on the answer to an error", withStack(err)...)
		c.answerPlainly(err)
	default:
		c.failFrom(stageBegun, err)
	}
	if a.stage < stageSent && a.end != endCut {
		if commitErr := c.commitWhole(); commitErr != nil {
			c.logger().Debug("the answer to an error could not be sent", "error", commitErr)
		}
	}
	a.deaf = true
}

// runFailed tells the hooks of an error.
func (c *Call) runFailed(cause error) {
	for _, hook := range c.Endpoint().failed {
		open := c.answer.stage == stageSilent
		err := recovered(func(c *Call) error { return hook(c, cause) }, c)
		if err == nil {
			continue
		}
		c.logger().Error("a call-failed hook failed", withStack(err)...)
		if open || errors.Is(err, http.ErrAbortHandler) {
			// What the hook itself may have begun counts for nothing.
			c.answerPlainly(err)
		}
	}
}

// logFailure logs an error once: at error level what the server is to blame
// for, whether or not anybody waits for the answer. An [Error] without a cause
// that says 503 is not: a server that is busy on purpose would fill the log in
// the worst moment.
func (c *Call) logFailure(err error, status int) {
	level := slog.LevelDebug
	shown, isShown := errors.AsType[*Error](err)
	busy := status == http.StatusServiceUnavailable && isShown && shown.Unwrap() == nil
	late := c.answer.stage >= stageSent
	if (status >= 500 && !busy || late) && !c.isClients(err) {
		level = slog.LevelError
	}
	// It rarely is for what clients get wrong.
	if logger := c.logger(); logger.Enabled(c.Context(), level) {
		logger.Log(c.Context(), level, "the call failed",
			withStack(err, "status", status, "method", c.Request.Method, "path", c.Request.URL.Path, "route", c.Route())...)
	}
}

// isClients reports whether err says no more than that nobody waits for the
// answer any more: it is the error of the call's context, or that of a write.
// Whatever else is found when the client has gone is a mistake as at any time,
// and so is a panic, whatever it was thrown with.
func (c *Call) isClients(err error) bool {
	if isPanic(err) {
		return false
	}
	if lost := c.wire.Lost(); lost != nil && wraps(err, lost) {
		return true
	}
	ctx := callContext{c}.waitable()
	hijacked := c.answer.stage == stageHijacked // then whatever its connection says
	return ctx.Err() != nil && (hijacked || errors.Is(err, ctx.Err()) || wraps(err, context.Cause(ctx)))
}

func (c *Call) logger() *slog.Logger { return c.Application().Logger() }
