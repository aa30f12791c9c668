package app

import (
	"net/http"
)

// throughMiddleware returns a handler that lets a net/http middleware run around next. The middleware is put
// around it once; the call finds its way through by the request's context.
func throughMiddleware(middleware func(http.Handler) http.Handler, next Handler) Handler {
	wrapped := middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		enter(w, r, next)
	}))
	if wrapped == nil {
		return nil
	}
	return func(c *Call) error {
		if c.answered {
			return next(c)
		}
		c.reached = false
		c.forking.Store(forkOpen)
		c.keep(nil)
		wrapped.ServeHTTP(c.writer, c.Request)
		if !c.reached {
			c.answerEmpty()
			if !c.forking.CompareAndSwap(forkOpen, forkClosed) {
				return nil // the rest has run, or still runs, in a fork
			}
			return next(c) // it has answered by itself; the hooks that come later still run
		}
		if c.rare == nil {
			return nil
		}
		return c.rare.kept
	}
}

// enter is the inner edge of a middleware: what it passed on is bound to the call while the rest runs. An error
// is answered here, so that the middleware sees the real status, and kept for the outside.
func enter(w http.ResponseWriter, r *http.Request, next Handler) {
	c, ok := CallFrom(r.Context())
	if !ok {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	if !leadsTo(w, (*responseWriter)(c)) {
		// Nothing of c that changes has been read: its goroutine may have gone on.
		if c.forking.CompareAndSwap(forkOpen, forkTaken) || c.forking.Load() == forkTaken {
			c.fork(w, r, next)
		}
		return
	}
	request, writer := c.Request, c.writer
	if w != writer {
		c.writer = &edgeWriter{w, c}
	}
	c.Request = r
	err := recovered(next, c)
	if err != nil {
		c.fail(err)
	}
	c.Request, c.writer = request, writer
	c.reached = true
	c.keep(err)
}

// leadsTo reports whether unwrapping w ends at the call's own writer.
func leadsTo(w http.ResponseWriter, own *responseWriter) bool {
	for {
		if w == http.ResponseWriter(own) {
			return true
		}
		unwrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = unwrapper.Unwrap()
	}
}

// The states of a call towards the forks of its last middleware. The rest runs inside or outside, not twice.
const (
	forkOpen   int32 = iota
	forkTaken        // a fork runs the rest
	forkClosed       // the middleware has returned without the rest, and a goroutine that it left behind comes too late
)

// fork runs the rest in a call of its own. A middleware whose writer does not lead back to ours, such as
// http.TimeoutHandler, may run the rest on another goroutine and abandon it: that goroutine gets the same
// request, the attributes as they are, and its own state, and shares nothing that changes. The
// commit hooks run outside, when the middleware writes out what it took.
func (c *Call) fork(w http.ResponseWriter, r *http.Request, next Handler) {
	forked := newCall(c.app, w, r.Clone(r.Context())) // the maps of a request are shared by its shallow copies: path values, headers
	forked.endpoint, forked.routed = c.endpoint, c.routed
	forked.attrs.head.Store(c.attrs.head.Load())
	forked.hookless = true
	defer forked.endContext()
	defer forked.endBody()
	if err := forked.endWork(recovered(next, forked)); err != nil {
		forked.fail(err)
	}
	forked.finish()
	if forked.aborted {
		panic(http.ErrAbortHandler)
	}
}
