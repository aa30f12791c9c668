package sse

import "sync/atomic"

// A cursor says how far a member has come in the log of its hub, and whether
// there is something for it. Two goroutines move it: the publisher tells it of
// an entry, and the member that delivers moves on. The zero cursor is away.
//
//	          tell                     rest, in two steps
//	idle ------------> busy ----------------> closing ----> idle
//	                    ^------------------------'
//	                     something has come since
//
// An idle cursor needs nothing of the log: all that is there is delivered, or is
// not for the member. So what holds a publisher up is a busy one alone.
type cursor struct {
	word atomic.Uint64 // the number of the next entry to look at, and the state
}

const (
	cursorAway uint64 = iota // behind the log, or the member has left: nobody tells it of anything
	cursorIdle
	cursorBusy
	cursorClosing
	cursorStates
)

// enter makes the cursor busy from an entry on. Nobody else moves it meanwhile.
func (c *cursor) enter(seq uint64) { c.word.Store(seq*cursorStates + cursorBusy) }

// leave lets nobody tell the cursor of anything any more.
func (c *cursor) leave() { c.word.Store(cursorAway) }

// tell says that an entry is for the member, and reports whether it has to be
// woken. The entry is in the log.
func (c *cursor) tell(seq uint64) (wake bool) {
	for {
		word := c.word.Load()
		switch word % cursorStates {
		case cursorIdle:
			if word/cursorStates > seq {
				return false // the member has seen it in the log, and delivered it
			}
			if c.word.CompareAndSwap(word, seq*cursorStates+cursorBusy) {
				return true
			}
		case cursorClosing: // whoever closes it finds it busy again
			if c.word.CompareAndSwap(word, word-cursorClosing+cursorBusy) {
				return false
			}
		default:
			return false
		}
	}
}

// position returns the number of the next entry to look at, and whether there
// may be one.
func (c *cursor) position() (seq uint64, pending bool) {
	word := c.word.Load()
	state := word % cursorStates
	return word / cursorStates, state == cursorBusy || state == cursorClosing
}

// advance moves a busy cursor on, and reports whether it still is one.
func (c *cursor) advance(seq uint64) bool {
	word := c.word.Load()
	return word%cursorStates == cursorBusy && c.word.CompareAndSwap(word, seq*cursorStates+cursorBusy)
}

// rest makes a busy cursor idle, if the log ends where it stands, and reports
// whether it did. The publisher puts an entry into the log before it tells of
// it, so either it is seen here or the publisher finds the cursor at rest.
func (c *cursor) rest(log *hubLog) bool {
	word := c.word.Load()
	if word%cursorStates != cursorBusy {
		return true // it has left
	}
	closing := word - cursorBusy + cursorClosing
	if !c.word.CompareAndSwap(word, closing) {
		return true
	}
	if log.next.Load() > word/cursorStates {
		c.word.CompareAndSwap(closing, word)
		return false
	}
	return c.word.CompareAndSwap(closing, closing-cursorClosing+cursorIdle)
}
