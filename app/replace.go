package app

import "errors"

// Replace has answer respond anew, like any handler, in the place of the answer that is being committed. It is for hooks
// of [SendAfter], which know what is about to leave: pages for statuses are made that way. What answer responds with passes
// all steps of the way out, those of the commit included. A hook that replaces does not run for its own new answer; others
// may run for the old and for the new one.
//
// Old is the answer as it was, good until answer returns; its header is a copy. The status of old is set, so the new answer
// has it unless it says otherwise; headers stay but for those that describe the old body. If answer does not respond, the
// old answer leaves, with what answer has changed about it. An error of answer takes the place of both, and Replace returns
// it for the hook to return. Middlewares have seen the old answer begin: they do not see the new one.
//
// It answers to responding inside Ktor's ResponseBodyReadyForSend.
func (c *Call) Replace(answer func(c *Call, old *Outgoing) error) error {
	hook := c.committing
	if hook == 0 || c.committed {
		return errors.New("replace the answer: none is being committed")
	}
	rare := c.seldom()
	c.committing, rare.replacing = 0, append(rare.replacing, hook)
	old, held, heldLen := c.out, c.held, c.heldLen
	preset, whole, sealed, writer := c.preset, c.whole, c.sealed, c.writer
	old.Header = c.out.Header.Clone()
	for _, name := range representation {
		delete(c.out.Header, name)
	}
	c.out = Outgoing{Header: c.out.Header}
	c.held, c.heldLen = nil, 0
	c.preset, c.writer = int16(old.Status), (*responseWriter)(c)
	c.answered, c.whole, c.sealed = false, false, false
	err := recovered(func(c *Call) error { return answer(c, &old) }, c)
	c.writer = writer
	if err == nil && !c.answered {
		for _, name := range representation {
			if values, set := old.Header[name]; set {
				c.out.Header[name] = values
			}
		}
		old.Header = c.out.Header
		c.out, c.held, c.heldLen = old, held, heldLen
		c.preset, c.answered, c.whole, c.sealed = preset, true, whole, sealed
		c.committing, rare.replacing = hook, rare.replacing[:len(rare.replacing)-1]
		return nil
	}
	old.closeReader()
	if held != nil {
		c.app.held.Put(held)
	}
	if err == nil && !c.committed {
		err = c.commitWhole()
	}
	c.replaced, c.sealed = err == nil, true
	return err
}
