package sse

import "sync"

// keptBuffer is the size of the largest buffer that is kept: a batch grows beyond
// batchSize by the event that makes it leave.
const keptBuffer = 2 * batchSize

// buffers are what the events of a hub are encoded into.
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

// batches are what events are encoded into, shared by all streams of an
// application, so that a stream of which nothing waits holds none. One is kept by
// whoever knows that its timer does not fire any more.
type batches struct{ pool sync.Pool } // of *batch

// get returns an empty batch.
func (p *batches) get() *batch {
	if b, kept := p.pool.Get().(*batch); kept {
		return b
	}
	return &batch{text: make([]byte, 0, 512)}
}

// release lets go of a batch that waits no longer. Its timer does it if it fires
// just now. The caller holds the session's sending.
func (p *batches) release(b *batch) {
	if b.wound {
		if !b.timer.Stop() {
			return
		}
		b.session.beating.Done()
	}
	p.put(b)
}

// put keeps a batch whose timer does not fire.
func (p *batches) put(b *batch) {
	b.text, b.events = b.text[:0], 0
	b.wound, b.session = false, nil
	if cap(b.text) <= keptBuffer {
		p.pool.Put(b)
	}
}
