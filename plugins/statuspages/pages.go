package statuspages

import (
	"errors"
	"maps"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// pages are the handlers of one installation. They never change, and serve any
// number of calls at once.
type pages struct {
	rules     rules
	statuses  map[int]statusHandler
	unhandled app.Handler // nil if there is none
}

// newPages returns the handlers that config names, or all mistakes in it.
func newPages(config Config) (*pages, error) {
	return &pages{config.rules.clone(), maps.Clone(config.statuses), config.unhandled}, config.mistakes.Err()
}

// handledKey marks a call whose error a handler for errors responds to.
var handledKey = app.NewKey[bool]("statuspages.handled")

func isHandled(c *app.Call) bool {
	handled, _ := handledKey.Get(c)
	return handled
}

// handleError is the hook that lets the handler for an error respond.
func (p *pages) handleError(c *app.Call, cause error) error {
	if c.Answered() { // by another hook, or the response has begun to leave
		return nil
	}
	handle := p.rules.find(cause)
	if handle == nil {
		return nil
	}
	if panicked, ok := errors.AsType[*app.PanicError](cause); ok {
		c.Application().Logger().ErrorContext(c.Context(), "the call panicked", "error", cause, "route", c.Route(),
			"stack", string(panicked.Stack))
	}
	handledKey.Set(c, true)
	err := handle(c)
	if err == nil && !c.Answered() {
		handledKey.Delete(c) // the error is answered as if no handler had seen it
	}
	return err
}

// handleStatus is the hook that lets the handler for a status replace the
// response before it leaves.
func (p *pages) handleStatus(c *app.Call, out *app.Outgoing) error {
	handle, named := p.statuses[out.Status]
	if !named || isHandled(c) || httpheader.IsEventStream(out.Header.Get("Content-Type")) {
		return nil
	}
	return c.Replace(handle)
}

// handleUnhandled is the hook that lets the handler for unhandled calls respond.
func (p *pages) handleUnhandled(c *app.Call) error {
	if c.Answered() {
		return nil
	}
	return p.unhandled(c)
}
