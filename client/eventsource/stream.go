package eventsource

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"

	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/sse"
)

// Stream is an event stream that outlives its connections. Make one with [New];
// the zero Stream is not usable. It is not safe for concurrent use: it belongs
// to the goroutine that loops over [Stream.Events], and its methods may be
// called in that loop.
//
// Ktor: ClientSSESession.
type Stream struct {
	request *http.Request
	client  *http.Client
	config  Config
	mistake error // of whoever has made the stream; nothing is sent then

	reader   *sse.Reader // of the last connection, nil before the first
	ended    error       // how the connection before this one has ended
	attempts int         // since a connection has delivered something
	sent     bool        // the request's own Body is used up
}

// errLeft is the end of a connection whose events nobody wants any more.
var errLeft = errors.New("the loop was left")

// New returns a stream of what request asks for. Nothing is sent before the
// loop over [Stream.Events] begins, and the stream ends when the context of the
// request does. The URL must be one of http or https.
//
// The request is cloned for each connection and not changed, but its Body is
// read by the first; the others call its GetBody, which
// [http.NewRequestWithContext] sets for the usual bodies. Each is sent with
// Accept: text/event-stream, Cache-Control: no-cache, and Accept-Encoding:
// identity, because what compresses a stream often holds it back; the request's
// own values win. A stream that comes compressed all the same is decoded, if
// its Content-Encoding is gzip or deflate alone. Last-Event-ID is sent when
// there is one. An ID that cannot be in a header, because of control
// characters, is not sent. A configuration function that is nil is the loop's
// only error, and nothing is sent.
//
// Ktor: sseSession.
func New(request *http.Request, configure ...func(*Config)) *Stream {
	config := newConfig(request)
	mistake := mistakes.Configure(&config, configure)
	client := *cmp.Or(config.HTTPClient, http.DefaultClient)
	client.Timeout = 0
	if client.CheckRedirect == nil {
		client.CheckRedirect = follow
	}
	return &Stream{request: request, client: &client, config: config, mistake: mistake}
}

// Get loops over the events of url, as [New] and [Stream.Events] do for a GET
// without headers of its own. A url that cannot be parsed is the loop's only
// error.
//
// Ktor: sse.
func Get(ctx context.Context, url string, configure ...func(*Config)) iter.Seq2[sse.Event, error] {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return func(yield func(sse.Event, error) bool) { yield(sse.Event{}, fmt.Errorf("open event stream: %w", err)) }
	}
	return New(request, configure...).Events()
}

// Events connects and yields the events of the stream in order, each as soon as
// its last byte has arrived, over as many connections as it takes. The package
// comment says how the loop ends and when it reconnects; [sse.Reader.All] says
// what an event holds. A loop that was left may be taken up again with another
// Events, which connects anew and resumes after the last event ID.
//
// Ktor: incoming.
func (s *Stream) Events() iter.Seq2[sse.Event, error] {
	return func(yield func(sse.Event, error) bool) {
		if s.mistake != nil {
			yield(sse.Event{}, fmt.Errorf("open event stream: %w", s.mistake))
			return
		}
		ctx := s.request.Context()
		s.attempts = 0
		for {
			lost, err := s.connect(ctx, yield)
			s.ended = nil
			if !errors.Is(err, errLeft) {
				s.ended = err
			}
			if lost {
				lost, err = s.pause(ctx, err)
			}
			if lost {
				continue
			}
			if err != nil && !errors.Is(err, errLeft) {
				yield(sse.Event{}, err)
			}
			return
		}
	}
}

// LastEventID is the ID to resume after, empty if there is none: that of the
// last complete block that had one, whether or not it was an event, or else the
// one of [Config]. A program that stores it when it has dealt with an event can
// hand it to [Config] after a restart and go on from there, if the server can.
func (s *Stream) LastEventID() string {
	if s.reader == nil {
		return s.config.LastEventID
	}
	return s.reader.LastEventID()
}
