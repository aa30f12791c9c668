package app

import (
	"errors"
	"fmt"
	"slices"
)

// An Endpoint is where routing ends: the handlers of one route with everything
// that the scopes around them do with a call, put together once. Routers make
// endpoints when they freeze; they never change afterwards and serve any number
// of calls at once.
type Endpoint struct {
	scope   *scope
	pattern string
	serve   Handler
	send    [sendSteps][]SendHook
	receive [receiveSteps][]ReceiveHook
	failed  []FailedHook // in the order they run: inner scopes first, last installed first
	sent    []func(*Call)
	hijack  []HijackHook

	handlers []Handler // of a route, for messages
	around   string    // what stands around them, see codeAround
	streams  bool
	said     said
}

// Serve lets the endpoint serve the call. From here on its hooks are the call's
// hooks.
func (e *Endpoint) Serve(c *Call) error {
	c.endpoint.Store(e)
	c.routed = c.Request
	c.showPattern(e)
	c.tellOuter()
	a := c.Application()
	if a.events.unheard() {
		return e.serve(c)
	}
	RoutingCallStarted.Raise(a, c)
	defer func() {
		if c.goingOn() == nil { // else it is told at the end
			RoutingCallFinished.Raise(a, c)
		}
	}()
	return e.serve(c)
}

// Pattern returns the pattern that the endpoint was made with.
func (e *Endpoint) Pattern() string { return e.pattern }

// SetStreams says that the endpoint answers with an event stream. It is for
// routers, before the endpoint serves a call.
func (e *Endpoint) SetStreams() { e.streams = true }

// Streams reports whether the endpoint was declared to answer with an event
// stream, so that a plugin that refuses calls can spare it what an EventSource
// does not understand, such as a redirect to a page. It is false for a handler
// that may answer with a stream, and before routing.
func (e *Endpoint) Streams() bool { return e.streams }

func handle(handlers []Handler, fallback Handler) Handler {
	return func(c *Call) error {
		passed := false // by the last one that was run
		for _, handler := range handlers {
			if c.Answered() {
				return nil
			}
			// Recovered here and not further out, so that interceptors see a
			// panic as the error it becomes.
			err := c.handleBy(handler, len(handlers) == 1)
			if passed = errors.Is(err, ErrPass) && !c.Answered(); err != nil && !passed {
				return err
			}
		}
		switch {
		case c.Answered():
			return nil
		case passed:
			c.seldom().passed = true
		}
		return fallback(c)
	}
}

// handleBy runs a handler of the endpoint that the call has reached. Alone says that
// it is the only one. If it is to stream, nothing of the route is around it.
func (c *Call) handleBy(handler Handler, alone bool) error {
	if !alone || !c.Endpoint().streams {
		return recovered(handler, c)
	}
	c.door.note(noteHandler, true)
	defer c.door.note(noteHandler, false)
	return recovered(handler, c)
}

// newEndpoint collects the hooks of s and of the scopes around it.
func newEndpoint(s *scope, pattern string) *Endpoint {
	e := &Endpoint{scope: s, pattern: pattern}
	for _, part := range s.nesting() {
		for step := range part.send {
			e.send[step] = append(e.send[step], part.send[step].running(s).functions()...)
		}
		for step := range part.receive {
			e.receive[step] = append(e.receive[step], part.receive[step].running(s).functions()...)
		}
		e.sent = append(e.sent, part.sent.running(s).functions()...)
		e.hijack = append(e.hijack, part.hijack.running(s).functions()...)
		for _, failed := range part.failed.running(s) {
			e.failed = append([]FailedHook{failed.run}, e.failed...)
		}
	}
	return e
}

// effective returns the interceptors of the phases from first to last in the
// order they run. For the application they are its own; for a route they are
// those of the scopes between the application and the handlers, since the
// application's own have run by then.
func (s *scope) effective(first, last Phase) []interceptor {
	scopes := s.nesting()
	if s.parent != nil {
		scopes = scopes[1:]
	}
	var interceptors []interceptor
	for phase := first; phase <= last; phase++ {
		for _, part := range scopes {
			for _, found := range part.interceptors[phase].running(s) {
				interceptors = append(interceptors, interceptor{found, phase})
			}
		}
	}
	return interceptors
}

// An interceptor is one of a scope's with the phase it belongs to.
type interceptor struct {
	hook[wrapper]

	phase Phase
}

// chain wraps end in the interceptors, the first outermost, and says which is the
// first that stands around end.
func chain(interceptors []interceptor, end Handler) (handler Handler, around string, err error) {
	handler = end
	for _, interceptor := range slices.Backward(interceptors) {
		wrapped, stands, failed := interceptor.apply(handler)
		if failed != nil {
			err = errors.Join(fmt.Errorf("%s: %w", interceptor.site, failed), err)
			continue
		}
		handler = wrapped
		if stands {
			around = interceptor.String()
		}
	}
	return handler, around, err
}

// apply calls the interceptor, which is foreign code and may panic.
func (i interceptor) apply(next Handler) (handler Handler, around bool, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("put %s phase together: %w", i.phase, ended(value))
		}
	}()
	if handler, around = i.run(next); handler == nil {
		return nil, false, fmt.Errorf("put %s phase together: the interceptor returned nil", i.phase)
	}
	return handler, around, nil
}
