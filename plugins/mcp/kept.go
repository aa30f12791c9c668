package mcphttp

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
)

// kept is the store as the SDK sees it.
type kept struct{ handler *Handler }

// Open implements [mcp.EventStore]. A session that is not served yet has no place in
// the store: whoever begins many that come to nothing takes it from nobody.
func (k kept) Open(ctx context.Context, sessionID, streamID string) error {
	if l := k.handler.localOf(sessionID); l != nil && l.now() != serving {
		return nil
	}
	return k.handler.store.Open(ctx, sessionID, streamID)
}

// Append implements [mcp.EventStore]. Before the client learns that it has a
// session, all nodes do.
func (k kept) Append(ctx context.Context, sessionID, streamID string, data []byte) error {
	if l := k.handler.localOf(sessionID); l != nil {
		switch message := readMessage(data); {
		case message.isAnswer():
			defer k.handler.ended()
			defer l.written()
		case message.isRequest():
			l.ask(string(message.ID))
		}
		switch l.now() {
		case bringing:
			return nil // nobody reads the answer to an initialize that is told again
		case beginning:
			if l.card.Initialize == nil {
				return nil // nothing that resumes
			}
			if err := k.handler.introduce(ctx, l, data); err != nil || l.now() != serving {
				return err
			}
		case serving, closed:
		}
	}
	return k.handler.store.Append(ctx, sessionID, streamID, data)
}

// After implements [mcp.EventStore]. The SDK does not call it, because it gets no GET.
func (k kept) After(ctx context.Context, sessionID, streamID string, index int) iter.Seq2[[]byte, error] {
	return k.handler.store.After(ctx, sessionID, streamID, index)
}

// SessionClosed implements [mcp.EventStore]. That this node has no use for a session
// any more says nothing about the others, nor about the next request.
func (k kept) SessionClosed(_ context.Context, sessionID string) error {
	if l := k.handler.localOf(sessionID); l != nil {
		k.handler.removeLocal(l)
	}
	return nil
}

// introduce tells all nodes of a session, if a message is the answer to initialize.
func (h *Handler) introduce(ctx context.Context, l *local, data []byte) error {
	version, ok := negotiated(data)
	if !ok {
		return nil
	}
	l.card.Version = version
	if err := h.tell(ctx, l.id, l.card); err != nil {
		return fmt.Errorf("tell the nodes of a session: %w", err)
	}
	l.become(serving)
	l.settle()
	return nil
}

// negotiated returns the version of the protocol that an answer to initialize
// names. It is false for an error, and for anything else.
func negotiated(data []byte) (version string, ok bool) {
	var answer struct {
		Result *struct {
			ProtocolVersion string `json:"protocolVersion"`
		} `json:"result"`
	}
	if !readMessage(data).isAnswer() || json.Unmarshal(data, &answer) != nil || answer.Result == nil {
		return "", false
	}
	return answer.Result.ProtocolVersion, true
}

// tell publishes what has to be known of a session.
func (h *Handler) tell(ctx context.Context, id string, c card) error {
	c.Seen, c.Alone = h.store.replica.alone(id)
	data, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return h.store.publish(ctx, record{kind: kindSession, session: id, data: data})
}

// renew tells of a session again when what the log has of it is old, so that the
// session is not taken for one that nobody uses, and nodes that start learn of it.
func (h *Handler) renew(ctx context.Context, id string) {
	known := h.store.replica.outdated(id)
	if known == nil {
		return
	}
	// Without it the session may end earlier than it should: this is tried again when
	// what was to be said now is old.
	_ = h.tell(ctx, id, *known)
}
