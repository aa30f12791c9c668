package sse

import "sync"

// registry knows the open sessions of one installation, so that they can be told when the application stops. It
// also keeps the buffers that events are encoded in: a session that is silent holds none.
type registry struct {
	buffers sync.Pool // of *[]byte

	mu       sync.Mutex // guards what follows
	first    *Session
	stopping bool
}

// keptBuffer is the size of the largest buffer that is kept.
const keptBuffer = 16 << 10

func (r *registry) add(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopping {
		s.cancel(ErrStopping)
	}
	s.next = r.first
	if r.first != nil {
		r.first.previous = s
	}
	r.first = s
}

func (r *registry) remove(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.previous != nil {
		s.previous.next = s.next
	} else {
		r.first = s.next
	}
	if s.next != nil {
		s.next.previous = s.previous
	}
}

// stop ends all sessions.
func (r *registry) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopping = true
	for s := r.first; s != nil; s = s.next {
		s.cancel(ErrStopping)
	}
}

func (r *registry) buffer() *[]byte {
	if buffer, ok := r.buffers.Get().(*[]byte); ok {
		return buffer
	}
	buffer := make([]byte, 0, 512)
	return &buffer
}

func (r *registry) recycle(buffer *[]byte) {
	if cap(*buffer) <= keptBuffer {
		r.buffers.Put(buffer)
	}
}
