package app

import "net/http"

// A passage is the way of a call through its last middleware. Before and after
// it the call sees the request and the writer as they were; inside it sees what
// the middleware has passed on. A middleware runs inside of others, so that
// beginning its passage ends what was noted of theirs, and they note theirs
// anew when it has returned.
type passage uint32

// forkNews is how far a fork has come, for the call that it has left. It never
// changes.
type forkNews struct {
	endpoint *Endpoint
	failure  error // nil as long as there is none
}

// newsKey holds what the last fork of a call has told: few calls have one.
var newsKey = NewKey[*forkNews]("app.forkNews")

// What a middleware has done with the rest of the call.
const (
	passageOpen   passage = iota // nothing yet
	passageInside                // called it, on the call's goroutine; it has returned
	passageForked                // called it with a writer of its own: a fork runs it
	passageCut                   // the same, and the fork's answer lacks a part
	passageClosed                // returned; what it left behind comes too late

	passageBits = 3
	passageMask = 1<<passageBits - 1
)

// passed returns how far the passage has come.
func (d *door) passed() passage { return passage(d.state.Load() & passageMask) }

// pass notes how far it has come now, and returns how far it had come.
func (d *door) pass(to passage) (before passage) {
	for {
		state := d.state.Load()
		if d.state.CompareAndSwap(state, state&^passageMask|uint32(to)) {
			return passage(state & passageMask)
		}
	}
}

// passFrom is pass if it has come as far as from, and reports whether it has.
func (d *door) passFrom(from, to passage) bool {
	for {
		state := d.state.Load()
		if passage(state&passageMask) != from {
			return false
		}
		if d.state.CompareAndSwap(state, state&^passageMask|uint32(to)) {
			return true
		}
	}
}

// throughMiddleware returns a handler that lets a net/http middleware run
// around next, and whether it is not known to return early. The middleware is put
// around it once; the call finds its way through by the request's context.
func throughMiddleware(middleware func(http.Handler) http.Handler, next Handler) (handler Handler, around bool) {
	wrapped := middleware(early{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		enter(w, r, next)
	})})
	if wrapped == nil {
		return nil, true
	}
	known, returnsEarly := wrapped.(early)
	if returnsEarly {
		wrapped = known.Handler
	}
	return func(c *Call) error {
		if c.Answered() {
			return next(c)
		}
		c.door.pass(passageOpen)
		c.keep(nil)
		wrapped.ServeHTTP(c.Writer(), c.Request)
		come := c.door.pass(passageClosed)
		switch come {
		case passageInside:
			return c.kept()
		case passageCut:
			return http.ErrAbortHandler
		}
		if err := c.answerEmpty(); err != nil {
			return err
		}
		if come == passageForked {
			return c.hearOfFork() // the rest has run, or still runs, in it
		}
		return next(c) // it has answered by itself; the hooks that come later still run
	}, !returnsEarly
}

// enter is the inner edge of a middleware: what it passed on is bound to the
// call while the rest runs. An error is answered here, so that the middleware
// sees the real status, and kept for the outside.
func enter(w http.ResponseWriter, r *http.Request, next Handler) {
	c, ok := CallFrom(r.Context())
	if !ok {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	if !leadsTo(w, responseWriter{c}) {
		// Nothing of c has been read but whose it is: its goroutine may have
		// gone on. A fork may outlast the call, and is waited for like one; the
		// call cannot leave between.
		calls := &c.Application().gate
		calls.join()
		defer calls.leave()
		if c.door.passToFork() {
			c.fork(w, r, next)
		}
		return
	}
	request, edge := c.Request, c.edge
	if w != c.Writer() {
		c.edge = &edgeWriter{ResponseWriter: w, call: c}
	}
	c.Request = r
	var err error
	inner := c.edge
	defer func() { // also when the rest ends its goroutine, which need not be the call's
		if inner != edge {
			inner.door.close(c, doorShut)
		}
		if c.exited() {
			err = c.Failure()
		}
		c.Request, c.edge = request, edge
		c.door.pass(passageInside)
		c.keep(err)
	}()
	err = c.run(next)
}

// passToFork reports whether a fork may run the rest: a middleware may do so more
// than once, but not when the rest has run inside, or the call has gone on.
func (d *door) passToFork() bool {
	return d.passFrom(passageOpen, passageForked) || d.passed() == passageForked || d.passed() == passageCut
}

// leadsTo reports whether unwrapping w ends at the call's own writer.
func leadsTo(w, own http.ResponseWriter) bool {
	for {
		if w == own {
			return true
		}
		unwrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = unwrapper.Unwrap()
	}
}

// keep remembers err until the middleware around has returned.
func (c *Call) keep(err error) {
	if err != nil || c.rare != nil {
		c.seldom().kept = err
	}
}

// kept returns what keep was given last.
func (c *Call) kept() error {
	if c.rare == nil {
		return nil
	}
	return c.rare.kept
}

// isFork reports whether the call runs the rest of another one.
func (c *Call) isFork() bool { return c.rare != nil && c.rare.outer != nil }

// tellOuter tells the call that a fork has left how far it has come.
func (c *Call) tellOuter() {
	if c.isFork() {
		newsKey.Set(c.rare.outer, &forkNews{c.Endpoint(), c.Failure()})
	}
}

// hearOfFork notes what the fork of a middleware that has returned has told. It
// returns the error that the fork has failed with, and answered.
func (c *Call) hearOfFork() error {
	news, told := newsKey.Get(c)
	if !told {
		return nil
	}
	newsKey.Delete(c)
	rare := c.seldom()
	rare.reached = news.endpoint
	c.showPattern(news.endpoint)
	if rare.failure == nil {
		rare.failure = news.failure
	}
	return news.failure
}

// showPattern shows whoever runs around the application which route was reached,
// as http.ServeMux does. That of a fork is not theirs.
func (c *Call) showPattern(reached *Endpoint) {
	if reached.pattern != "" && !c.isFork() {
		c.arrived.Pattern = reached.pattern
	}
}

// fork runs the rest in a call of its own. A middleware whose writer does not
// lead back to ours, such as http.TimeoutHandler, may run the rest on another
// goroutine and abandon it: that goroutine gets the same request, the
// attributes as they are, and its own state, and shares nothing that changes.
// The commit hooks run outside, when the middleware writes out what it took.
func (c *Call) fork(w http.ResponseWriter, r *http.Request, next Handler) {
	// Shallow copies of a request share its maps, of headers and path values.
	forked := newCall(c.Application(), w, r.Clone(r.Context()))
	defer forked.close()
	forked.endpoint.Store(c.Endpoint())
	forked.routed = c.routed
	forked.attrs.head.Store(c.attrs.head.Load())
	forked.answer.plain = true
	forked.seldom().outer = c
	defer func() {
		// A middleware that has ended the context, or takes no more, answers by
		// itself, as http.TimeoutHandler does.
		if forked.answer.end == endCut && !forked.wire.Broken() && r.Context().Err() == nil {
			// Not by a panic: the goroutine may be one on which nobody recovers.
			c.door.passFrom(passageForked, passageCut)
		}
		forked.tellOuter()
	}()
	defer forked.endLateWork()
	defer forked.conclude()
	_ = forked.run(func(c *Call) error { return c.behindDoor(next) })
}
