package main

import (
	"strings"
	"time"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// farewell is the last event of a stream: the one end that every client
// understands, if its page closes the stream on it. Otherwise the client is back
// after a delay of its own.
func farewell() sse.Event { return sse.Event{Event: "close", Data: "bye"} }

// events declares streams that are about the events themselves.
func events(r *routing.Route) {
	r.SSE("/named", sequence(
		sse.Event{Data: "plain"},
		sse.Event{Event: "greeting", Data: "hello", ID: "1"},
		sse.Event{Data: "first\nsecond\n\nlast\n", ID: "2"},
		sse.Event{Event: "empty", ID: "three & a half"},
		sse.Event{Comments: "nobody\nsees this"},
		sse.Event{Retry: 50 * time.Millisecond},
		sse.Event{Data: "CR\rCRLF\r\nLF\nend"},
		sse.Event{Data: `{"json":"<b> & co"}`, Comments: "beside data"},
		farewell(),
	))
	r.SSE("/unicode", sequence(
		sse.Event{Data: "Grüße, 世界 🙂", ID: "ascii"},
		sse.Event{Event: "größe", Data: "a type beyond ASCII"},
		sse.Event{Data: "\ufeffnot at the start, so no byte order mark"},
		sse.Event{Data: "line\u2028separator, next\u0085line"},
		sse.Event{Data: "  two spaces, a\ttab, a trailing space "},
		sse.Event{Data: "ill-formed: \xff"},
		farewell(),
	))
	r.SSE("/big", sequence(
		sse.Event{Event: "line", Data: strings.Repeat("0123456789abcdef", 64<<10), ID: "1"},
		sse.Event{Event: "lines", Data: strings.Repeat("0123456789abcde\n", 4<<10), ID: "2"},
		farewell(),
	))
	// The client has to close this one.
	r.SSE("/close", untilClosed(sse.Event{Data: "still here"}, farewell()))
}

// sequence serves a stream of exactly these events.
func sequence(events ...sse.Event) func(*sse.Session) error {
	return func(s *sse.Session) error {
		for _, event := range events {
			if err := s.Send(event); err != nil {
				return err
			}
		}
		return nil
	}
}

// untilClosed is sequence without an end: the client has to close the stream.
func untilClosed(events ...sse.Event) func(*sse.Session) error {
	return func(s *sse.Session) error {
		if err := sequence(events...)(s); err != nil {
			return err
		}
		<-s.Context().Done()
		return nil
	}
}
