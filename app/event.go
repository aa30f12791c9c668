package app

import (
	"slices"
	"sync"
)

// An Event is something that is told to whoever has subscribed in an
// application: Ktor's EventDefinition and monitor. It is made once, by
// [NewEvent], as a package variable; subscriptions belong to one application.
// Its methods may be called from any goroutine.
type Event[T any] struct {
	name string
	key  *Key[*listeners[T]]
}

// The events of every application, in the order they happen. Work that belongs
// to a start or a stop, and may fail, is done by [Application.OnStart],
// [Application.OnStopPreparing] and [Application.OnStop] instead.
var (
	// ModulesLoaded tells that all modules have run and made no mistake.
	ModulesLoaded = NewEvent[*Application]("ModulesLoaded")
	// Started tells that the start hooks have run and calls are served. Nobody
	// listens on a network yet.
	Started = NewEvent[*Application]("Started")
	// ServerReady tells that the server's connectors are open. Servers raise
	// it: the one in package engine does.
	ServerReady = NewEvent[*Application]("ServerReady")
	// RoutingCallStarted tells that a route was found for a call; nothing of
	// the route has run yet.
	RoutingCallStarted = NewEvent[*Call]("RoutingCallStarted")
	// RoutingCallFinished tells that all of a route has run for a call, also if
	// it has failed.
	RoutingCallFinished = NewEvent[*Call]("RoutingCallFinished")
	// Stopping tells that no call is left, or none is waited for, and that the
	// application's context has ended.
	Stopping = NewEvent[*Application]("Stopping")
	// Stopped tells that the stop hooks have run. It is the last one, and comes
	// after a start that has failed as well.
	Stopped = NewEvent[*Application]("Stopped")
)

// NewEvent returns a new event. The name is for messages.
func NewEvent[T any](name string) *Event[T] {
	return &Event[T]{name: name, key: NewKey[*listeners[T]]("event " + name)}
}

// listeners are those of one event in one application.
type listeners[T any] struct {
	mu  sync.Mutex // guards all
	all []*func(T)
}

// Subscribe has listener called each time that the event is raised in a, until
// the function that it returns is called.
func (e *Event[T]) Subscribe(a *Application, listener func(T)) (unsubscribe func()) {
	a.eventsMu.Lock()
	known, ok := e.key.Get(a)
	if !ok {
		known = &listeners[T]{}
		e.key.Set(a, known)
	}
	a.eventsMu.Unlock()
	known.mu.Lock()
	defer known.mu.Unlock()
	known.all = append(known.all, &listener)
	return func() {
		known.mu.Lock()
		defer known.mu.Unlock()
		known.all = slices.DeleteFunc(known.all, func(one *func(T)) bool { return one == &listener })
	}
}

// Raise calls the listeners of the event in a, in the order they subscribed,
// and returns when all have returned. A panic of one is logged, and the others
// are called all the same.
func (e *Event[T]) Raise(a *Application, payload T) {
	known, ok := e.key.Get(a)
	if !ok {
		return
	}
	known.mu.Lock()
	all := slices.Clone(known.all)
	known.mu.Unlock()
	for _, listener := range all {
		e.tell(a, *listener, payload)
	}
}

func (e *Event[T]) tell(a *Application, listener func(T), payload T) {
	defer func() {
		if value := recover(); value != nil {
			a.Logger().Error("a listener panicked", "event", e.name, "error", panicked(value))
		}
	}()
	listener(payload)
}
