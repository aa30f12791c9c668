package memnet

// ring is a first-in, first-out buffer that grows on demand up to its limit.
type ring struct {
	data        []byte
	start, size int
	limit       int
}

// put appends as many bytes of b as there is room for and returns their number.
func (r *ring) put(b []byte) int {
	if need := min(r.size+len(b), r.limit); need > len(r.data) {
		grown := make([]byte, min(max(need, 2*len(r.data), 4<<10), r.limit))
		r.size = r.take(grown) // which leaves start at the front
		r.data = grown
	}
	b = b[:min(len(b), len(r.data)-r.size)]
	end := r.start + r.size
	if end >= len(r.data) {
		end -= len(r.data)
	}
	n := copy(r.data[end:], b)
	copy(r.data, b[n:])
	r.size += len(b)
	return len(b)
}

// roomy reports whether a third of the buffer is free, which is when Linux wakes
// a writer.
func (r *ring) roomy() bool { return 3*(r.limit-r.size) >= r.limit }

// take moves as many bytes out of the buffer as b has room for and returns their
// number.
func (r *ring) take(b []byte) int {
	b = b[:min(len(b), r.size)]
	n := copy(b, r.data[r.start:])
	copy(b[n:], r.data)
	r.size -= len(b)
	r.start += len(b)
	if r.size == 0 {
		r.start = 0
	} else if r.start >= len(r.data) {
		r.start -= len(r.data)
	}
	return len(b)
}
