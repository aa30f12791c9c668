package websockets

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/registry"
)

// A Session is an open WebSocket. It lasts until the function it was given to,
// and all work that was started by [Session.Go], has returned. Until then its
// methods may be called from any goroutine; they fail afterwards. Messages of
// several senders never interleave.
//
// Ktor: DefaultWebSocketServerSession.
type Session struct {
	listed
	lifetime

	// What follows is set before the session is served.
	call      *app.Call
	shared    *Sessions
	converter Converter
	events    EventForm
	socket    *websocket.Conn // what makes frames of messages
	conn      *conn           // what carries the frames

	lastEventID string
	deliveries  turn           // whoever has it sends events, or what comes before them
	delivering  sync.WaitGroup // waits for the work of hubs, which begins while there are workers

	sending  turn
	inbox    inbox
	pinger   pinger
	sent     tally
	received tally
	parted   chan struct{} // closed when the connection is, after the end of the session

	mu       sync.Mutex    // guards what follows
	workers  int           // serve and the work of Go; when there is none, no more may begin
	returned chan struct{} // closed when there is none; nil unless run waits for that
	failed   error         // what the application's code has failed with, nil if it has not
	onEnd    []func(error) // to be called when the session is over
	reason   *CloseReason  // what the client has closed with; nil if it has not
}

// listed is the place of a session in the registry.
type listed = registry.Entry[*Session]

// A tally is how many messages have passed, and how many bytes they were.
type tally struct{ messages, bytes atomic.Int64 }

func (t *tally) add(bytes int) {
	t.messages.Add(1)
	t.bytes.Add(int64(bytes))
}

// newSession returns a session on a connection that was taken for it. It is
// called in the call's goroutine.
func newSession(c *app.Call, shared *Sessions, socket *websocket.Conn, conn *conn, chosen options) *Session {
	s := &Session{
		lifetime: newLifetime(c.Context()), call: c, shared: shared, converter: chosen.converter, events: chosen.events,
		socket: socket, conn: conn, lastEventID: chosen.lastEventID,
		sending: newTurn(), deliveries: newTurn(), inbox: newInbox(), parted: make(chan struct{}), workers: 1,
	}
	limit := int64(shared.config.MaxMessageSize)
	if limit == 0 {
		limit = -1
	}
	socket.SetReadLimit(limit)
	return s
}

// Call returns the call that has become the WebSocket. It belongs to the function
// that serves it and to its work; whoever has the session from [Sessions] may
// read the call's attributes, such as who has logged in, and nothing else that
// can change. Nothing can be responded any more.
func (s *Session) Call() *app.Call { return s.call }

// Context returns the context of the session. It holds the values of the call's
// context, and ends with one of the causes of this package as its
// context.Cause: at once when the application begins to stop or the client has
// gone.
func (s *Session) Context() context.Context { return s.ctx }

// ID returns the number of the session among those of its application: 1 for
// the first one.
func (s *Session) ID() uint64 { return s.listed.ID() }

// Opened returns when the session began.
func (s *Session) Opened() time.Time { return s.opened }

// Subprotocol returns the subprotocol that was agreed on, one of those of
// [Subprotocols], or "".
//
// Ktor: the parameter protocol of webSocket.
func (s *Session) Subprotocol() string { return s.socket.Subprotocol() }

// Sent returns how many messages were sent, and how many bytes their data was
// before compression.
func (s *Session) Sent() (messages, bytes int64) {
	return s.sent.messages.Load(), s.sent.bytes.Load()
}

// Received returns how many messages were received, and how many bytes their
// data was after decompression.
func (s *Session) Received() (messages, bytes int64) {
	return s.received.messages.Load(), s.received.bytes.Load()
}

// Close ends the session: its context ends with [ErrClosed], the client gets
// [CloseNormal], and sending and receiving fail. It waits for nothing. A message
// that is being sent is finished.
func (s *Session) Close() { s.cancel(ErrClosed) }

// CloseWith is Close with a code and a text for the client. A reason that cannot
// be sent is returned as an error, and changes nothing.
//
// Ktor: close.
func (s *Session) CloseWith(reason CloseReason) error {
	if err := reason.check(); err != nil {
		return fmt.Errorf("close WebSocket: %w", err)
	}
	s.cancel(&failure{reason, ErrClosed})
	return nil
}

// End ends the session for a cause of the application's, such as that its user
// has logged out: its context ends with an error that wraps cause, and the client
// gets [CloseViolatedPolicy] without a text, or the [CloseReason] that cause is or
// wraps. It waits for nothing, and changes nothing if the session is over. A nil
// cause is [ErrClosed]. A hub ends the session by it with [ErrLagged].
func (s *Session) End(cause error) {
	app.Attempt(func() error { return cause }, func(cause error) {
		if cause == nil {
			cause = ErrClosed
		}
		kind := errEnded
		if errors.Is(cause, ErrLagged) {
			kind = ErrLagged
		}
		s.cancel(&failure{cause, kind})
	})
}

// CloseReason returns what the client has closed the WebSocket with, and whether
// it has. A client that gave no code has closed with [CloseNoStatus].
//
// Ktor: closeReason.
func (s *Session) CloseReason() (CloseReason, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == nil {
		return CloseReason{}, false
	}
	return *s.reason, true
}

func (s *Session) setReason(reason CloseReason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reason == nil {
		s.reason = &reason
	}
}
