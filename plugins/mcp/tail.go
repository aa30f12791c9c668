package mcphttp

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"sort"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/chitor-go/chitor/plugins/sse"
)

var (
	errReplaced = errors.New("another request reads the stream")
	errEnded    = errors.New("the session has ended")
	errStopping = errors.New("the application is stopping")
)

// A tailKey names a stream that somebody reads.
type tailKey struct{ session, stream string }

// A tail is a GET that reads a stream of a session.
type tail struct {
	session string
	cursor  cursor
	more    <-chan struct{} // closed when there may be more
	out     http.ResponseWriter
}

// A cursor is how far somebody has read a stream.
type cursor struct {
	stream string
	index  uint64 // of the next message, in a stream with an ID
	offset uint64 // behind which the next message is, in the stream without one
	epoch  string // of the log that the offset is in, empty for any
}

// A numbered message is one with the ID of its event.
type numbered struct {
	id   string
	data []byte
}

// get answers a GET: the messages that belong to no request, or those of a
// stream behind a Last-Event-ID. The newest request for a stream ends the one
// before it on the same node, whose connection may be one that is dead.
func (h *Handler) get(w http.ResponseWriter, r *http.Request, id string) {
	if !acceptsStream(r.Header) {
		http.Error(w, "Accept must contain text/event-stream", http.StatusBadRequest)
		return
	}
	t := tail{session: id, out: w}
	if r.Header.Values(eventHeader) != nil {
		p, err := parseEventID(r.Header.Get(eventHeader))
		if err != nil {
			http.Error(w, "Last-Event-ID is malformed", http.StatusBadRequest)
			return
		}
		t.cursor = cursor{p.stream, p.index + 1, p.at.Offset, p.at.Epoch}
	}
	if err := h.store.sync(r.Context()); err != nil {
		h.unavailable(w, r, err)
		return
	}
	if err := h.store.replica.check(id, &t.cursor); err != nil {
		// Not 404, which says that the session is unknown.
		http.Error(w, "failed to replay events", http.StatusBadRequest)
		return
	}
	ctx, leave := h.enter(r.Context(), tailKey{id, t.cursor.stream})
	defer leave()
	t.begin()
	for t.write(h.store.replica) {
		select {
		case <-t.more:
		case <-ctx.Done():
			return
		}
	}
}

func acceptsStream(header http.Header) bool {
	for _, value := range header.Values("Accept") {
		for each := range strings.SplitSeq(value, ",") {
			kind, _, _ := strings.Cut(each, ";")
			switch strings.ToLower(strings.TrimSpace(kind)) {
			case "text/event-stream", "text/*", "*/*":
				return true
			}
		}
	}
	return false
}

// enter counts a reader of a stream, and ends the one before.
func (h *Handler) enter(ctx context.Context, key tailKey) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	mine := &reader{cancel}
	h.mu.Lock()
	defer h.mu.Unlock()
	if other := h.readers[key]; other != nil {
		other.end(errReplaced)
	}
	h.readers[key] = mine
	if h.stopping {
		cancel(errStopping)
	}
	return ctx, func() {
		cancel(nil)
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.readers[key] == mine {
			delete(h.readers, key)
		}
	}
}

// A reader is whoever reads a stream.
type reader struct{ end context.CancelCauseFunc }

// begin writes the head, and a comment, without which some proxies hold it back.
func (t *tail) begin() {
	header := t.out.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache, no-transform")
	t.out.WriteHeader(http.StatusOK)
	_, _ = t.out.Write([]byte(": ok\n\n"))
	_ = http.NewResponseController(t.out).Flush() // the write that follows says it again
}

// write writes what there is. It returns false if there will be no more, or
// nobody to read it.
func (t *tail) write(from *replica) bool {
	messages, more, done := from.read(t.session, &t.cursor)
	t.more = more
	for _, each := range messages {
		if !t.send(each) {
			return false
		}
	}
	return !done
}

func (t *tail) send(m numbered) bool {
	if len(m.data) == 0 {
		return true // a priming event, which says nothing to whoever has an ID
	}
	var event bytes.Buffer
	event.Grow(len(m.id) + len(m.data) + 64)
	event.WriteString("event: message\nid: ")
	event.WriteString(m.id)
	event.WriteString("\ndata: ")
	event.Write(m.data) // JSON in one line
	event.WriteString("\n\n")
	if _, err := t.out.Write(event.Bytes()); err != nil {
		return false
	}
	return http.NewResponseController(t.out).Flush() == nil
}

// check says whether a stream has all that is behind a cursor, and moves the
// cursor of somebody who has nothing yet to the oldest message.
func (r *replica) check(sessionID string, c *cursor) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sessions[sessionID]
	switch {
	case s == nil:
		return errEnded
	case c.stream == "" && c.epoch == "":
		c.epoch, c.offset = r.at.Epoch, s.lost
		return nil
	case c.stream == "" && (c.epoch != r.at.Epoch || c.offset < s.lost || c.offset > r.at.Offset):
		return mcp.ErrEventsPurged
	case c.stream == "":
		return nil
	}
	if from := s.streams[c.stream]; from == nil || c.index < from.first || c.index > from.end() {
		return mcp.ErrEventsPurged
	}
	return nil
}

// read returns the messages behind a cursor, which it moves behind them, what says
// that there may be more, and whether there will be none: because the answer was
// the last, the session has ended, or some of them have gone.
func (r *replica) read(sessionID string, c *cursor) (found []numbered, more <-chan struct{}, done bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.sessions[sessionID]
	if s == nil {
		return nil, nil, true
	}
	from := s.streams[c.stream]
	if c.stream == "" {
		if c.epoch != r.at.Epoch || c.offset < s.lost {
			return nil, nil, true
		}
		if from == nil {
			return nil, s.grown, false
		}
		unread := sort.Search(len(from.messages), func(i int) bool { return from.messages[i].offset > c.offset })
		for _, each := range from.messages[unread:] {
			c.offset = each.offset
			at := sse.Position{Epoch: c.epoch, Offset: each.offset}
			found = append(found, numbered{place{at: at}.id(), each.data})
		}
		return found, s.grown, false
	}
	if from == nil || c.index < from.first {
		return nil, nil, true
	}
	for ; c.index < from.end(); c.index++ {
		data := from.messages[c.index-from.first].data
		found = append(found, numbered{place{stream: c.stream, index: c.index}.id(), data})
	}
	return found, s.grown, from.answered
}
