package eventsource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/plugins/sse"
)

// steady is how long a connection has to be open to count as a good one
// although nothing came.
const steady = 30 * time.Second

const (
	// lastWait and lastBytes are how long, and how far, a stream whose last event
	// has come is read for its end, so that its connection can be used again.
	lastWait  = 100 * time.Millisecond
	lastBytes = 4 << 10
)

// errCut is the clean end of a stream whose last event has not come.
var errCut = fmt.Errorf("read event stream: it has ended before its last event: %w", io.ErrUnexpectedEOF)

// connect makes one connection and yields its events. It reports whether it is
// of use to try again, and how the connection has ended: nil for the clean end of
// the stream, errLeft if the caller has left the loop.
func (s *Stream) connect(parent context.Context, yield func(sse.Event, error) bool) (lost bool, err error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	request, err := s.attempt(ctx)
	if err != nil {
		return false, fmt.Errorf("open event stream: %w", err)
	}
	var patience *time.Timer
	if limit := s.config.ResponseTimeout; limit > 0 {
		patience = time.AfterFunc(limit, func() {
			cancel(fmt.Errorf("no response within %v: %w", limit, os.ErrDeadlineExceeded))
		})
		defer patience.Stop()
	}
	response, err := s.client.Do(request)
	if err != nil {
		return true, fmt.Errorf("open event stream: %w", causeOf(ctx, err))
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode == http.StatusNoContent {
		return false, nil
	}
	content, readable := newContent(response)
	if !s.isEventStream(response) || !readable {
		again := slices.Contains(s.config.RetryStatuses, response.StatusCode)
		return again, fmt.Errorf("open event stream: %w", newResponseError(response, content, s.config.MaxErrorBody))
	}
	if patience != nil {
		patience.Stop()
	}
	if s.config.OnOpen != nil {
		s.config.OnOpen(response)
	}
	content.body.silence = newPatience(s.config.ReadTimeout, "silent for", cancel)
	content.body.quiet = newPatience(s.config.EventTimeout, "no event for", cancel)
	return s.read(ctx, cancel, content, yield)
}

// read yields the events of a response. It returns what connect does.
func (s *Stream) read(ctx context.Context, cancel context.CancelCauseFunc, content *content,
	yield func(sse.Event, error) bool,
) (lost bool, err error) {
	lastEventID := s.LastEventID()
	s.reader = sse.NewReader(content, func(c *sse.ReaderConfig) {
		c.MaxEvent, c.Comments, c.Unfinished = s.config.MaxEvent, s.config.Comments, s.config.Unfinished
		c.LastEventID = lastEventID
	})
	opened := time.Now()
	safe := isSafe(s.request.Method)
	defer func() {
		if wait, ok := s.reader.Retry(); ok {
			s.config.ReconnectionTime = min(wait, longestWish)
		}
		if safe && (content.delivered || time.Since(opened) >= steady) {
			s.attempts = 0
		}
	}()
	// What is not safe is asked again only as long as nobody has seen an event,
	// or if the server can tell where to go on: else the loop would be given the
	// beginning of the answer twice.
	seen := false
	repeatable := func() bool {
		id := s.LastEventID()
		return safe || !seen || s.config.Restart || id != "" && id != lastEventID
	}
	for event, err := range s.reader.All() {
		if err != nil {
			return !isFinal(err) && repeatable(), fmt.Errorf("read event stream: %w", causeOf(ctx, errors.Unwrap(err)))
		}
		isEvent := event.Comments == ""
		if isEvent {
			seen = true
			content.body.quiet.renew()
		}
		if !yield(event, nil) {
			return false, errLeft
		}
		if isEvent && s.config.IsLast != nil && s.config.IsLast(event) {
			content.drain(cancel)
			return false, nil
		}
		// Only now, because an event that the reader has let out counts for
		// LastEventID.
		if s.request.Context().Err() != nil {
			return true, nil
		}
	}
	if s.config.IsLast != nil {
		return repeatable(), errCut
	}
	return safe, nil // else the answer is whole, and to ask again is to do it again
}

// isFinal reports whether what has failed would fail again.
func isFinal(err error) bool {
	return errors.As(err, new(*sse.LimitError)) || errors.As(err, new(*codingError))
}

// attempt returns the request of the next connection.
func (s *Stream) attempt(ctx context.Context) (*http.Request, error) {
	url := s.request.URL
	if url == nil || url.Host == "" || url.Scheme != "http" && url.Scheme != "https" {
		return nil, fmt.Errorf("%.100q is not a URL of http or https", url.Redacted())
	}
	request := s.request.Clone(ctx)
	if request.Header == nil {
		request.Header = http.Header{}
	}
	for name, value := range map[string]string{
		"Accept": "text/event-stream", "Cache-Control": "no-cache", "Accept-Encoding": "identity",
	} {
		if len(request.Header.Values(name)) == 0 {
			request.Header.Set(name, value)
		}
	}
	request.Header.Del("Last-Event-ID")
	if id := s.LastEventID(); id != "" && !strings.ContainsFunc(id, isControl) {
		request.Header.Set("Last-Event-ID", id)
	}
	if s.config.OnRequest != nil {
		if err := s.config.OnRequest(request, s.ended); err != nil {
			return nil, err
		}
	}
	if request.Body == nil || request.Body == http.NoBody {
		return request, nil
	}
	if request.GetBody == nil && (s.sent || s.config.MaxReconnectionAttempts != 0) {
		return nil, errors.New("the request cannot be sent again: it has a body but no GetBody: set that, or MaxReconnectionAttempts to 0")
	}
	if s.sent {
		body, err := request.GetBody()
		if err != nil {
			return nil, fmt.Errorf("get the body again: %w", err)
		}
		request.Body = body
	}
	s.sent = true
	return request, nil
}

// isControl reports whether net/http refuses a header because of r.
func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }

// isEventStream reports whether the response is one that is read: what a
// browser's EventSource takes, and the types of the Config. Parameters of the
// type do not matter: an event stream is UTF-8, whatever they say.
func (s *Stream) isEventStream(response *http.Response) bool {
	if response.StatusCode != http.StatusOK {
		return false
	}
	contentType := response.Header.Get("Content-Type")
	if httpheader.IsEventStream(contentType) {
		return true
	}
	contentType, _, _ = strings.Cut(contentType, ";")
	contentType = strings.Trim(contentType, " \t")
	return slices.ContainsFunc(s.config.Types, func(other string) bool { return strings.EqualFold(other, contentType) })
}

// causeOf returns why a context has ended, which says more than what failed
// because of that, or else err.
func causeOf(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
