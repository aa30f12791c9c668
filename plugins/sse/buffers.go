package sse

import (
	"sync"
	"time"
)

// keptBuffer is the size of the largest buffer that is kept: a batch grows beyond
// batchSize by the event that makes it leave.
const keptBuffer = 2 * batchSize

// buffers are what events are encoded into, shared by all streams of an
// application, so that a stream that is silent holds none.
type buffers struct{ pool sync.Pool } // of *[]byte

func (b *buffers) get() *[]byte {
	if buffer, ok := b.pool.Get().(*[]byte); ok {
		return buffer
	}
	buffer := make([]byte, 0, 512)
	return &buffer
}

func (b *buffers) put(buffer *[]byte) {
	if cap(*buffer) <= keptBuffer {
		b.pool.Put(buffer)
	}
}

// batches are what events wait in, shared as the buffers are. One is kept by
// whoever knows that its timer does not fire any more.
type batches struct{ pool sync.Pool } // of *batch

// get returns an empty batch of a session, whose timer is wound up.
func (p *batches) get(s *Session) *batch {
	b, kept := p.pool.Get().(*batch)
	if !kept {
		b = &batch{}
	}
	b.session = s
	s.beating.Add(1)
	if kept {
		b.timer.Reset(batchTime)
	} else {
		b.timer = time.AfterFunc(batchTime, b.fire)
	}
	return b
}

// release lets go of a batch that waits no longer. The timer does it itself if
// it fires just now. The caller holds the session's sending.
func (p *batches) release(b *batch) {
	if b.timer.Stop() {
		b.session.beating.Done()
		p.put(b)
	}
}

// put keeps a batch whose timer does not fire.
func (p *batches) put(b *batch) {
	b.session, b.text, b.events = nil, b.text[:0], 0
	if cap(b.text) > keptBuffer {
		b.text = nil
	}
	p.pool.Put(b)
}
