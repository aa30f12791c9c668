package sse

import "slices"

// runLength is how many bytes of consecutive events leave in one write.
const runLength = 16 << 10

// A run is consecutive events, put together for one write.
type run struct {
	buffer []byte
	text   []byte
	list   []Event // in the place of text, for who takes them as they are
	listed bool
	size   int // of all, as they go over the wire
	events int
}

func (h *Hub) newRun() *run {
	if used, ok := h.runs.Get().(*run); ok {
		return used
	}
	r := &run{buffer: make([]byte, 0, runLength)}
	r.reset()
	return r
}

func (h *Hub) putRun(r *run) {
	r.reset()
	h.runs.Put(r)
}

// newRun returns an empty run of the form that the member takes.
func (m *member) newRun() *run {
	r := m.hub.newRun()
	_, r.listed = m.to.(*outsider)
	return r
}

func (r *run) reset() {
	clear(r.list) // else a run that is kept keeps the data of events
	r.text, r.list, r.size, r.events = r.buffer[:0], r.list[:0], 0, 0
}

// fits reports whether an entry can be added: one always can.
func (r *run) fits(e *entry) bool {
	return r.events == 0 || r.size+len(e.frame) <= runLength
}

// add adds an entry, without its ID if skip is the length of that.
func (r *run) add(e *entry, skip int) {
	if r.listed {
		r.addEvent(e, skip)
		return
	}
	frame := e.frame[skip:]
	if r.events == 0 && len(frame) > runLength {
		r.text = slices.Clip(frame) // which nobody changes
	} else {
		r.text = append(r.text, frame...)
	}
	r.size += len(frame)
	r.events++
}

// addEvent adds what clients dispatch: a comment means nothing to any other form.
func (r *run) addEvent(e *entry, skip int) {
	read := e.decode()
	if !read.dispatched {
		return
	}
	event := read.event
	if skip > 0 {
		event.ID = ""
	}
	r.list = append(r.list, event)
	r.size += len(e.frame)
	r.events++
}
