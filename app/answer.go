package app

import (
	"fmt"
	"net/http"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// The life of an answer.
//
//	                     stageSilent   nobody has answered; SetStatus and headers are kept
//	                       |     ^
//	    Respond, a status, |     | discard: an error, a panic or a failed hook takes
//	    a write, a flush   |     | it back, with the headers that described it;
//	                       v     | Replace begins a new one beside it
//	                     stageBegun    a value, or up to 511 bytes, with a status perhaps
//	                       |
//	    512 bytes, a flush,| commit: send hooks, then the head
//	    the handler's end  v
//	                     stageSent     the rest of the body goes where the commit has
//	                       |           chosen: the wire, the wraps before it, nowhere
//	                       v
//	                     finish        the last bytes have left, nothing is written any more
//
//	    Hijack leads from any of the first three to stageHijacked, which is the end
//	    of the answer: the connection is somebody else's.
//
// A stage is only ever left for a later one, but for discard. How the body ends is
// a second question, since a whole body may be known long before it is sent, or
// only after:
//
//	    endOpen     more may come
//	    endWhole    Respond has handed over all of it
//	    endCut      a part is missing or somebody asked for it: the connection is cut
//
// And who may still say something is a third: after an error has taken the
// place of an answer, what the writers of middlewares still send is dropped (deaf).

// stage is how far an answer has come.
type stage uint8

const (
	stageSilent stage = iota
	stageBegun
	stageSent
	stageHijacked
)

// end is how the body of an answer ends.
type end uint8

const (
	endOpen end = iota
	endWhole
	endCut
)

// sniffLength is how many bytes are held back before a response is committed:
// as many as http.DetectContentType looks at.
const sniffLength = 512

// An answer is the response of a call as a value: an error can take it back, and
// Replace keeps a copy of it, until it is sent. It belongs to whoever writes: the
// call's goroutine, or one at a time of those that it lets write.
type answer struct {
	out     Outgoing
	sink    BodyWriter // where the body goes from the commit on, nil before
	held    *heldBytes // the first bytes of a stream before the commit, nil if there are none
	written int64      // bytes of the body that were taken, before any wrapping

	preset int32 // the status that was set before anybody answered, 0 for none
	stage  stage
	end    end
	deaf   bool // something has taken its place, and what is still written is dropped
	plain  bool // it is committed without hooks: one has failed, or they run outside of a fork
}

// heldBytes is what is held back of a stream. It is pooled.
type heldBytes struct {
	n    int
	data [sniffLength]byte
}

func (h *heldBytes) bytes() []byte {
	if h == nil {
		return nil
	}
	return h.data[:h.n]
}

// isStatus reports whether status may be that of a response, and not only
// precede one (RFC 9110 section 15).
func isStatus(status int) bool {
	return status >= 200 && status <= 999 || status == http.StatusSwitchingProtocols
}

func checkStatus(status int) error {
	if !isStatus(status) {
		return fmt.Errorf("%d is not the status of a response", status)
	}
	return nil
}

// bodyAllowed is RFC 9110's rule for which responses have a body.
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// begin notes that somebody has begun to answer. It returns the status that was
// set before, or 0, and always 0 if somebody else had begun.
func (a *answer) begin() (preset int) {
	if a.stage != stageSilent {
		return 0
	}
	a.stage = stageBegun
	return int(a.preset)
}

// isOpen reports whether what is written or flushed next belongs to an answer
// that is not sent.
func (a *answer) isOpen() bool { return a.stage <= stageBegun && !a.deaf }

// settle decides the status of an answer that has begun without naming one.
func (a *answer) settle() {
	if a.out.Status == 0 {
		a.out.Status = int(a.preset)
	}
	if a.out.Status == 0 {
		a.out.Status = http.StatusOK
	}
}

// complete notes that all of the body has been handed over.
func (a *answer) complete() {
	if a.end == endOpen {
		a.end = endWhole
	}
}

// incomplete reports whether a body that is being sent lacks a part.
func (a *answer) incomplete() bool {
	if a.stage != stageSent || a.end == endWhole || a.sink == BodyWriter(nowhere{}) {
		return false
	}
	switch a.out.body.kind {
	case bodyStream:
		return a.out.length < 0 || a.written < a.out.length
	case bodyReader:
		return a.written < a.out.length
	default:
		return false
	}
}

// overdue returns how many of the declared bytes of a stream are still due,
// negative if too many were written, and 0 if none were declared or it goes
// nowhere.
func (a *answer) overdue() int64 {
	if a.out.body.kind != bodyStream || a.out.length < 0 || a.sink == BodyWriter(nowhere{}) {
		return 0
	}
	return a.out.length - a.written
}

// cutIncomplete cuts the connection if a part is missing, so that the client
// does not take what it has for the whole.
func (a *answer) cutIncomplete() {
	if a.incomplete() || a.overdue() < 0 {
		a.end = endCut
	}
}

// discard takes back an answer that is not sent, with the headers that described
// it or said how to keep it, here and in the writer of the middleware around.
func (c *Call) discard() {
	old := c.answer
	for _, header := range []http.Header{old.out.Header, c.Header()} {
		deleteRepresentation(header)
		httpheader.DeleteKeeping(header)
	}
	c.answer = old.anew()
	c.answer.plain = old.plain
	if old.out.body.reader != nil { // last: it is foreign
		out := old.out
		c.closeBody(&out)
	}
}

// anew returns the answer that takes the place of a: nobody has begun it, and
// all that stays is the header, and that the connection is to be cut.
func (a *answer) anew() answer {
	fresh := answer{out: Outgoing{Header: a.out.Header}}
	if a.end == endCut {
		fresh.end = endCut
	}
	return fresh
}

// hold keeps p back if there is room for it, and reports whether it did.
func (c *Call) hold(p []byte) bool {
	a := &c.answer
	if a.out.body.kind != bodyNone || len(a.held.bytes())+len(p) >= sniffLength {
		return false
	}
	if a.held == nil {
		a.held, _ = c.Application().held.Get().(*heldBytes)
		if a.held == nil {
			a.held = &heldBytes{}
		}
	}
	a.held.n += copy(a.held.data[a.held.n:], p)
	return true
}

// release gives back what held bytes, when nobody reads or writes any more.
func (c *Call) release(held *heldBytes) {
	if held != nil {
		held.n = 0
		c.Application().held.Put(held)
	}
}
