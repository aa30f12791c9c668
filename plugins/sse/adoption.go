package sse

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// An adoption is the writer of a foreign handler, whose answer becomes a session
// if its head says that it is an event stream.
//
//	open ---> plain     the handler's head is no stream's: all of it passes
//	  | \
//	  |  `--> stream    it is, and there is room: the session writes
//	  |   \    ^
//	  |    `-- | --> refused    there is none: nothing passes
//	  v        |
//	ahead -----+     a head was sent before the handler's, which says a stream ...
//	  |
//	  `--> failed    ... or something else, which becomes an event
//
// The handler's goroutine takes each step but the one from open to ahead.
type adoption struct {
	http.ResponseWriter // the call's

	call  *app.Call
	asked *http.Request // as it is where Adopt stands
	inner *app.Call     // the handler's: the call, or a fork of it
	// callCtx is the call's, which has another one while the handler runs; tell
	// ends that one.
	callCtx  context.Context //nolint:containedctx // of a call
	tell     context.CancelCauseFunc
	sessions *Sessions
	config   *AdoptConfig

	step  turn // orders the steps
	stage adoptionStage

	ahead   *aheadHead // nil unless a head may be sent before the handler's
	here    *presence  // of the session, nil before there is one
	key     string     // that the session is counted by
	refusal error      // why there is none
}

type adoptionStage uint8

const (
	adoptionOpen adoptionStage = iota
	adoptionPlain
	adoptionStream
	adoptionRefused
	adoptionAhead
	adoptionFailed
)

var (
	_ io.ReaderFrom = (*adoption)(nil)
	_ forkedWriter  = (*adoption)(nil)
)

// serve runs the handler.
func (a *adoption) serve(r *http.Request, next app.Handler) error {
	return a.call.RunWithin(a, r, func(c *app.Call) error {
		a.inner = c
		return next(c)
	})
}

// Unwrap returns the call's writer.
func (a *adoption) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Header returns the header of the handler's answer: the response's, unless a head
// may be sent ahead, from another goroutine.
func (a *adoption) Header() http.Header {
	if a.ahead != nil && a.ahead.header != nil {
		return a.ahead.header
	}
	return a.ResponseWriter.Header()
}

// WriteHeader takes the head of the handler.
func (a *adoption) WriteHeader(status int) {
	if status < 200 && status != http.StatusSwitchingProtocols {
		if a.ahead == nil {
			a.ResponseWriter.WriteHeader(status)
		}
		return
	}
	a.takeHead(status)
}

// takeHead takes the head of the handler, if it is the first, and returns the
// stage from there on.
func (a *adoption) takeHead(status int) adoptionStage {
	a.step.Lock()
	defer a.step.Unlock()
	switch a.stage {
	case adoptionOpen:
		a.takeBackHeader()
		header := a.Header()
		if status == http.StatusOK && isForeignStream(header) && header.Get("Content-Length") == "" && !IsEventStream(a.inner) {
			a.begin()
			break
		}
		a.stage = adoptionPlain
		a.ResponseWriter.WriteHeader(status)
	case adoptionAhead:
		a.stage = adoptionStream
		if header := a.ahead.header; status != http.StatusOK || !isForeignStream(header) {
			a.stage = adoptionFailed
			a.ahead.failure = &AdoptFailure{Status: status, ContentType: header.Get("Content-Type")}
		}
	}
	return a.stage
}

// isForeignStream reports whether an answer with this header is an event stream
// that can be added to, if its length is not known.
func isForeignStream(header http.Header) bool {
	return httpheader.IsEventStream(header.Get("Content-Type")) && header.Get("Content-Encoding") == ""
}

// begin opens a session for the handler's stream, or refuses it.
func (a *adoption) begin() {
	if a.ahead == nil {
		a.key = a.sessions.room.Key(a.call)
	}
	if err := a.sessions.room.Admit(a.call, a.key); err != nil {
		a.stage, a.refusal = adoptionRefused, err
		a.tell(err)
		return
	}
	a.stage = adoptionStream
	a.call.ShareWriter()
	a.open()
}

