package sse

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/registry"
)

// A Session is an open event stream. It lasts until the function it was given
// to, and all work that was started by [Session.Go], has returned, and it has
// left every [Hub] that it has joined. Until then its methods may be called from
// any goroutine; they fail afterwards. Events of several senders never interleave.
//
// Ktor: ServerSSESession.
type Session struct {
	listed
	pen // what is written, and how long the session lasts

	// What follows is set before the session is served.
	call        *app.Call
	lastEventID string
	serializer  Serializer

	beating sync.WaitGroup // waits for the beat that is wound up or being sent

	mu        sync.Mutex // guards what follows
	heartbeat *heartbeat // nil if there is none
	workers   int        // serve and the work of Go; when there is none, no more may begin
	rare      *rare      // what few sessions have; nil until something in it is needed
}

// listed is the place of a session in the registry.
type listed = registry.Entry[*Session]

// newSession returns a session for a call that is answered by nothing else. It
// is called in the call's goroutine, whose context is ctx.
func newSession(
	ctx context.Context, c *app.Call, w http.ResponseWriter, shared *Sessions, lastEventID string, chosen options,
) *Session {
	return &Session{
		pen:  pen{lifetime: newLifetime(ctx), shared: shared, writer: w},
		call: c, lastEventID: lastEventID, serializer: chosen.serializer, workers: 1,
	}
}

// Call returns the call that is answered with the stream. It belongs to the
// function that serves the stream and to its work; whoever has the session from
// [Sessions] may read the call's attributes, such as who has logged in, and
// nothing else that can change.
func (s *Session) Call() *app.Call { return s.call }

// Context returns the context of the session. It holds the values of the call's
// context, and ends with one of the causes of this package as its
// context.Cause: at once when the application begins to stop, which is before
// the call's own context ends. [Session.Send] may work longer.
func (s *Session) Context() context.Context { return s.ctx }

// LastEventID returns where a client that reconnects left off, or "": the
// Last-Event-ID header of the request, or the query parameter that [Config]
// allows in its place. It comes from outside: treat it as hostile.
func (s *Session) LastEventID() string { return s.lastEventID }

// Close ends the session: its context ends with [ErrClosed], sending fails, and
// the stream ends cleanly when the function that serves it returns. An event
// that is being sent is finished. It is for who has said all that there is to
// say: LastEvent of [Config] is not asked. See [Session.End].
func (s *Session) Close() { s.cancel(ErrClosed) }

// End ends the session as a stop does, for a cause of the application's that the
// client is to be told, such as that its user has logged out: its context ends
// with an error that wraps cause, its function may say a last word, LastEvent of
// [Config] is asked with that error, and the stream ends cleanly. It waits for
// nothing, and changes nothing if the session is over. A nil cause is
// [ErrClosed].
func (s *Session) End(cause error) {
	app.Attempt(func() error { return cause }, func(cause error) {
		if cause == nil {
			cause = ErrClosed
		}
		s.cancel(&endError{cause})
	})
}

// ID returns the number of the session among those of its application: 1 for
// the first one.
func (s *Session) ID() uint64 { return s.listed.ID() }

// Opened returns when the session began.
func (s *Session) Opened() time.Time { return s.opened }

// Sent returns how many events have left, heartbeats included, and how many bytes
// they were. One that Send has accepted may not have left yet.
func (s *Session) Sent() (events, bytes int64) { return s.events.Load(), s.bytes.Load() }
