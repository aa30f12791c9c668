package sse

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// failureLimit is how much of an answer that comes too late is kept.
const failureLimit = 64 << 10

// An aheadHead is the head that is sent ahead of a handler which is silent.
type aheadHead struct {
	timer   *time.Timer
	firing  sync.WaitGroup
	header  http.Header   // the handler's, nil when it is the response's again
	failure *AdoptFailure // what the handler has answered after all, nil if that is a stream
}

// mayHurry reports whether a head may be sent ahead for a call. Then its body is in
// memory: over HTTP/1.1 the server reads it before it sends a head.
func (config *AdoptConfig) mayHurry(c *app.Call) bool {
	if config.HeadAfter == 0 {
		return false
	}
	wants := config.Wants
	if wants == nil {
		wants = wantsStream
	}
	if !wants(c) {
		return false
	}
	return c.Preview(func() error {
		if c.Request.Body == nil {
			return nil
		}
		_, err := io.Copy(io.Discard, c.Request.Body)
		return err
	}) == nil
}

// wantsStream is the default of Wants.
func wantsStream(c *app.Call) bool {
	streams, others := false, false
	for accepted, err := range httpheader.MediaRanges(strings.Join(c.Request.Header.Values("Accept"), ",")) {
		if err == nil && accepted.Weight > 0 {
			streams = streams || accepted.Type == "text" && accepted.Subtype == "event-stream"
			others = others || accepted.Subtype == "json"
		}
	}
	if streams && !others {
		return true
	}
	_, subtype := httpheader.SplitContentType(c.Request.Header.Get("Content-Type"))
	if !strings.EqualFold(subtype, "json") || c.Request.Body == nil {
		return false
	}
	var asked struct {
		Stream bool `json:"stream"`
	}
	return c.Preview(func() error {
		body, err := io.ReadAll(c.Request.Body)
		if err != nil {
			return err
		}
		return json.Unmarshal(body, &asked)
	}) == nil && asked.Stream
}

// A forkedWriter hides that an adoption leads to the call's writer, so that the
// handler gets a call of its own.
type forkedWriter interface {
	http.ResponseWriter
	FlushError() error
}

// serveAhead runs the handler in a fork of the call, which is the session's
// meanwhile: its head may leave at any time. An error of the handler is a part of
// what it has answered.
func (a *adoption) serveAhead(r *http.Request, next app.Handler) error {
	r.Header = r.Header.Clone()
	r.Header.Del("Accept-Encoding")
	a.key = a.sessions.room.Key(a.call)
	a.ahead = &aheadHead{header: a.ResponseWriter.Header().Clone()}
	err := a.call.RunWithin(struct{ forkedWriter }{a}, r, func(c *app.Call) error {
		a.inner = c
		a.hurry()
		defer a.endHurry()
		return next(c)
	})
	if a.here == nil || errors.Is(err, http.ErrAbortHandler) {
		return err
	}
	return a.tellFailure()
}

// hurry winds up the timer that sends a head ahead.
func (a *adoption) hurry() {
	ahead := a.ahead
	ahead.firing.Add(1)
	ahead.timer = time.AfterFunc(a.config.HeadAfter, func() {
		defer ahead.firing.Done()
		a.sendAhead()
	})
}

// sendAhead sends the head ahead of the handler's, and a comment, if there is room
// for a stream: else the handler's head is waited for.
func (a *adoption) sendAhead() {
	a.step.Lock()
	defer a.step.Unlock()
	if a.stage != adoptionOpen || !a.sessions.room.TryAdmit(a.key) {
		return
	}
	a.stage = adoptionAhead
	a.ResponseWriter.Header().Set("Content-Type", "text/event-stream")
	a.open()
	comment := []byte(": " + heartbeatComment + "\r\n")
	a.here.session.attempt(func() error {
		a.here.session.sendBeat(&comment)
		return nil
	})
}

// takeBackHeader makes the header of the response that of the handler. The caller
// holds the step.
func (a *adoption) takeBackHeader() {
	if a.ahead == nil || a.ahead.header == nil {
		return
	}
	header := a.ResponseWriter.Header()
	clear(header)
	maps.Copy(header, a.ahead.header)
	a.ahead.header = nil
}

// endHurry stops the timer when the handler has returned: what it has answered
// leaves now.
func (a *adoption) endHurry() {
	if a.ahead.timer.Stop() {
		a.ahead.firing.Done()
	}
	a.ahead.firing.Wait()
}

// keep keeps what a handler answers that was to be a stream.
func (h *aheadHead) keep(p []byte) {
	room := failureLimit - len(h.failure.Body)
	h.failure.Body = append(h.failure.Body, p[:min(len(p), room)]...)
}

// tellFailure tells the client of an answer that is no stream and came when the
// head had been sent.
func (a *adoption) tellFailure() error {
	failure := a.ahead.failure
	if failure == nil || failure.isEmpty() || a.here.session.ctx.Err() != nil {
		return nil
	}
	compose := a.config.Failed
	if compose == nil {
		compose = failedEvent
	}
	event := compose(a.call, *failure)
	if event == (Event{}) {
		return nil
	}
	s := a.here.session
	text, err := s.shared.config.appendEvent(nil, event)
	if err != nil {
		return err
	}
	s.sending.Lock()
	defer s.sendDueAndUnlock()
	if s.muted() == nil {
		_ = s.push(text, 1) // what cannot be sent has ended the session
	}
	return nil
}

// isEmpty reports whether it is the answer of a handler that had nothing to say.
func (f *AdoptFailure) isEmpty() bool { return f.Status < 300 && len(f.Body) == 0 }

// failedEvent is the default of Failed.
func failedEvent(_ *app.Call, failure AdoptFailure) Event {
	var compacted bytes.Buffer
	_, subtype := httpheader.SplitContentType(failure.ContentType)
	if isJSON := strings.EqualFold(subtype, "json") || strings.HasSuffix(strings.ToLower(subtype), "+json"); isJSON &&
		json.Compact(&compacted, failure.Body) == nil {
		return Event{Event: "error", Data: compacted.String()}
	}
	message := http.StatusText(failure.Status)
	if kind, plain := httpheader.SplitContentType(failure.ContentType); kind == "text" && plain == "plain" &&
		utf8.Valid(failure.Body) && len(bytes.TrimSpace(failure.Body)) > 0 {
		message = string(bytes.TrimSpace(failure.Body))
	}
	type reason struct {
		Message string `json:"message"`
		Code    int    `json:"code"`
	}
	data, _ := JSON(map[string]reason{"error": {message, failure.Status}}) // which can be encoded
	return Event{Event: "error", Data: string(data)}
}
