package app

import (
	"fmt"
	"net/http"
)

// finish sends what has not left yet and ends the body. Nothing is written
// after it. Hooks, wraps and readers run here: each step comes whatever they do.
func (c *Call) finish() {
	defer c.endBody()
	defer c.sendPlainly()
	_ = c.run(sendRest) // which has made it the answer
}

// sendRest commits an answer that is still held back.
func sendRest(c *Call) error {
	a := &c.answer
	if a.stage >= stageSent || a.end == endCut {
		return nil
	}
	if a.stage == stageSilent && c.failed() { // a hook has ended the goroutine instead of answering
		c.answerPlainly(c.Failure())
	}
	if err := c.heldAsDeclared(); err != nil {
		c.fail(err)
	}
	if err := c.commitWhole(); err != nil && !c.failed() {
		return err
	}
	return nil
}

// sendPlainly commits, without hooks, the answer to what went wrong in a commit
// before the head had left.
func (c *Call) sendPlainly() {
	a := &c.answer
	if a.stage >= stageSent || a.end == endCut {
		return
	}
	a.plain = true
	if err := recovered((*Call).commitWhole, c); err != nil {
		a.end = endCut
		c.logger().Debug("the answer to an error could not be sent", "error", err)
	}
}

// endBody ends the body, and gives back what it has held.
func (c *Call) endBody() {
	a := &c.answer
	defer func() {
		c.door.close(c, doorShut)
		c.release(a.held)
		a.held, a.deaf = nil, true
		c.closeBody(&a.out)
	}()
	if a.stage == stageHijacked {
		end := a.end
		a.end = endCut
		c.endSink() // a wrap that has begun gives up what it holds
		a.end = end
		return
	}
	defer c.wire.Finish()
	c.checkLength()
	c.endSink()
	if c.exited() && a.stage == stageSent && a.end != endCut {
		// The server does not come as far as to flush it.
		_ = c.wire.Flush(callContext{c})
	}
}

// closeBody closes the reader of a body that nobody reads any more.
func (c *Call) closeBody(out *Outgoing) {
	if out.body.reader != nil {
		c.observe("closing a body panicked", func(*Call) { out.closeReader() })
	}
}

// heldAsDeclared returns an error if the handlers have written a body with
// another length than they have declared, and none of it has left. One that was
// handed over as a value is as long as it is.
func (c *Call) heldAsDeclared() error {
	a := &c.answer
	if a.stage != stageBegun || a.end == endWhole || c.Request.Method == http.MethodHead || a.out.Status != 0 && !bodyAllowed(a.out.Status) {
		return nil
	}
	declared, held := declaredLength(a.out.Header), int64(len(a.held.bytes()))
	if declared < 0 || declared == held {
		return nil
	}
	return errLength(held, declared)
}

// checkLength cuts a body that has another length than was declared.
func (c *Call) checkLength() {
	a := &c.answer
	if a.end == endCut || a.stage != stageSent || a.overdue() == 0 {
		return
	}
	if !c.wire.Broken() && !c.failed() {
		c.fail(errLength(a.written, a.out.length))
	}
	a.end = endCut
}

func errLength(written, declared int64) error {
	return fmt.Errorf("the body has %d of the %d bytes that were declared", written, declared)
}

// endSink ends the body, cleanly unless the connection is to be cut, which it
// is as well if the wraps fail to end it. What still comes goes nowhere.
func (c *Call) endSink() {
	a := &c.answer
	sink, end := a.sink, a.end
	switch sink.(type) {
	case nil, nowhere, wireEnd: // they end with the connection
		a.sink = nowhere{}
		return
	}
	a.sink, a.end = nowhere{}, endCut
	_ = c.run(func(c *Call) error {
		if end == endCut {
			sink.Abort()
			return nil
		}
		if err := sink.Close(); err != nil {
			c.logger().Debug("the body could not be ended", "error", sound(err))
			return nil
		}
		a.end = end
		return nil
	})
}
