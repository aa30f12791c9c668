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
// Only writes are inside, never what is waited for in order to write. The state
// has room for a passage and two notes, so that a call stays small.
type door struct {
	// How many are inside, times doorStep, and how far it is open.
	state atomic.Uint32
}

// How far a door is open.
const (
	// doorOpen: whoever has a writer may write.
	doorOpen uint32 = iota << passageBits
	// doorOwn: only what the call runs itself may: hooks, the answer to an error.
	doorOwn
	// doorShut: nobody may, the call has ended.
	doorShut

	doorMask = 3 << passageBits
	doorStep = 16 << passageBits
)

// What else is noted in the state of a door, so that a call stays small.
const (
	// noteHandler: the one handler of a route that streams is running, and nothing
	// of the route is around it.
	noteHandler uint32 = 4 << passageBits
	// noteWaited: somebody waits for the end of the server's context.
	noteWaited uint32 = 8 << passageBits
)

// note notes something, or that it is so no more.
func (d *door) note(what uint32, so bool) {
	for {
		state := d.state.Load()
		noted := state &^ what
		if so {
			noted |= what
		}
		if noted == state || d.state.CompareAndSwap(state, noted) {
			return
		}
	}
}

func (d *door) noted(what uint32) bool { return d.state.Load()&what != 0 }

// enter reports whether a write may begin. If so, leave is called at its end.
func (d *door) enter() bool {
	for {
		state := d.state.Load()
		if state&doorMask != doorOpen {
			return false
		}
		if d.state.CompareAndSwap(state, state+doorStep) {
			return true
		}
	}
}

// leave ends a write to c. The last one that a closed door waits for says so.
func (d *door) leave(c *Call) {
	if state := d.state.Add(^uint32(doorStep - 1)); state < doorStep && state&doorMask != doorOpen {
		left := c.Application().left
		left.L.Lock()
		defer left.L.Unlock()
		left.Broadcast()
	}
}

// close lets nobody in any more but those whom to leaves, and waits for those
// inside. To write when the handlers have returned is a mistake, so that all
// who wait may share what wakes them. It belongs to the goroutine of c.
func (d *door) close(c *Call, to uint32) {
	for {
		state := d.state.Load()
		if d.state.CompareAndSwap(state, state&^doorMask|to) {
			break
		}
	}
	if d.state.Load() < doorStep {
		return
	}
	left := c.Application().left
	left.L.Lock()
	defer left.L.Unlock()
	for d.state.Load() >= doorStep {
		left.Wait()
	}
}

func (d *door) is(state uint32) bool { return d.state.Load()&doorMask == state }

// errEnded is wrapped by what a goroutine gets that comes too late.
var errEnded = errors.New("the call has ended: start what belongs to it with Call.Go, which it waits for, and write in its handler")

// tooLate is the error of an operation on a call that has ended.
func tooLate(operation string) error { return fmt.Errorf("%s: %w", operation, errEnded) }
