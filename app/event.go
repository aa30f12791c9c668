package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// An Event is something that whoever has subscribed in an application is told.
// It is made once, by [NewEvent], as a package variable; subscriptions belong
// to one application. Its methods may be called from any goroutine. The zero
// Event is not usable.
//
// Ktor: EventDefinition, with subscribe and raise of its Events.
type Event[T any] struct{ id *eventName }

// The events of every application, in the order they happen. Work that belongs
// to a start or a stop, and may fail, is done by [Application.OnStart],
// [Application.OnStopPreparing] and [Application.OnStop] instead.
var (
	// ModulesLoaded tells that all modules have run and made no mistake. One
	// that a listener records with [Application.Fail] is returned by Start. See
	// also [Application.OnModulesLoaded].
	ModulesLoaded = NewEvent[*Application]("ModulesLoaded")
	// Started tells that the start hooks have run and calls are served. No
	// connector is open yet.
	Started = NewEvent[*Application]("Started")
	// ServerReady tells that the server's connectors are open. Servers raise
	// it: the one in package engine does.
	ServerReady = NewEvent[*Application]("ServerReady")
	// RoutingCallStarted tells that a route was found for a call; nothing of
	// the route has run yet.
	RoutingCallStarted = NewEvent[*Call]("RoutingCallStarted")
	// RoutingCallFinished tells that all of a route has run for a call, also if
	// it has failed. The first to subscribe to any event of the application is
	// not told of the calls that run already.
	RoutingCallFinished = NewEvent[*Call]("RoutingCallFinished")
	// Draining tells that the application is about to stop: calls are served as
	// before, and it is time to have them sent elsewhere. It comes once, before
	// the stop-preparing hooks: see [Application.Drain].
	Draining = NewEvent[*Application]("Draining")
	// Stopping tells that no call is left, or none is waited for, and that the
	// application's context has ended.
	Stopping = NewEvent[*Application]("Stopping")
	// Stopped tells that the stop hooks have run. It is the last one, and comes
	// after a start that has failed as well.
	Stopped = NewEvent[*Application]("Stopped")
)

// NewEvent returns a new event. The name is for messages.
func NewEvent[T any](name string) *Event[T] {
	return &Event[T]{&eventName{name}}
}

// Subscribe has listener called each time that the event is raised in a, until
// the function that it returns is called. A nil listener is a mistake.
func (e *Event[T]) Subscribe(a *Application, listener func(T)) (unsubscribe func()) {
	site := Caller(1)
	if listener == nil {
		a.FailAt(site, fmt.Errorf("subscribe to %s: the listener is nil", e.id.text))
		return func() {}
	}
	known := e.listeners(a)
	known.mu.Lock()
	defer known.mu.Unlock()
	// Whoever is being told reads a shorter slice, and not what is added behind
	// its end.
	added := &subscription[T]{listener, site}
	all := append(known.load(), added)
	known.all.Store(&all)
	return func() {
		known.mu.Lock()
		defer known.mu.Unlock()
		left := slices.DeleteFunc(slices.Clone(known.load()), func(one *subscription[T]) bool { return one == added })
		known.all.Store(&left)
	}
}

// Raise calls the listeners of the event in a, in the order they subscribed,
// and returns when all have returned. A panic of one is logged, and the others
// are called all the same. Without subscribers it costs next to nothing.
func (e *Event[T]) Raise(a *Application, payload T) {
	each(e.subscribed(a), func(s *subscription[T]) { e.tell(a, s.listener, payload) })
}

// raiseWithin is Raise for a stop: it waits for a listener as long as ctx
// lasts, and returns an error that names those which have not returned, or
// have panicked.
func (e *Event[T]) raiseWithin(ctx context.Context, a *Application, payload T) error {
	var errs []error
	for _, s := range e.subscribed(a) {
		name := placed("the listener of "+e.id.text, nil, s.site)
		errs = append(errs, a.within(ctx, name, func(context.Context) error { s.listener(payload); return nil }))
	}
	return errors.Join(errs...)
}

// subscribed returns who is told of the event in a.
func (e *Event[T]) subscribed(a *Application) []*subscription[T] {
	if found := a.events.find(e.id); found != nil {
		return found.(*listeners[T]).load()
	}
	return nil
}

func (e *Event[T]) tell(a *Application, listener func(T), payload T) {
	Attempt(func() error { listener(payload); return nil }, func(err error) {
		if err != nil {
			a.Logger().Error("a listener panicked", withStack(err, "event", e.id.text)...)
		}
	})
}

// listeners returns those of the event in a, and makes the place for them if
// there is none.
func (e *Event[T]) listeners(a *Application) *listeners[T] {
	a.events.mu.Lock()
	defer a.events.mu.Unlock()
	if found := a.events.find(e.id); found != nil {
		return found.(*listeners[T])
	}
	made := &listeners[T]{}
	a.events.add(e.id, made)
	return made
}

// listeners are those of one event in one application.
type listeners[T any] struct {
	mu  sync.Mutex // orders changes
	all atomic.Pointer[[]*subscription[T]]
}

type subscription[T any] struct {
	listener func(T)
	site     Site // the line that subscribed
}

// load returns the listeners as they are: what it returns never changes.
func (l *listeners[T]) load() []*subscription[T] {
	if all := l.all.Load(); all != nil {
		return *all
	}
	return nil
}

// eventName is what an event is known by: its address.
type eventName struct{ text string }

// events are those that somebody has ever subscribed to in an application. A
// call raises two: looking for them takes one atomic load and a comparison for
// each event that has listeners.
type events struct {
	mu  sync.Mutex // orders changes
	all atomic.Pointer[[]heardEvent]
}

type heardEvent struct {
	id        *eventName
	listeners any // *listeners[T]
}

// unheard reports whether nobody has ever subscribed to any event.
func (e *events) unheard() bool { return e.all.Load() == nil }

// find returns the *listeners[T] of an event, or nil.
func (e *events) find(id *eventName) any {
	all := e.all.Load()
	if all == nil {
		return nil
	}
	for _, heard := range *all {
		if heard.id == id {
			return heard.listeners
		}
	}
	return nil
}

// add is called with mu locked.
func (e *events) add(id *eventName, listeners any) {
	var all []heardEvent
	if before := e.all.Load(); before != nil {
		all = slices.Clone(*before)
	}
	all = append(all, heardEvent{id, listeners})
	e.all.Store(&all)
}
