package sse

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/chitor-go/chitor/app"
)

// Respond answers the call with an event stream, from any handler and for any
// method, so that validation, authentication, headers and status come first.
// The stream ends when serve returns. HEAD gets the head alone, as does a status
// without a body, and serve does not run.
//
// The head leaves with the first event, or when serve begins to wait by
// [Session.Delay] or [Session.SendFrom], and after 100 ms in any case. An error or
// panic of serve before that is an answer like that of any handler, with a status
// of its own. Headers, status and the call's writer are the stream's when serve
// begins, and serve must not use them. If a send hook puts another response in
// the stream's place, the session ends with [ErrClosed].
//
// What has ended the session decides how the stream ends: after Close or when
// the application stops it ends cleanly, whatever serve returns; when the
// client has gone or does not read there is nothing left to end. An error or
// panic of serve while the session is alive is logged, and cuts the stream off,
// so that the client knows that something is missing.
//
// A Content-Type, Cache-Control or X-Accel-Buffering header set before is kept,
// except that the type is always text/event-stream.
//
// Nothing has been sent if Respond fails before serve runs either: when [Plugin] is
// not installed, serve or an option is nil, the stream is refused, or a
// middleware around the handler cannot flush.
//
// Ktor: SSEServerContent.
func Respond(c *app.Call, serve func(*Session) error, choices ...Option) error {
	sessions, installed := SessionsOf(c.Scope())
	switch {
	case !installed:
		return errors.New("respond with an event stream: the plugin SSE is not installed: call a.Install(sse.Plugin)")
	case serve == nil:
		return errors.New("respond with an event stream: the function that serves it is nil")
	case !c.CanFlush():
		return errors.New("respond with an event stream: a middleware around the handler keeps responses from being flushed: its writer needs Flush or Unwrap")
	}
	chosen, err := newOptions(&sessions.config, choices)
	if err != nil {
		return fmt.Errorf("respond with an event stream: %w", err)
	}
	lastEventID, err := sessions.lastEventID(c)
	if err != nil {
		return err
	}
	key := sessions.room.Key(c)
	if err := sessions.room.Check(c, key); err != nil {
		return err
	}
	// A body that is left would hold up the head, and hide that the client goes.
	// While it comes it takes no place among the sessions.
	if err := c.DiscardBody(); err != nil {
		return fmt.Errorf("respond with an event stream: %w", err)
	}
	if err := sessions.room.Admit(c, key); err != nil {
		return err
	}
	parked := false
	defer func() {
		if !parked {
			sessions.room.Leave(key)
		}
	}()
	marked := IsEventStream(c)
	streamKey.Set(c, true)
	if timeout := sessions.config.WriteTimeout; timeout != 0 {
		c.SetWriteTimeout(timeout)
	}
	begun := false
	defer func() { // also when serve ends its goroutine
		if !begun && !marked {
			streamKey.Delete(c)
		}
	}()
	return c.Respond(app.Stream(func(w http.ResponseWriter) error {
		if headAlone(c) {
			begun = true
			return sendHead(c, w)
		}
		obstacle := sessions.parking.obstacle(c) // before anybody waits for the call's end
		s := newSession(c.Context(), c, w, sessions, lastEventID, chosen)
		here := sessions.enter(s)
		here.key, here.obstacle = key, obstacle
		defer func() { begun, parked = here.moved || !s.isShut(), here.moved }()
		return here.serve(serve)
	}))
}

// lastEventID returns where the client left off, as far as it says so.
func (r *Sessions) lastEventID(call *app.Call) (string, error) {
	name, id := "Last-Event-ID", call.Request.Header.Get("Last-Event-ID")
	if id == "" && r.config.LastEventIDQuery {
		name, id = "lastEventId", call.QueryParam("lastEventId")
	}
	if limit := r.config.LastEventIDLimit; limit > 0 && len(id) > limit {
		return "", app.NewError(http.StatusBadRequest, fmt.Sprintf("%s is longer than %d bytes", name, limit))
	}
	if id == idMissed {
		return "", errMissed
	}
	return id, nil
}

// headAlone reports whether a stream has no body: for HEAD, and for a status
// without one.
func headAlone(c *app.Call) bool {
	status := c.Status()
	return c.Request.Method == http.MethodHead || status == http.StatusNoContent || status == http.StatusNotModified
}

// describeStream sets the fields that keep proxies from holding the events back,
// unless they are set.
func describeStream(header http.Header) {
	if header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", "no-store, no-transform")
	}
	if header.Get("X-Accel-Buffering") == "" {
		header.Set("X-Accel-Buffering", "no")
	}
}

// sendHead sends the head of a stream.
func sendHead(c *app.Call, w http.ResponseWriter) error {
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Del("Content-Length")
	describeStream(header)
	status := c.Status()
	if status == 0 {
		status = http.StatusOK
	}
	w.WriteHeader(status) // before the flush: a logger between learns of the status only here
	if err := http.NewResponseController(w).Flush(); err != nil {
		return fmt.Errorf("send the head of an event stream: %w", err)
	}
	return nil
}
