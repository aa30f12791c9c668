package app

import (
	"context"
	"time"
)

// callContext is the context of a call: the call itself under another method set, so that it costs no
// allocation and *Call shows no context methods. Its methods may be called from any goroutine.
type callContext Call

type callKey struct{}

var _ context.Context = (*callContext)(nil)

// liveContext is made for a call when somebody first waits for its end, and only if the server's
// contexts do not end with the application anyway.
type liveContext struct {
	context.Context
	cancel context.CancelCauseFunc
	unhook func() bool
}

func (x *callContext) Value(key any) any {
	c := (*Call)(x)
	if key == (callKey{}) {
		return c
	}
	if router := c.app.router; router != nil && key == router.ContextKey() {
		return c.routerContext(router)
	}
	if live := x.live.Load(); live != nil {
		return live.Value(key)
	}
	return x.request.Context().Value(key)
}

func (x *callContext) Deadline() (time.Time, bool) { return x.request.Context().Deadline() }
func (x *callContext) Done() <-chan struct{}       { return x.waitable().Done() }
func (x *callContext) Err() error                  { return x.waitable().Err() }

// waitable returns a context that ends with the server's and with the application's.
func (x *callContext) waitable() context.Context {
	if live := x.live.Load(); live != nil {
		return live
	}
	parent := x.request.Context()
	if parent.Value(applicationKey{}) == x.app {
		return parent
	}
	ctx, cancel := context.WithCancelCause(parent)
	made := &liveContext{Context: ctx, cancel: cancel}
	made.unhook = context.AfterFunc(x.app.ctx, func() { cancel(ErrStopping) })
	if x.live.CompareAndSwap(nil, made) {
		return made
	}
	made.end()
	return x.live.Load()
}

func (l *liveContext) end() {
	l.unhook()
	l.cancel(context.Canceled)
}

// endContext ends the call's own context, if it has one. The server ends its contexts itself.
func (c *Call) endContext() {
	if live := c.live.Load(); live != nil {
		live.end()
	}
}

// routerBinding holds what a call's context answers with under [Router.ContextKey].
type routerBinding struct{ value any }

// BindRouter binds the router's own context to the call. It is for routers.
func (c *Call) BindRouter(value any) { c.bound.Store(&routerBinding{value}) }

// BoundRouter returns the router's own context, or nil if nobody has asked for it yet. It is for routers.
func (c *Call) BoundRouter() any {
	if bound := c.bound.Load(); bound != nil {
		return bound.value
	}
	return nil
}

func (c *Call) routerContext(router Router) any {
	if bound := c.bound.Load(); bound != nil {
		return bound.value
	}
	made := &routerBinding{router.RouterContext(c, c.routed)}
	if c.bound.CompareAndSwap(nil, made) {
		return made.value
	}
	return c.bound.Load().value
}
