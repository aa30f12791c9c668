package sse

import (
	"encoding"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrInvalidEvent is the error of an [Event] that has no safe form on the wire.
// Nothing of it was written and the stream is as good as before, so a sender
// may correct the event and go on.
var ErrInvalidEvent = errors.New("encode event")

// Event is one server-sent event. An empty field is an absent one. The zero
// Event is a message with empty data.
//
// An event with Data, Event or ID, and the zero Event, reaches the listeners of
// a client. One that holds nothing but Comments or Retry does not; see
// [Event.AppendText]. An Event is a plain value: it may be copied, compared and
// sent from many goroutines at once.
//
// Ktor: ServerSentEvent.
type Event struct {
	// Data is the payload. It may have any number of lines; LF, CR and CRLF all
	// end a line and all arrive as LF.
	Data string

	// Event is the type that the client's listeners are chosen by. It must not
	// hold CR or LF. The empty type means "message".
	Event string

	// ID becomes the client's last event ID, which it sends back as
	// Last-Event-ID when it reconnects. It must be printable ASCII (0x20 to
	// 0x7e) that neither begins nor ends with a space, because nothing else
	// comes back in that header as it was, and a stream refuses one that is
	// longer than the LastEventIDLimit of [Config]. An empty ID leaves the
	// client's last event ID alone.
	ID string

	// Retry tells the client how long to wait before it reconnects. It is sent
	// in whole milliseconds, rounded up. Zero sends nothing and keeps the
	// client's own delay; a negative value is refused.
	Retry time.Duration

	// Comments is text that clients ignore; it keeps proxies from closing a
	// quiet connection. It may have any number of lines.
	Comments string
}

// TypedEvent is an [Event] whose data is a value, for [Session.SendTyped].
//
// Ktor: TypedServerSentEvent.
type TypedEvent struct {
	// Data is the value that the stream's serializer turns into the data. Nil
	// is no data.
	Data any

	// Event, ID, Retry and Comments are those of [Event].
	Event    string
	ID       string
	Retry    time.Duration
	Comments string
}

var _ encoding.TextAppender = Event{}

// AppendText appends e to b as it goes over the wire (HTML standard, section
// 9.2.5) and returns the longer slice. It implements [encoding.TextAppender]
// and does not allocate when b has room.
//
// The bytes are those that Ktor writes for the same event: the fields in the
// order event, data, id, retry, comments, each line of a value as one line
// "name: value" that ends with CRLF, then an empty line. Unlike Ktor, an event
// with a type or an ID always has a data line, since clients drop an event
// without one.
//
// An ID outside printable ASCII or with a space at an end, CR or LF in the type,
// and a negative Retry are refused: AppendText returns b as it was and an error
// that wraps [ErrInvalidEvent]. All other text is sent, NUL and control
// characters included. An event stream is always UTF-8: each ill-formed sequence
// is replaced with U+FFFD, as a client would on reading it.
func (e Event) AppendText(b []byte) ([]byte, error) {
	name, err := e.validate()
	if err != nil {
		return b, err
	}
	if name != "" {
		b = appendLine(b, "event: ", name)
	}
	if e.Data != "" || e.Event != "" || e.ID != "" || (e.Retry == 0 && e.Comments == "") {
		b = appendLines(b, "data: ", e.Data)
	}
	if e.ID != "" {
		b = appendLine(b, "id: ", e.ID)
	}
	if e.Retry != 0 {
		b = append(b, "retry: "...)
		b = strconv.AppendInt(b, ceilMilliseconds(e.Retry), 10)
		b = append(b, "\r\n"...)
	}
	if e.Comments != "" {
		b = appendLines(b, ": ", e.Comments)
	}
	return append(b, "\r\n"...), nil
}

// isComment reports whether e is nothing but a comment.
func (e Event) isComment() bool {
	return e.Comments != "" && e == Event{Comments: e.Comments}
}

// validate returns the type as it is sent, or reports the first field that no
// reader would take as it was meant. Types are short and nearly always ASCII,
// so whether one is comes out of the same pass.
func (e Event) validate() (name string, err error) {
	// The quoted values are cut short: they may be of any size and end up in a
	// log.
	ascii := true
	for i := range len(e.Event) {
		switch char := e.Event[i]; {
		case char == '\n' || char == '\r':
			return "", fmt.Errorf("%w: type %.100q has more than one line", ErrInvalidEvent, e.Event)
		case char >= utf8.RuneSelf:
			ascii = false
		}
	}
	for i := range len(e.ID) {
		if e.ID[i] < 0x20 || e.ID[i] > 0x7e {
			return "", fmt.Errorf("%w: id %.100q is not printable ASCII", ErrInvalidEvent, e.ID)
		}
	}
	// HTTP strips it from a header (RFC 9110, section 5.5).
	if strings.HasPrefix(e.ID, " ") || strings.HasSuffix(e.ID, " ") {
		return "", fmt.Errorf("%w: id %.100q begins or ends with a space, which clients cannot send back", ErrInvalidEvent, e.ID)
	}
	if e.Retry < 0 {
		return "", fmt.Errorf("%w: retry %v is negative", ErrInvalidEvent, e.Retry)
	}
	if ascii {
		return e.Event, nil
	}
	return validUTF8(e.Event), nil
}

// appendLines appends one line for each line of value. An empty value has one
// empty line, and a line end at the end of value is followed by one more, so
// that nothing is lost.
func appendLines(b []byte, prefix, value string) []byte {
	value = validUTF8(value)
	// Most text has no CR at all, and looking once is cheaper than looking in
	// each line.
	hasCR := strings.IndexByte(value, '\r') >= 0
	for {
		end := strings.IndexByte(value, '\n')
		line := value
		if end >= 0 {
			line = value[:end]
		}
		if hasCR {
			if end >= 0 {
				line = strings.TrimSuffix(line, "\r")
			}
			for cr := strings.IndexByte(line, '\r'); cr >= 0; cr = strings.IndexByte(line, '\r') {
				b = appendLine(b, prefix, line[:cr])
				line = line[cr+1:]
			}
		}
		b = appendLine(b, prefix, line)
		if end < 0 {
			return b
		}
		value = value[end+1:]
	}
}

// appendLine appends one line. The space at the end of prefix keeps a leading
// space of value alive, since readers remove exactly one.
func appendLine(b []byte, prefix, value string) []byte {
	b = append(b, prefix...)
	b = append(b, value...)
	return append(b, "\r\n"...)
}

// ceilMilliseconds rounds d up: a client that waits a little longer than asked
// is better than one that does not wait.
func ceilMilliseconds(d time.Duration) int64 {
	ms := d.Milliseconds()
	if d%time.Millisecond > 0 {
		ms++
	}
	return ms
}
