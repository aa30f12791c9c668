package app

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/internal/wire"
)

// outlasting is what the own context of a call hangs on that may go on when the
// server has ended its context. It has the values of the server's and no end: the
// server's is passed on until the connection is taken over. What package engine
// knows of a connection stands for what net/http has put around it, because such a
// call may be one of very many. Nobody else may have put anything around that.
type outlasting struct {
	values context.Context               //nolint:containedctx // one is all that this is
	server atomic.Pointer[serverContext] // until the connection is taken over
	ender  ender                         // guarded by the mu of liveContexts

	// Of a call that goes on, nil before it is known to: the request as the handler
	// has seen it, and then as what is around the handler has left it.
	going        Taker
	inner, outer *http.Request
}

// An ender is who is told of the end of a context. It does what
// [context.AfterFunc] does with less: neither a channel nor a map for each.
type ender struct {
	unhook func() bool // lets the end of the server's context be, nil if that is over
	taker  Taker       // nil if there is none
	funcs  *endFunc    // each on a goroutine of its own
}

// An endFunc is one of several functions.
type endFunc struct {
	call func()
	next *endFunc
}

// tell tells of the end.
func (e ender) tell() {
	if e.unhook != nil {
		e.unhook()
	}
	for each := e.funcs; each != nil; each = each.next {
		go each.call()
	}
	if e.taker != nil {
		e.taker.ContextEnded()
	}
}

// A serverContext is the server's context of a call.
type serverContext struct{ context.Context } //nolint:containedctx // itself

type outlastingKey struct{}

// outlasting returns the call's own context, which it makes if there is none: one
// that may go on when the server has ended its context.
func (x callContext) outlasting() *liveContext {
	if live := x.call.live.Load(); live != nil {
		return live
	}
	server := x.call.arrived.Context()
	o := &outlasting{}
	if connection := wire.ConnectionOf(server); connection != nil {
		o.values = connection.Values()
	} else {
		o.values = context.WithoutCancel(server)
	}
	ctx, cancel := context.WithCancelCause(o)
	made := &liveContext{ctx, cancel}
	all := &x.call.Application().live
	o.server.Store(&serverContext{server})
	// It is called at once if that has ended.
	unhook := context.AfterFunc(server, func() { all.end(made, context.Cause(server)) })
	all.mu.Lock()
	o.ender.unhook = unhook
	all.mu.Unlock()
	return x.adopt(made)
}

// AfterFunc is [context.AfterFunc], which it is called for by those who know of it.
func (x callContext) AfterFunc(call func()) (stop func() bool) {
	live := x.call.live.Load()
	if live == nil || live.outlasting() == nil {
		return context.AfterFunc(x.waitable(), call)
	}
	return x.call.Application().live.afterFunc(live, call)
}

func (l *liveContexts) afterFunc(live *liveContext, call func()) (stop func() bool) {
	added := &endFunc{call: call}
	l.mu.Lock()
	defer l.mu.Unlock()
	if live.Err() != nil {
		go call()
		return func() bool { return false }
	}
	o := live.outlasting()
	o.ender.funcs, added.next = added, o.ender.funcs
	return func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for place := &o.ender.funcs; *place != nil; place = &(*place).next {
			if *place == added {
				*place = added.next
				return true
			}
		}
		return false
	}
}

// tell has taker told of the end of a context that does not end with the server's
// any more.
func (l *liveContexts) tell(live *liveContext, taker Taker) {
	l.mu.Lock()
	ended := live.Err() != nil
	if !ended {
		live.outlasting().ender.taker = taker
	}
	l.mu.Unlock()
	if ended {
		taker.ContextEnded()
	}
}

// leaveServer lets a context not end with the server's any more, and reports whether
// it has not.
func (l *liveContexts) leaveServer(live *liveContext) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	o := live.outlasting()
	if live.Err() != nil || o.ender.unhook == nil || !o.ender.unhook() {
		return false
	}
	o.ender.unhook = nil // which keeps the server's context
	o.server.Store(nil)
	return true
}

// follow ends the context if the server's has ended: what looks does not have to wait
// until that was passed on.
func (l *liveContext) follow() {
	if o := l.outlasting(); o != nil {
		server := o.server.Load()
		// Asked once more: of a call that has left the server's by then it says nothing.
		if server != nil && server.Err() != nil && o.server.Load() == server {
			l.cancel(context.Cause(server))
		}
	}
}

// outlasting returns what the context hangs on, nil if it ends with the server's.
func (l *liveContext) outlasting() *outlasting {
	o, _ := l.Value(outlastingKey{}).(*outlasting)
	return o
}

// takeEnder returns who is to be told of the end of the context, and lets it not be
// told again. The caller holds the mu of liveContexts.
func (l *liveContext) takeEnder() (told ender) {
	if o := l.outlasting(); o != nil {
		told, o.ender = o.ender, ender{}
	}
	return told
}

func (o *outlasting) Deadline() (time.Time, bool) { return time.Time{}, false }
func (o *outlasting) Done() <-chan struct{}       { return nil }
func (o *outlasting) Err() error                  { return nil }

func (o *outlasting) Value(key any) any {
	if key == any(outlastingKey{}) {
		return o
	}
	return o.values.Value(key)
}
