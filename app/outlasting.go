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
// call may be one of very many.
type outlasting struct {
	values context.Context               //nolint:containedctx // one is all that this is
	unhook func() bool                   // lets the end of the server's context be
	server atomic.Pointer[serverContext] // until the connection is taken over

	taker Taker // who is told of the end; nil if nobody is; guarded by the mu of liveContexts

	// Of a call that goes on, nil before it is known to: the request as the handler
	// has seen it, and then as what is around the handler has left it.
	going        Taker
	inner, outer *http.Request
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
	o.server.Store(&serverContext{server})
	o.unhook = context.AfterFunc(server, func() { cancel(context.Cause(server)) })
	return x.adopt(&liveContext{ctx, cancel})
}

// follow ends the context if the server's has ended: what looks does not have to wait
// until that was passed on.
func (l *liveContext) follow() {
	if o := l.outlasting(); o != nil {
		if server := o.server.Load(); server != nil && server.Err() != nil {
			l.cancel(context.Cause(server))
		}
	}
}

// outlasting returns what the context hangs on, nil if it ends with the server's.
func (l *liveContext) outlasting() *outlasting {
	o, _ := l.Value(outlastingKey{}).(*outlasting)
	return o
}

// takeTaker returns who was to be told of the end of the context, and lets it not be
// told again. The caller holds the mu of liveContexts.
func (l *liveContext) takeTaker() (taker Taker) {
	if o := l.outlasting(); o != nil {
		taker, o.taker = o.taker, nil
	}
	return taker
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
