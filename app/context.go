package app

import (
	"context"
	"sync"
	"time"
)

// callContext is the context of a call. It is no more than a pointer, so that it
// costs no allocation, and *Call shows no context methods. Its methods may be
// called from any goroutine.
type callContext struct{ call *Call }

type callKey struct{}

var _ context.Context = callContext{}

// liveContext is made for a call when somebody first waits for its end, and
// only if the server's contexts do not end with the application anyway; for one
// that takes its connection over, which is told of the stop before others; and for
// one that may go on when the server has ended its context.
type liveContext struct {
	context.Context
	cancel context.CancelCauseFunc
}

// liveContexts are those of an application. There may be one for each of very
// many open streams, and an entry here takes a small part of the memory that
// context.AfterFunc does.
type liveContexts struct {
	mu   sync.Mutex
	open map[*liveContext]struct{} // nil before the first one
}

// add lets a context end with the application's.
func (l *liveContexts) add(application context.Context, made *liveContext) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if application.Err() != nil {
		made.cancel(context.Cause(application))
		return
	}
	if l.open == nil {
		l.open = map[*liveContext]struct{}{}
		context.AfterFunc(application, l.endAll)
	}
	l.open[made] = struct{}{}
}

func (l *liveContexts) endAll() {
	l.mu.Lock()
	var told []ender
	for live := range l.open {
		live.cancel(ErrStopping)
		told = append(told, live.takeEnder())
	}
	clear(l.open)
	l.mu.Unlock()
	for _, ender := range told {
		ender.tell()
	}
}

// end ends a context, and tells who is to be told.
func (l *liveContexts) end(live *liveContext, cause error) {
	l.mu.Lock()
	delete(l.open, live)
	told := live.takeEnder()
	l.mu.Unlock()
	live.cancel(cause)
	told.tell()
}

func (x callContext) Value(key any) any {
	c := x.call
	if key == (callKey{}) {
		return c
	}
	if router := c.Application().router; router != nil && key == router.ContextKey() {
		return c.routerContext(router)
	}
	if live := x.call.live.Load(); live != nil {
		return live.Value(key)
	}
	return x.call.arrived.Context().Value(key)
}

func (x callContext) Deadline() (time.Time, bool) {
	if live := x.call.live.Load(); live != nil {
		return live.Deadline()
	}
	return x.call.arrived.Context().Deadline()
}

func (x callContext) Done() <-chan struct{} {
	if x.call.live.Load() == nil && x.call.asksForEvents() && x.call.isServedDirectly() {
		// Its connection may be taken over: then the server's context ends before.
		return x.outlasting().Done()
	}
	if _, own := x.waitable().(*liveContext); !own {
		// Whoever gives the call one of its own looks for the note afterwards.
		x.call.door.note(noteWaited, true)
	}
	return x.waitable().Done()
}

func (x callContext) Err() error { return x.waitable().Err() }

// waitable returns a context that ends with the server's and with the
// application's.
func (x callContext) waitable() context.Context {
	if live := x.call.live.Load(); live != nil {
		live.follow()
		return live
	}
	if parent := x.call.arrived.Context(); parent.Value(applicationKey{}) == any(x.call.Application()) {
		return parent
	}
	return x.own()
}

// own returns a context that is the call's alone, and ends as waitable says.
func (x callContext) own() *liveContext {
	if live := x.call.live.Load(); live != nil {
		return live
	}
	ctx, cancel := context.WithCancelCause(x.call.arrived.Context())
	return x.adopt(&liveContext{Context: ctx, cancel: cancel})
}

// adopt makes a context the call's own, unless it has one.
func (x callContext) adopt(made *liveContext) *liveContext {
	live := &x.call.Application().live
	live.add(x.call.Application().ctx, made)
	if x.call.live.CompareAndSwap(nil, made) {
		return made
	}
	live.end(made, context.Canceled)
	return x.call.live.Load()
}

// endContext ends the call's own context, if it has one. The server ends its
// contexts itself.
func (c *Call) endContext() {
	if live := c.live.Load(); live != nil {
		c.Application().live.end(live, context.Canceled)
	}
}

// routerBinding holds what a call's context answers with under
// [Router.ContextKey].
type routerBinding struct{ value any }

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
