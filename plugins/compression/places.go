package compression

import (
	"net/http"
	"sync/atomic"

	"github.com/chitor-go/chitor/app"
)

// Places are how many answers an installation may encode at the same time. Nil
// are any number.
type places struct {
	limit int64 // 0: any number
	taken atomic.Int64
}

var placeKey = app.NewKey[*places]("compression.place")

// take gives the call a place until its response has been sent, and reports
// whether there was one. HEAD is told what GET would be, and takes none.
func (p *places) take(c *app.Call) bool {
	if p == nil || p.limit == 0 {
		return true
	}
	if _, has := placeKey.Get(c); has { // another answer has taken the place of one that had it
		return true
	}
	if c.Request.Method == http.MethodHead {
		return p.taken.Load() < p.limit
	}
	if p.taken.Add(1) > p.limit {
		p.taken.Add(-1)
		return false
	}
	placeKey.Set(c, p)
	return true
}

// leavePlace gives back what the call has taken. It runs when nothing more is
// written, however the call ends, so that the encoder is free by then.
func leavePlace(c *app.Call) {
	if p, has := placeKey.Get(c); has {
		p.taken.Add(-1)
	}
}
