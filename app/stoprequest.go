package app

import (
	"context"
	"strconv"
	"sync"
)

// An ExitError is what [Application.RequestStop] is given where the process
// shall end with a status of its own. Whatever runs the server returns it, and
// engine.Main exits with its code.
type ExitError struct {
	// Code is the status that the process ends with, as for os.Exit.
	Code int
	// Cause says why, for the log. It may be nil.
	Cause error
}

// Error implements error.
func (e *ExitError) Error() string {
	text := "exit status " + strconv.Itoa(e.Code)
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *ExitError) Unwrap() error { return e.Cause }

// stopRequests are what the application is asked to do about its own end.
type stopRequests struct {
	once    sync.Once
	mu      sync.Mutex // guards handler
	handler func(cause error)
}

// RequestStop asks whoever runs the application to stop it, and returns at once.
// It is for code inside the application, which cannot wait for its own end: a
// handler, a plugin, work of [Application.Go]. The server of package engine
// stops as for a signal, and its Run returns cause, which may be nil for a stop
// that is no failure, or an [*ExitError]. Where no server handles it, the
// application stops by itself; the server that it is mounted in goes on, and
// gets 503. Only the first request counts. It may be called from any goroutine.
func (a *Application) RequestStop(cause error) {
	a.requests.once.Do(func() {
		a.requests.mu.Lock()
		handler := a.requests.handler
		a.requests.mu.Unlock()
		if handler != nil {
			handler(cause)
			return
		}
		a.Logger().Info("stopping, as the application has asked for", "cause", cause)
		go func() {
			if err := a.Stop(context.Background()); err != nil {
				a.Logger().Error("the application has stopped as it has asked for", "error", err)
			}
		}()
	})
}

// HandleStopRequests has handler called, at most once, when
// [Application.RequestStop] is: it is for servers, and package engine calls it.
// Handler has to stop the application, and must not wait for that. The last one
// counts, and nil is the application's own.
func (a *Application) HandleStopRequests(handler func(cause error)) {
	a.requests.mu.Lock()
	defer a.requests.mu.Unlock()
	a.requests.handler = handler
}
