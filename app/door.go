package app

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// A door lets goroutines write to a call as long as its handlers run. One that a
// handler has left behind comes too late when they have returned: the server's
// writer, and the encoders on the way to it, are another request's before long.
// A write that is under way then is waited for.
//
// Only writes are inside, never what is waited for in order to write.
type door struct {
	left  chan struct{} // closed when the last one inside has left, if that is waited for
	state atomic.Int32  // how many are inside, times doorStep, and how far it is open
}

// How far a door is open.
const (
	doorOpen int32 = iota // whoever has a writer may write
	doorOwn               // only what the call runs itself may: hooks, the answer to an error
	doorShut              // nobody may: the call has ended
	doorStep
)

// enter reports whether a write may begin. If so, leave is called at its end.
func (d *door) enter() bool {
	for {
		state := d.state.Load()
		if state%doorStep != doorOpen {
			return false
		}
		if d.state.CompareAndSwap(state, state+doorStep) {
			return true
		}
	}
}

func (d *door) leave() {
	if state := d.state.Add(-doorStep); state/doorStep == 0 && state%doorStep != doorOpen {
		close(d.left)
	}
}

// close lets nobody in any more but those whom to leaves, and waits for those
// inside. It belongs to the call's goroutine.
func (d *door) close(to int32) {
	for {
		state := d.state.Load()
		inside := state - state%doorStep
		if inside > 0 {
			d.left = make(chan struct{})
		}
		if !d.state.CompareAndSwap(state, inside+to) {
			continue
		}
		if inside > 0 {
			<-d.left
		}
		return
	}
}

func (d *door) is(state int32) bool { return d.state.Load()%doorStep == state }

// errEnded is wrapped by what a goroutine gets that comes too late.
var errEnded = errors.New("the call has ended: start what belongs to it with Call.Go, which it waits for, and write in its handler")

// tooLate is the error of an operation on a call that has ended.
func tooLate(operation string) error { return fmt.Errorf("%s: %w", operation, errEnded) }
