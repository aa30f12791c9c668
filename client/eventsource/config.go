package eventsource

import (
	"net/http"
	"time"

	"github.com/chitor-go/chitor/plugins/sse"
)

// Config configures a [Stream]. The functions that are given to [New] and [Get]
// find the defaults in it.
//
// Ktor: SSEConfig; showRetryEvents and bufferPolicy have no counterpart.
type Config struct {
	// HTTPClient sends the requests: its Transport, its cookies, its rule for
	// redirects. Its Timeout is not used, since it would end every stream. If it
	// has no CheckRedirect, redirects are followed as the package comment says.
	// Nil, the default, is [http.DefaultClient].
	HTTPClient *http.Client

	// OnRequest is called with the request of each attempt before it is sent,
	// and with how the connection before has ended: nil for the first one, and
	// for a clean end. It may change the header, and is the place for a token
	// that does not last as long as the stream: if 401 is among RetryStatuses, a
	// [*ResponseError] with that status is the time to get another. A Transport
	// that adds a token tells it to whatever origin a redirect leads to, too. An
	// error ends the stream with that error. It runs in the loop's goroutine, and
	// may wait for the context of the request. Nil, the default, is not called.
	OnRequest func(request *http.Request, before error) error

	// LastEventID is the ID to resume after, from an earlier
	// [Stream.LastEventID]. It is sent as Last-Event-ID, and events without an
	// ID of their own carry it until the server sends another one. The default
	// is the Last-Event-ID of the request, which otherwise has no effect.
	LastEventID string

	// ReconnectionTime is the least time between the end of a connection and
	// the next one, until the server sets another by a retry field. 3 s by
	// default; anything under 100 ms, 0 and negative numbers included, is 100
	// ms.
	//
	// Ktor: reconnectionTime.
	ReconnectionTime time.Duration

	// MaxBackoff bounds the random time that is added to the reconnection time,
	// which doubles from one attempt to the next as long as they fail. 30 s by
	// default. 0, or a negative number, adds nothing: clients that were cut off
	// together then come back together.
	MaxBackoff time.Duration

	// MaxReconnectionAttempts is how many further connections in a row are
	// tried that deliver nothing, before the stream ends. 0 never reconnects, a
	// negative number sets no limit. By default there is no limit for methods
	// that are safe (RFC 9110, section 9.2.1), such as GET and HEAD, and it is 0
	// for others, such as POST. Those are sent again only when a connection has
	// failed or has been broken off, never after the clean end of a stream, and
	// each attempt counts, whatever it has delivered. Once the loop has been given
	// an event, they are sent again only if an ID has come with it, so that the
	// server can go on from there: else the loop would be given the beginning of
	// the answer twice, see Restart. A request whose body cannot be had again,
	// because it has no GetBody, needs 0.
	//
	// Ktor: maxReconnectionAttempts, which is 0 by default.
	MaxReconnectionAttempts int

	// Restart lets a request that is not safe be sent again also after events
	// without an ID. Then the loop is given the answer from its beginning again,
	// after a call of OnReconnect, and has to forget what it has. Off by default.
	Restart bool

	// RetryStatuses are the statuses after which the request is sent again, as
	// if the connection had been lost: 408, 429, 500, 502, 503, 504 and 529, by
	// which Anthropic says that it is overloaded, by default. If it is nil or
	// empty, a stream is as strict as a browser's. Any other status but 200 and
	// 204 ends the stream with a [*ResponseError].
	RetryStatuses []int

	// Types are the media types, beside text/event-stream, of responses that are
	// read as event streams, without parameters. An empty one stands for a
	// response without Content-Type. Nil, the default, is as strict as a browser.
	Types []string

	// MaxErrorBody is how much a [*ResponseError] keeps of the body of a response
	// that is no event stream, in bytes. 4 KiB by default, which is more than an
	// error says. If the server may answer with JSON what it does not stream, as
	// those of MCP may, it is the longest answer. 0, or a negative number, keeps
	// nothing.
	MaxErrorBody int

	// ResponseTimeout is the time from the start of an attempt to the head of
	// its response, with all redirects and the sending of the body. What takes
	// longer is a lost connection, and its error wraps
	// [os.ErrDeadlineExceeded]. 1 min by default. 0, or a negative number, sets
	// no limit.
	ResponseTimeout time.Duration

	// ReadTimeout is how long the server may be silent before the connection
	// counts as lost, with an error that wraps [os.ErrDeadlineExceeded]. Any
	// byte counts, so a server that sends heartbeats is never silent. The time
	// in which the body of the loop runs does not count. 0, the default, or a
	// negative number sets no limit.
	ReadTimeout time.Duration

	// EventTimeout is how long the server may send no event before the
	// connection counts as lost, as with ReadTimeout, but a comment is no sign of
	// life: a relay sends heartbeats as long as it is there itself, whether or
	// not anything comes of what it waits for. 0, the default, or a negative
	// number sets no limit.
	EventTimeout time.Duration

	// MaxEvent is the longest data that an event may have, in bytes, and no line
	// may be longer, see [sse.ReaderConfig]. 1 MiB by default. 0, or a negative
	// number, sets no limit. A stream that exceeds it ends with a
	// [*sse.LimitError].
	MaxEvent int

	// Comments asks for comments too, each as an event with nothing but
	// Comments, see [sse.ReaderConfig]. Off by default.
	//
	// Ktor: showCommentEvents.
	Comments bool

	// Unfinished asks for the last event of a stream that ends without the blank
	// line after it, see [sse.ReaderConfig]. Off by default, as in a browser.
	Unfinished bool

	// IsLast reports whether an event is the last one, by which the server says
	// that the stream is whole, such as [IsDone]. The loop ends after that event
	// and does not wait for the server; its connection is used again if the end
	// of the stream is there within 100 ms. A stream that ends without it has
	// been cut, however cleanly: that is a lost connection, and its error wraps
	// [io.ErrUnexpectedEOF]. It is not asked about comments. Nil, the default,
	// takes each clean end for what it says.
	IsLast func(sse.Event) bool

	// OnOpen is called with the response of each connection that is an event
	// stream, before its events. The body belongs to the stream. It runs in the
	// loop's goroutine. Nil, the default, is not called.
	OnOpen func(*http.Response)

	// OnReconnect is called before each pause that is followed by another
	// attempt, with what has ended the connection, nil for a clean end, and the
	// length of the pause. It is the place to log, and to show that nothing
	// arrives for now: nothing else tells of errors after which the stream goes
	// on. It runs in the loop's goroutine. Nil, the default, is not called.
	OnReconnect func(err error, wait time.Duration)
}

// statusOverloaded is in no registry: Anthropic's API says by it that it has too
// much to do, for whoever asks.
const statusOverloaded = 529

// newConfig returns the defaults for a request.
func newConfig(request *http.Request) Config {
	config := Config{
		LastEventID:      request.Header.Get("Last-Event-ID"),
		ReconnectionTime: 3 * time.Second,
		MaxBackoff:       30 * time.Second,
		RetryStatuses: []int{
			http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
			http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, statusOverloaded,
		},
		MaxErrorBody:    4 << 10,
		ResponseTimeout: time.Minute,
		MaxEvent:        1 << 20,
	}
	if isSafe(request.Method) {
		config.MaxReconnectionAttempts = -1
	}
	return config
}

// isSafe reports whether to ask twice is no more than to ask (RFC 9110, section
// 9.2.1).
func isSafe(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, "PROPFIND", "QUERY", "REPORT", "SEARCH":
		return true
	}
	return false
}
