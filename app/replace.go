package app

import (
	"errors"
	"slices"
)

// Replace puts a new answer in the place of the one that is being committed:
// respond answers the call as a handler does. It is for hooks of [SendAfter],
// which know what is about to leave: pages for statuses are made that way. The
// new answer passes all steps of the way out, those of the commit included. A
// hook that replaces does not run for its own new answer; others may run for
// the old and for the new one.
//
// Old is the answer as it was, good until respond returns; its header is a
// copy. The status of old is set, so the new answer has it unless it says
// otherwise; headers stay but for those that describe the old body. If respond
// does not answer, the old answer leaves, with what respond has changed about
// it. An error of respond takes the place of both: Replace returns it, and the
// hook has to return it. Middlewares have seen the old answer begin: they do
// not see the new one. A nil function, and a call outside of such a hook, is an
// error and changes nothing.
//
// Ktor: respond inside ResponseBodyReadyForSend.
func (c *Call) Replace(respond func(c *Call, old *Outgoing) error) error {
	hook := c.running
	if respond == nil {
		return errors.New("replace the answer: the function is nil")
	}
	if hook == 0 || c.answer.stage >= stageSent {
		return errors.New("replace the answer: none is being committed")
	}
	old, header, edge := c.answer, c.answer.out.Header, c.edge
	old.out.Header = header.Clone()
	deleteRepresentation(header)
	c.answer, c.edge, c.running = c.answer.anew(), nil, 0
	c.answer.preset = int32(old.out.Status)
	replacing := &c.seldom().replacing
	*replacing = append(*replacing, hook)
	stands := false
	defer func() { // also when respond ends its goroutine
		c.edge = edge
		if !stands {
			old.out.closeReader()
		}
	}()
	err := recovered(func(c *Call) error { return respond(c, &old.out) }, c)
	c.edge = edge
	if err == nil && c.answer.stage == stageSilent {
		*replacing = (*replacing)[:len(*replacing)-1]
		restoreRepresentation(header, old.out.Header)
		old.out.Header = header
		c.answer, c.running, stands = old, hook, true
		return nil
	}
	if err == nil && c.answer.stage == stageBegun {
		err = c.commitWhole()
	}
	c.answer.deaf = true
	return err
}

// replacing reports whether the hook at a place of the commit is responding
// anew: it does not run for its own answer.
func (c *Call) replacing(place uint16) bool {
	return c.rare != nil && slices.Contains(c.rare.replacing, place)
}
