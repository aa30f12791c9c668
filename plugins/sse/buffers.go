package sse

import "sync"

// keptBuffer is the size of the largest buffer that is kept.
const keptBuffer = 16 << 10

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
