package sse

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
)

// A Session is an open event stream: Ktor's ServerSSESession. Its head has been
// sent. It lasts until the function it was given to, and all work that was
// started by [Session.Go], has returned; its methods may be called from any
// goroutine until then, and fail afterwards. Events of several senders never
// interleave.
type Session struct {
	call        *app.Call
	sessions    *Sessions
	writer      http.ResponseWriter
	ctx         context.Context
	callCtx     context.Context // the call's: asking the call for it is for the call's goroutine
	cancel      context.CancelCauseFunc
	lastEventID string
	serializer  Serializer
	opened      time.Time
	id          uint64
	working     sync.WaitGroup
	beating     sync.WaitGroup
	due         atomic.Pointer[[]byte] // the beat that whoever holds sending is to send
	wrote       atomic.Int64           // the session's age, plus 1, when the last write began; negative while it is under way

	sending sync.Mutex   // orders writes
	events  atomic.Int64 // changed with sending held, as bytes is
	bytes   atomic.Int64

	mu        sync.Mutex // guards what follows
	heartbeat *heartbeat
	workers   int      // serve is one; when there is none, no more may begin
	failed    *failure // what the application's code failed with, nil if it did not

	next, previous *Session // guarded by the sessions' mu
}

func newSession(c *app.Call, w http.ResponseWriter, sessions *Sessions, lastEventID string, settings options) *Session {
	s := &Session{
		call: c, sessions: sessions, writer: w, callCtx: c.Context(),
		lastEventID: lastEventID, serializer: settings.serializer, opened: time.Now(), workers: 1,
	}
	s.working.Add(1)
	s.ctx, s.cancel = context.WithCancelCause(context.WithoutCancel(s.callCtx))
	return s
}

// run serves the session and returns what makes the stream fail, nil if it ends
// cleanly.
func (s *Session) run(serve func(*Session) error) (err error) {
	unhook := context.AfterFunc(s.callCtx, func() { s.cancel(s.lost(nil)) })
	defer unhook()
	s.sessions.add(s)
	defer func() { // also when serve ends its goroutine
		s.working.Wait()
		err = s.end()
	}()
	if age := s.sessions.age(); age > 0 {
		defer time.AfterFunc(age, func() { s.cancel(ErrTooOld) }).Stop()
	}
	if config := s.sessions.config.heartbeat; config != nil {
		s.startHeartbeat(config)
	}
	s.work(func() error { return serve(s) })
	return nil
}

// Call returns the call that is answered with the stream. It belongs to the
// function that serves the stream and to its work; whoever has the session from
// [Sessions] may read the call's attributes, and nothing else that can change.
func (s *Session) Call() *app.Call { return s.call }

// Context returns the context of the session. It holds the values of the call's
// context, and ends with one of the causes of this package as its
// context.Cause: at once when the application begins to stop, which is before
// the call's own context ends.
func (s *Session) Context() context.Context { return s.ctx }

// LastEventID returns where a client that reconnects left off, or "": the
// Last-Event-ID header of the request, or the query parameter that [Config]
// allows in its place. It comes from outside: treat it as hostile.
func (s *Session) LastEventID() string { return s.lastEventID }

// Close ends the session: its context ends with [ErrClosed], sending fails, and
// the stream ends cleanly when the function that serves it returns. An event
// that is being sent is finished.
func (s *Session) Close() { s.cancel(ErrClosed) }

// ID returns the number of the session among those of its application: 1 for
// the first one.
func (s *Session) ID() uint64 { return s.id }

// Opened returns when the session began.
func (s *Session) Opened() time.Time { return s.opened }

// Sent returns how many events have been sent, heartbeats included, and how
// many bytes they were.
func (s *Session) Sent() (events, bytes int64) { return s.events.Load(), s.bytes.Load() }
