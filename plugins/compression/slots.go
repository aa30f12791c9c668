package compression

import "sync/atomic"

// Slots limit how many responses are encoded at the same time. A response takes
// one when its encoder is opened, and leaves it when that has ended; between the
// decision and the opening is nothing that waits, so that hardly more than the
// limit are taken.
type slots struct {
	limit int64 // 0: no limit
	taken atomic.Int64
}

func (s *slots) free() bool { return s.limit == 0 || s.taken.Load() < s.limit }
func (s *slots) take()      { s.taken.Add(1) }
func (s *slots) leave()     { s.taken.Add(-1) }
