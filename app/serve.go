package app

import (
	"net/http"
	"runtime/debug"
)

// ServeHTTP serves one call. It makes an Application an http.Handler for any
// server; the one in package engine does the rest of what an embedded server
// needs.
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
	defer c.close()
	err := c.endWork(recovered(a.base.serve, c))
	if err == nil && c.answer.stage == stageSilent {
		err = answerUnanswered(c)
	}
	if err != nil {
		c.fail(err)
	}
	c.finish()
	c.tellSent()
	c.abortIfCut()
}

func unavailable(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
}

// answerUnanswered is the end of the fallback phase: a call that nobody answered
// gets the status that was set, or 404.
func answerUnanswered(c *Call) error {
	a := &c.answer
	if a.preset == 0 {
		a.preset = http.StatusNotFound
		if c.endpoint.pattern != "" && c.endpoint.silent.CompareAndSwap(false, true) {
			c.logger().Warn("a handler returned without responding: 404; logged once for each route", "route", c.endpoint.pattern)
		}
	}
	return c.RespondStatus(int(a.preset))
}

// tellSent runs the hooks of a response that has left, and waits for the work
// that they may have begun.
func (c *Call) tellSent() {
	for _, hook := range c.endpoint.sent {
		c.observe(hook)
	}
	c.endLateWork()
}

func (c *Call) observe(hook func(*Call)) {
	defer func() {
		if value := recover(); value != nil {
			c.logger().Error("a response-sent hook panicked", "error", panicked(value), "stack", string(debug.Stack()))
		}
	}()
	hook(c)
}

// abortIfCut tells the server to cut the connection, by the one panic that it
// understands. It comes after everything else.
func (c *Call) abortIfCut() {
	if c.answer.end == endCut {
		panic(http.ErrAbortHandler)
	}
}
