package compression

import (
	"net/http"
	"sync/atomic"

	"github.com/chitor-go/chitor/app"
)

// Slots limit how many responses an installation encodes at the same time. Nil
// slots are no limit.
type slots struct {
	limit int64 // 0: no limit
	taken atomic.Int64
}

var slotKey = app.NewKey[*slots]("compression.slot")

// take gives the call a slot until its response has been sent, and reports
// whether there was one. HEAD gets the header that GET would get, and takes no
// slot.
func (s *slots) take(c *app.Call) bool {
	if s == nil || s.limit == 0 {
		return true
	}
	if _, has := slotKey.Get(c); has { // the response replaces one that took a slot
		return true
	}
	if c.Request.Method == http.MethodHead {
		return s.taken.Load() < s.limit
	}
	if s.taken.Add(1) > s.limit {
		s.taken.Add(-1)
		return false
	}
	slotKey.Set(c, s)
	return true
}

// leaveSlot is the hook that gives back the slot of a call. It runs when
// nothing more is written, however the call ends, so that the encoder is free
// by then.
func leaveSlot(c *app.Call) {
	if s, has := slotKey.Get(c); has {
		s.taken.Add(-1)
	}
}
