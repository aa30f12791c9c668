package app

import "sync/atomic"

// A state is how far an application has come. It only grows.
type state int32

const (
	// stateNew: nothing has run. Whoever has made the application may configure
	// it.
	stateNew state = iota
	// stateModules: the modules run, and may configure it.
	stateModules
	// stateLoaded: the modules have run. What they have declared is checked:
	// mistakes are still accepted, and nothing else.
	stateLoaded
	// stateStarting: there was no mistake, and the start hooks run.
	stateStarting
	// stateRunning: calls are served.
	stateRunning
	// stateDraining: calls are served, and whoever sends them should stop to.
	stateDraining
	// stateStopping: calls are turned away, and those that are inside may end.
	stateStopping
	// stateStopped: all is done, also after a start that has failed.
	stateStopped
)

// String says in which state the application is, as in "the application is
// running".
func (s state) String() string {
	return nameOf("state", int(s), "new", "loading modules", "loaded", "starting", "running", "draining", "stopping", "stopped")
}

// atomicState is the state of an application. Start and Stop, which may run at
// the same time, change it; anybody may read it.
type atomicState struct{ value atomic.Int32 }

func (s *atomicState) Load() state { return state(s.value.Load()) }

// move goes from one state to another, and reports whether the application was
// in the former.
func (s *atomicState) move(from, to state) bool {
	return s.value.CompareAndSwap(int32(from), int32(to))
}

// advance goes to a state unless a later one was reached, and returns the state
// before.
func (s *atomicState) advance(to state) (before state) {
	for {
		before = s.Load()
		if before >= to || s.move(before, to) {
			return before
		}
	}
}
