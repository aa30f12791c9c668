package app

import (
	"errors"
	"net/http"
)

// RunWithin runs next with a writer and a request in the place of the call's. It
// is for interceptors of [PhaseCall] that stand between a handler and the wire:
// what next writes goes to w, and the call and its hooks see what w passes on to
// the call's writer; while that is nothing, nobody has answered. R has to lead to
// the call by its context. Unlike a middleware, whoever calls it learns how next has
// ended before anything is made of that: the error that next returns, or its panic
// as one, is returned as it is.
//
// A writer that does not lead back to the call's by Unwrap gets a fork of the call,
// as inside of http.TimeoutHandler: next has a call of its own, whose errors it
// answers to w, and the call is nobody's meanwhile, so that another goroutine may
// answer it. Then the error is one that was answered to w, or http.ErrAbortHandler
// if the answer lacks a part.
func (c *Call) RunWithin(w http.ResponseWriter, r *http.Request, next Handler) error {
	if !leadsTo(w, responseWriter{c}) {
		return c.runForked(w, r, next)
	}
	request, edge, silent := c.Request, c.edge, !c.Answered()
	inner := &edgeWriter{ResponseWriter: w, call: c}
	c.Request, c.edge = r, inner
	defer func() { // also when next ends its goroutine
		inner.door.close(c, doorShut)
		c.Request, c.edge = request, edge
		if silent && c.nothingBegun() {
			c.answer.stage = stageSilent
		}
	}()
	return recovered(next, c)
}

// runForked is RunWithin in a fork. A failure of an answer that nobody has got is
// none of the call's, nor is it for the fork to say that the call is cut.
func (c *Call) runForked(w http.ResponseWriter, r *http.Request, next Handler) error {
	c.door.pass(passageOpen)
	c.keep(nil)
	c.door.passToFork()
	c.fork(w, r, next)
	if c.door.pass(passageClosed) == passageCut {
		return http.ErrAbortHandler
	}
	news, told := newsKey.Get(c)
	switch {
	case !told:
		return nil
	case c.Answered() && !errors.Is(news.failure, http.ErrAbortHandler):
		return c.hearOfFork()
	}
	newsKey.Delete(c)
	return news.failure
}

// nothingBegun reports whether an answer that somebody has begun has not come as
// far as to the call's writer.
func (c *Call) nothingBegun() bool {
	a := &c.answer
	return a.stage == stageBegun && a.out.Status == 0 && a.held == nil && a.out.body.kind == bodyNone &&
		(c.edge == nil || !c.edge.begun)
}

// ShareWriter lets two goroutines write to the call's writer, each in its turn: a
// head, a write or a flush of one waits for that of the other. It is called on the
// goroutine of the call, before the second one begins. Nobody may write with the
// second when the call's handlers have returned.
func (c *Call) ShareWriter() {
	c.seldom() // which both look at
	c.wire.Share()
}
