package sse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
)

// Publish sends an event to all sessions that have joined a topic, and returns
// when it is in the log: the sessions send it themselves. Events of one goroutine
// keep their order. The event must have no ID, because the hub gives it one,
// unless it holds nothing but Comments or Retry.
//
// Publish waits for its turn, and, when the log is full, for clients that are
// about to lose what they need, within the limits of [HubConfig]. With a Broker
// it waits for that alone. When ctx ends before, it returns the cause of that,
// and nothing has been published, unless the Broker has it: see
// [Broker.Publish]. An event that cannot be encoded is refused with
// [ErrInvalidEvent]; a hub that is closed returns an error that wraps
// [ErrClosed].
func (h *Hub) Publish(ctx context.Context, topic string, event Event) error {
	if err := h.publish(ctx, topic, event); err != nil {
		return fmt.Errorf("publish to %.100q: %w", topic, err)
	}
	return nil
}

var errHubClosed = fmt.Errorf("the hub is closed: %w", ErrClosed)

func (h *Hub) publish(ctx context.Context, topic string, event Event) error {
	switch {
	case topic == "":
		return errors.New("the topic is empty")
	case event.ID != "":
		return fmt.Errorf("%w: it has the ID %.100q, and a hub gives its events IDs of its own", ErrInvalidEvent, event.ID)
	}
	buffer := h.buffers.get()
	defer h.buffers.put(buffer)
	text, err := event.AppendText((*buffer)[:0])
	if err != nil {
		return err
	}
	*buffer = text
	length := len(text) + len(topic)
	if limit := h.config.LogBytes; limit > 0 && length+idLength+entryOverhead > limit {
		return fmt.Errorf("%w: the event and its topic have %d bytes, and LogBytes of the hub is %d", ErrInvalidEvent, length, limit)
	}
	switch {
	case h.isClosed():
		return errHubClosed
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	if broker := h.config.Broker; broker != nil {
		_, err := broker.Publish(ctx, topic, slices.Clone(text))
		return err
	}
	if err := h.take(ctx); err != nil {
		return fmt.Errorf("wait for other publishers: %w", err)
	}
	defer h.give()
	return h.put(ctx, Message{Position{h.epoch, h.last + 1}, topic, text})
}

// put appends a message to the log, and wakes the members whom it is for. The
// caller has the turn.
func (h *Hub) put(ctx context.Context, message Message) error {
	e := h.newEntry(message)
	if err := h.room.reserve(ctx, e.size); err != nil {
		return fmt.Errorf("wait for clients: %w", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.isClosed() {
		return errHubClosed
	}
	t := h.topicOf(message.Topic)
	e.topic = t
	h.last = message.Offset
	e.seq = h.log.next.Load()
	if e.isEvent {
		t.newest.Store(e) // before the log shows it: who has seen the log's end is not told again
	}
	h.log.push(e)
	t.kept++
	for _, joined := range t.members {
		joined.member.tell(e.seq)
	}
	h.counts.published++
	return nil
}

// putGap says in the log that events are lost, and that it goes on behind a
// position. The caller has the turn.
func (h *Hub) putGap(ctx context.Context, behind Position) error {
	e := &entry{position: behind, size: entryOverhead}
	if err := h.room.reserve(ctx, e.size); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	e.seq = h.log.next.Load()
	h.gap.Store(e)
	h.log.push(e)
	h.begin(behind)
	for _, t := range h.topics {
		t.newest.Store(nil) // there may have been a newer one
	}
	for m := range h.members() {
		m.tell(e.seq)
	}
	return nil
}

// begin says where the log begins. The caller holds mu, or is alone.
func (h *Hub) begin(behind Position) {
	h.epoch, h.base, h.last = behind.Epoch, behind.Offset, behind.Offset
	h.since = h.log.next.Load()
	h.losses.reset(behind.Offset)
}

// idLength is enough for the line of an ID.
const idLength = len("id: ") + 64 + len("-") + 20 + len("\r\n")

// newEntry returns a message as it goes over the wire: behind its ID, if clients
// dispatch it. An event without data is none to them, and with an ID it would get
// some.
func (h *Hub) newEntry(message Message) *entry {
	e := &entry{position: message.Position}
	e.isEvent = bytes.HasPrefix(message.Data, []byte("event: ")) || bytes.HasPrefix(message.Data, []byte("data: "))
	if h.config.Replay && e.isEvent {
		id := message.String()
		e.frame = make([]byte, 0, len("id: \r\n")+len(id)+len(message.Data))
		e.frame = append(append(append(e.frame, "id: "...), id...), "\r\n"...)
		e.id = len(e.frame)
	}
	e.frame = append(e.frame, message.Data...)
	e.size = len(e.frame) + len(message.Topic) + entryOverhead
	return e
}
