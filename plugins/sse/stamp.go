package sse

import (
	"sync/atomic"
	"time"
)

// A stamp says when the last write of a stream began, and whether it is under
// way still. Times are ages of the stream. The zero stamp says that nothing has
// been written. The pen that writes sets it; anybody may read it.
type stamp struct {
	// The age in nanoseconds, plus 1 so that it is never 0, and negative as
	// long as the write is under way.
	encoded atomic.Int64
}

// begin says that a write begins at an age.
func (s *stamp) begin(age time.Duration) { s.encoded.Store(-int64(age) - 1) }

// finish says that the write has succeeded. One that has failed is under way for
// ever, and is the last one.
func (s *stamp) finish() { s.encoded.Store(-s.encoded.Load()) }

// last returns when the last write began, and whether there has been one.
func (s *stamp) last() (age time.Duration, ok bool) {
	encoded := s.encoded.Load()
	return time.Duration(max(encoded, -encoded) - 1), encoded != 0
}

// underWay returns when the write began that is under way, and whether there is
// one.
func (s *stamp) underWay() (age time.Duration, ok bool) {
	encoded := s.encoded.Load()
	return time.Duration(-encoded - 1), encoded < 0
}