// open opens the session and sends the head of the stream. The session was
// admitted.
func (a *adoption) open() {
	streamKey.Set(a.call, true)
	if timeout := a.sessions.config.WriteTimeout; timeout != 0 {
		a.call.SetWriteTimeout(timeout)
	}
	w := &foreignWriter{ResponseWriter: a.ResponseWriter}
	s := newSession(a.callCtx, a.call, w, a.sessions, a.asked.Header.Get("Last-Event-ID"), options{})
	s.seldom().adopted = a.config
	a.here = a.sessions.enter(s)
	context.AfterFunc(s.ctx, func() { a.tell(context.Cause(s.ctx)) })
	s.attempt(func() error {
		a.here.limit = a.sessions.registry.Limit(s)
		return nil
	})
	app.Attempt(a.sendHead, func(err error) {
		if err != nil {
			_ = s.headFailed(err)
		}
	})
	s.written.finish(s.age())
	if period := a.config.Heartbeat; period > 0 {
		s.startHeartbeat(&HeartbeatConfig{Period: period, Event: Event{Comments: heartbeatComment}, OnlyIdle: true}, false)
	}
}

// sendHead sends the head of a stream, with the fields that proxies need.
func (a *adoption) sendHead() error {
	header := a.ResponseWriter.Header()
	if kept := header.Values("Cache-Control"); len(kept) > 0 && !httpheader.Lists(kept, "no-transform") {
		header.Set("Cache-Control", strings.Join(append(kept, "no-transform"), ", "))
	}
	describeStream(header)
	a.ResponseWriter.WriteHeader(http.StatusOK)
	if err := http.NewResponseController(a.ResponseWriter).Flush(); err != nil {
		return err
	}
	if s := a.here.session; s.wasReplaced(header) {
		s.cancel(errReplaced)
	}
	return nil
}

// Write takes what the handler writes.
func (a *adoption) Write(p []byte) (int, error) {
	var err error
	switch a.takeHead(http.StatusOK) {
	case adoptionStream:
		err = a.here.session.passOn(p)
	case adoptionRefused:
		err = a.refusal
	case adoptionFailed:
		a.ahead.keep(p)
	default:
		return a.ResponseWriter.Write(p)
	}
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// ReadFrom lets files that are no streams be sent without copying them.
func (a *adoption) ReadFrom(r io.Reader) (int64, error) {
	if a.takeHead(http.StatusOK) == adoptionPlain {
		if direct, able := a.ResponseWriter.(io.ReaderFrom); able {
			return direct.ReadFrom(r)
		}
	}
	return io.Copy(struct{ io.Writer }{a}, r)
}

// Flush is FlushError for those who do not ask for its error.
func (a *adoption) Flush() { _ = a.FlushError() }

// FlushError sends on what the handler has written.
func (a *adoption) FlushError() error {
	switch a.takeHead(http.StatusOK) {
	case adoptionStream:
		return a.here.session.flushForeign()
	case adoptionRefused, adoptionFailed:
		return nil // there is nothing to send, and some handlers panic at an error
	default:
		return http.NewResponseController(a.ResponseWriter).Flush()
	}
}

// conclude is called when the handler has returned, and with which error, and
// returns what the call fails with.
func (a *adoption) conclude(err error) error {
	switch a.stage {
	case adoptionOpen, adoptionPlain:
		return err
	case adoptionRefused:
		if (&failure{err}).isBug() {
			return err
		}
		return a.refusal
	}
	defer a.sessions.room.Leave(a.key)
	s := a.here.session
	s.work(func() error {
		if held := s.endForeign(); err == nil {
			err = held
		}
		if s.callCtx.Err() != nil {
			s.cancel(s.lost(nil))
		}
		if s.ctx.Err() != nil && (errors.Is(err, http.ErrAbortHandler) || errors.Is(err, context.Canceled)) {
			err = nil // it has heard of the end, and obeys
		}
		a.here.whole = err == nil
		return err
	})
	return a.here.leave()
}
