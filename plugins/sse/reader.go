package sse

import (
	"bytes"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/internal/mistakes"
)

// ReaderConfig configures a [Reader]. The functions that are given to
// [NewReader] find the defaults in it.
type ReaderConfig struct {
	// MaxEvent is the longest Data that an event may have, in bytes, in one line
	// or in many; no line of any other kind may be longer. 1 MiB by default. 0,
	// or a negative number, sets no limit, and then a peer that never ends an
	// event or a line decides how much memory the reader takes.
	MaxEvent int

	// LastEventID is the last event ID from before this stream, as a client
	// that reconnects has it. Events without an ID of their own carry it. Empty,
	// the default, is none.
	LastEventID string

	// Comments asks for comments too: each comment line that has a text is
	// yielded as soon as it is read, as an [Event] with nothing but Comments,
	// before the event among whose lines it is. Off by default.
	Comments bool

	// Unfinished asks for the last event of a stream that ends, with io.EOF,
	// before the blank line after it, or within its last line. There are servers
	// that leave the blank line out. It is off by default, as the standard wants
	// it: a stream that was cut may look just the same, and then half an event is
	// taken for a whole one.
	Unfinished bool
}

// maxEmptyReads is how often in a row a source may return neither bytes nor an
// error, as for [bufio.Reader].
const maxEmptyReads = 100

// LimitError reports a stream that went over MaxEvent of [ReaderConfig]. A
// client that reconnects is likely to meet it again.
type LimitError struct {
	// Limit is the value of MaxEvent, in bytes.
	Limit int
}

// Error names the limit and its value.
func (e *LimitError) Error() string {
	return fmt.Sprintf("stream exceeds MaxEvent of %d bytes", e.Limit)
}

// Reader parses an event stream by the rules of the HTML standard, section
// 9.2.6: it is the reading half of a browser's EventSource, without the
// connection. Whatever the stream sends, it holds one line, one event and one
// ID at most, each within MaxEvent of [ReaderConfig].
//
// Make one with [NewReader]; the zero Reader is not usable. A Reader is not
// safe for concurrent use. Its methods may be called in the loop over
// [Reader.All].
type Reader struct {
	source io.Reader
	config ReaderConfig

	buf   []byte
	chunk []byte // the part of buf that has been read and not yet consumed
	// err is what source returned with the chunk or after it, the mistake of
	// whoever called NewReader, or io.EOF once All has ended.
	err     error
	line    []byte // the beginning of a line whose end has not arrived
	begun   bool   // the first line, the only one that may have a BOM, has been read
	afterCR bool   // the line before ended with CR, so that an LF now belongs to it
	blank   bool   // the blank line that the end of the stream stands for has been read

	// What the standard calls the data buffer, the event type buffer and the
	// last event ID buffer, and the retry field of the event that is being
	// read. Only id outlives the event.
	data      []byte
	eventType string
	id        string
	eventWait time.Duration

	lastType    string // kept because the same few types come again and again
	lastEventID string
	retry       time.Duration
	hasRetry    bool
}

// NewReader returns a Reader of stream, which begins with the first byte of a
// response body. The Reader does not close stream, and may have read more of it
// than the events it has yielded. With a configuration function that is nil it
// reads nothing: [Reader.All] yields that mistake.
func NewReader(stream io.Reader, configure ...func(*ReaderConfig)) *Reader {
	config := ReaderConfig{MaxEvent: 1 << 20}
	mistake := mistakes.Configure(&config, configure)
	return &Reader{
		source:      stream,
		config:      config,
		err:         mistake,
		buf:         make([]byte, 4<<10),
		id:          config.LastEventID,
		lastEventID: config.LastEventID,
	}
}

// All yields the events of the stream in order, each as soon as its last byte
// has arrived. The loop blocks while the stream has nothing; to end it from
// outside, close the stream or cancel the request it belongs to. A loop that
// was left early may be taken up again with another All, without loss.
//
// A yielded event has LF between the lines of Data. Event is the type as the
// stream gave it: empty if it gave none, which means the same as "message". ID
// is the last event ID as of this event, whether this event or an earlier one
// set it. Retry is set if a line of this event set it. Comments is empty, see
// [ReaderConfig]. Bytes that are not UTF-8 have become U+FFFD. A block without
// a data line is no event: its id and retry take effect, its type is forgotten.
//
// The end of the stream ends the loop; an event that is not complete by then is
// dropped, and its ID with it, unless Unfinished of [ReaderConfig] asks for it.
// Any other error of the stream, or a [LimitError], is yielded once, with the
// zero Event, and ends the loop, for this and all later calls of All.
func (r *Reader) All() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			event, err := r.next()
			if err != nil {
				r.chunk, r.err = nil, io.EOF
				// Only io.EOF itself is a clean end: a wrapped one tells of a
				// connection that broke.
				if err != io.EOF {
					yield(Event{}, fmt.Errorf("read event stream: %w", err))
				}
				return
			}
			if !yield(event, nil) {
				return
			}
		}
	}
}

// LastEventID is the ID to send as Last-Event-ID when reconnecting: that of the
// last complete block that had one, or the one from [ReaderConfig]. It is empty
// if there was none or if the stream has reset it.
func (r *Reader) LastEventID() string { return r.lastEventID }

