package sse

import (
	"sync/atomic"
	"time"
)

// A stamp says when a stream was active last: when an event of it has left or
// has begun to wait, or when the write began that is under way. Beside that it
// counts the writes that the stream has made at once, see burst. Times are ages
// of the stream. The zero stamp says that nothing has been written. The holder of
// sending sets it; anybody may read it.
type stamp struct {
	// The age in nanoseconds, plus 1 so that it is never 0, times spentScale,
	// plus how many writes of burst are spent. Negative as long as a write is
	// under way. There is room for 18 years.
	encoded atomic.Int64
}

// spentScale is more than burst.
const spentScale = 16

// begin says that a write, or a further piece of it, begins at an age.
func (s *stamp) begin(age time.Duration) { s.encoded.Store(-stamped(age, s.spent(age))) }

// finish says that the write has succeeded at an age. One that has failed is
// under way for ever, and is the last one.
func (s *stamp) finish(age time.Duration) { s.encoded.Store(stamped(age, s.spent(age))) }

// spend reports whether an event that comes at an age may leave at once, and
// counts it. No write may be under way.
func (s *stamp) spend(age time.Duration) bool {
	spent := s.spent(age)
	may := spent < burst
	if may {
		spent++
	}
	s.encoded.Store(stamped(age, spent))
	return may
}

// spent returns how many writes of burst are spent at an age: silence until then
// has given some back, a write that is under way gives none.
func (s *stamp) spent(age time.Duration) int64 {
	encoded := s.encoded.Load()
	if encoded <= 0 {
		return -encoded % spentScale
	}
	last, _ := s.last()
	return max(0, encoded%spentScale-int64((age-last)/respite))
}

// last returns when the stream was active last, and whether it has been at all.
func (s *stamp) last() (age time.Duration, ok bool) {
	encoded := s.encoded.Load()
	return time.Duration(max(encoded, -encoded)/spentScale - 1), encoded != 0
}

// underWay returns when the write began that is under way, and whether there is
// one.
func (s *stamp) underWay() (age time.Duration, ok bool) {
	encoded := s.encoded.Load()
	return time.Duration(-encoded/spentScale - 1), encoded < 0
}

func stamped(age time.Duration, spent int64) int64 { return (int64(age)+1)*spentScale + spent }
