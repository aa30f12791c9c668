package mcphttp

import (
	"encoding/json"
	"time"
)

// A card says what a node has to know of a session that another one has begun.
type card struct {
	User string `json:"user"`
	// Initialize is what the client has sent with initialize, and Version the
	// version of the protocol that it was answered.
	Initialize json.RawMessage `json:"initialize"`
	Version    string          `json:"version"`
	// Seen is how far whoever wrote the card had read the log, and Alone is the
	// offset of the newest message up to there that belongs to no request.
	Seen  uint64 `json:"seen"`
	Alone uint64 `json:"alone"`
}

// A session is what a node has of a session in its memory, from the log.
type session struct {
	id      string
	card    *card  // nil while the log has not said whose it is
	told    uint64 // the offset of the newest card
	toldAt  time.Time
	used    time.Time // when the log last had something of it
	streams map[string]*stream
	order   []event // all messages that are kept, the oldest first
	bytes   int
	// lost is the offset up to which messages that belong to no request may have
	// gone.
	lost  uint64
	grown chan struct{} // closed at the next change
}

// A stream is the messages of one, of a session.
type stream struct {
	first    uint64 // the index of messages[0]
	messages []message
	next     uint64 // the index of the next one that this node appends
	writing  bool   // this node appends, and the answer has not come
	answered bool
}

// A message is one of a stream.
type message struct {
	offset uint64 // its place in the log
	data   []byte
}

// An event is where a message stands.
type event struct {
	stream string
	offset uint64
	at     time.Time
	size   int
}

// overhead is what a message counts more than it has.
const overhead = 128

func newSession(id string, now time.Time, since uint64) *session {
	return &session{id: id, used: now, streams: map[string]*stream{}, lost: since, grown: make(chan struct{})}
}

func (s *session) changed() {
	close(s.grown)
	s.grown = make(chan struct{})
}

// stream returns a stream, which is made if there is none.
func (s *session) stream(id string) *stream {
	found := s.streams[id]
	if found == nil {
		found = &stream{}
		s.streams[id] = found
	}
	return found
}

// end is the index behind the last message.
func (s *stream) end() uint64 { return s.first + uint64(len(s.messages)) }

// add puts a message at the end of its stream. It returns false if the stream
// has it already, because it was published twice.
func (s *session) add(r record, offset uint64, now time.Time) bool {
	to := s.stream(r.stream)
	if r.stream != "" && r.index < to.end() {
		return false // several nodes append to the one without an ID, in the order of the log
	}
	if r.index > to.end() {
		// What is between was not stored, so that what is before is of no use.
		if n := len(to.messages); r.stream == "" && n > 0 {
			s.lost = max(s.lost, to.messages[n-1].offset)
		}
		to.first, to.messages = r.index, nil
	}
	to.messages = append(to.messages, message{offset, r.data})
	to.next = max(to.next, to.end())
	if r.kind == kindAnswer {
		to.answered, to.writing = true, false
	}
	size := len(r.data) + overhead
	s.order = append(s.order, event{r.stream, offset, now, size})
	s.bytes += size
	return true
}

// restart forgets all messages: the log begins at an offset.
func (s *session) restart(since uint64) {
	s.order, s.bytes, s.lost, s.toldAt = nil, 0, since, time.Time{}
	for id, each := range s.streams {
		if each.first, each.messages = 0, nil; !each.writing {
			delete(s.streams, id)
		}
	}
}

// drop forgets the oldest message and returns how many bytes it had.
func (s *session) drop() int {
	oldest := s.order[0]
	if s.order = s.order[1:]; len(s.order) == 0 {
		s.order = nil
	}
	s.bytes -= oldest.size
	if oldest.stream == "" {
		s.lost = max(s.lost, oldest.offset)
	}
	from := s.streams[oldest.stream]
	if len(from.messages) > 0 && from.messages[0].offset == oldest.offset {
		from.messages[0] = message{}
		from.messages = from.messages[1:]
		from.first++
	}
	if len(from.messages) == 0 && !from.writing {
		delete(s.streams, oldest.stream)
	}
	return oldest.size
}