// Retry is the time to wait before reconnecting, and whether the stream has set
// one at all. It takes effect as soon as its line is read. It may be zero:
// guarding against a loop without a pause is up to the caller.
func (r *Reader) Retry() (time.Duration, bool) { return r.retry, r.hasRetry }

// next reads lines until they yield something.
func (r *Reader) next() (Event, error) {
	for {
		line, err := r.readLine()
		if err == io.EOF && r.config.Unfinished {
			line, err = r.finish()
		}
		if err != nil {
			return Event{}, err
		}
		if !r.begun {
			r.begun = true
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if len(line) == 0 {
			if event, ok := r.dispatch(); ok {
				return event, nil
			}
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		if len(name) == 0 && len(value) > 0 && r.config.Comments {
			return Event{Comments: string(appendUTF8(nil, value))}, nil
		}
		if err := r.take(name, value); err != nil {
			return Event{}, err
		}
	}
}

// finish returns the lines that are missing at the end of a stream: what there
// is of the last one, and the blank one after it.
func (r *Reader) finish() ([]byte, error) {
	line := r.line
	switch {
	case len(line) > 0:
		r.line = nil
		return line, nil
	case !r.blank:
		r.blank = true
		return nil, nil
	}
	return nil, io.EOF
}

// readLine returns the next line without its end. The slice is valid until the
// next call.
func (r *Reader) readLine() ([]byte, error) {
	r.line = r.line[:0]
	for {
		if err := r.fill(); err != nil {
			return nil, err
		}
		// A CR ends its line at once, because the next byte may be long in
		// coming. If that turns out to be LF, the two were one line end.
		if r.afterCR {
			r.afterCR = false
			if r.chunk[0] == '\n' {
				r.chunk = r.chunk[1:]
				continue
			}
		}
		end := indexLineEnd(r.chunk)
		if r.exceeds(len(r.line) + end - len("data: ")) {
			return nil, &LimitError{Limit: r.config.MaxEvent}
		}
		line := r.chunk[:end]
		if end == len(r.chunk) {
			r.line = append(r.line, line...)
			r.chunk = nil
			continue
		}
		r.afterCR = r.chunk[end] == '\r'
		r.chunk = r.chunk[end+1:]
		if len(r.line) > 0 {
			r.line = append(r.line, line...)
			line = r.line
		}
		return line, nil
	}
}

// fill makes sure that chunk holds at least one byte. It waits only if there is
// none.
func (r *Reader) fill() error {
	for range maxEmptyReads {
		if len(r.chunk) > 0 {
			return nil
		}
		if r.err != nil {
			return r.err
		}
		var n int
		n, r.err = r.source.Read(r.buf)
		r.chunk = r.buf[:n]
	}
	return io.ErrNoProgress
}

// indexLineEnd returns the index of the first CR or LF, or len(chunk).
func indexLineEnd(chunk []byte) int {
	if i := bytes.IndexByte(chunk, '\n'); i >= 0 {
		chunk = chunk[:i]
	}
	if i := bytes.IndexByte(chunk, '\r'); i >= 0 {
		return i
	}
	return len(chunk)
}

// exceeds reports whether so many bytes of data are more than an event may
// have.
func (r *Reader) exceeds(length int) bool {
	return r.config.MaxEvent > 0 && length > r.config.MaxEvent
}

// take applies one field. Names are case-sensitive and unknown ones are
// skipped.
func (r *Reader) take(name, value []byte) error {
	switch string(name) {
	case "data":
		r.data = append(appendUTF8(r.data, value), '\n')
		if r.exceeds(len(r.data) - 1) {
			return &LimitError{Limit: r.config.MaxEvent}
		}
	case "event":
		if string(value) != r.lastType {
			r.lastType = string(appendUTF8(nil, value))
		}
		r.eventType = r.lastType
	case "id":
		if bytes.IndexByte(value, 0) < 0 && string(value) != r.id {
			r.id = string(appendUTF8(nil, value))
		}
	case "retry":
		if wait, ok := parseRetry(value); ok {
			r.retry, r.hasRetry, r.eventWait = wait, true, wait
		}
	}
	return nil
}

// dispatch ends the block and returns its event, if it is one.
func (r *Reader) dispatch() (Event, bool) {
	r.lastEventID = r.id
	event := Event{Event: r.eventType, ID: r.id, Retry: r.eventWait}
	r.eventType, r.eventWait = "", 0
	if len(r.data) == 0 {
		return Event{}, false
	}
	event.Data = string(r.data[:len(r.data)-1])
	r.data = r.data[:0]
	return event, true
}

// parseRetry reads a number of milliseconds that consists of ASCII digits only.
// One that is too large for a Duration becomes the largest.
func parseRetry(value []byte) (time.Duration, bool) {
	if len(value) == 0 || bytes.ContainsFunc(value, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, false
	}
	ms, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil || ms > math.MaxInt64/int64(time.Millisecond) {
		return math.MaxInt64, true
	}
	return time.Duration(ms) * time.Millisecond, true
}
