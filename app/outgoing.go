package app

import (
	"bytes"
	"io"
	"net/http"
)

// An Outgoing is a response that has not left yet: what send hooks see and may
// change. It belongs to the call's goroutine and is good only while the hook
// runs.
//
// Ktor: OutgoingContent, with the status and headers of the response.
type Outgoing struct {
	// Value is what the handler passed to Respond, in SendTransform and
	// SendRender. A hook may replace it. Nil when the response is committed.
	Value any
	// Status is the status code; 0 stands for 200, or in SendTransform for the
	// one that Value will choose.
	Status int
	// Header is the response's header map, to be changed in place.
	Header http.Header

	body   body
	length int64                      // of a stream, -1 if unknown
	wrap   func(io.Writer) BodyWriter // nil if the body goes out as it is
}

// body is what is to be sent: whole, or from a reader, or nothing yet. Which of
// its fields holds it, says the kind.
type body struct {
	kind   bodyKind
	text   string
	data   []byte
	reader *io.Reader // a pointer, since it is rare and every call has room for a body
}

type bodyKind uint8

const (
	bodyNone   bodyKind = iota // nothing was chosen
	bodyText                   // text, whole
	bodyData                   // data, whole
	bodyReader                 // from reader
	bodyStream                 // written by the handler as it goes
)

// whole reports whether all of the body is known.
func (k bodyKind) whole() bool { return k != bodyReader && k != bodyStream }

// Length returns the length of the body in bytes, before any wrapping, or -1 if
// it is not known.
func (o *Outgoing) Length() int64 {
	switch o.body.kind {
	case bodyNone:
		return 0
	case bodyText:
		return int64(len(o.body.text))
	case bodyData:
		return int64(len(o.body.data))
	default:
		return o.length
	}
}

// Bytes returns the body and whether all of it is known by now: nil as long as
// nobody has chosen one, and not nil if an empty one was chosen. It must not be
// changed.
func (o *Outgoing) Bytes() ([]byte, bool) {
	switch o.body.kind {
	case bodyNone:
		return nil, true
	case bodyText:
		return []byte(o.body.text), true
	case bodyData:
		if o.body.data == nil {
			return []byte{}, true
		}
		return o.body.data, true
	default:
		return nil, false
	}
}

// SetText makes text the body. Content-Type is the hook's to set.
func (o *Outgoing) SetText(text string) { o.set(body{kind: bodyText, text: text}) }

// SetBytes makes data the body; it is kept, and must not be changed before the
// call has ended. Nil is an empty body. Content-Type is the hook's to set.
func (o *Outgoing) SetBytes(data []byte) { o.set(body{kind: bodyData, data: data}) }

// SetReader makes what r yields the body, length bytes or, for -1, as many as
// there are. R is read after the hooks have run, and closed if it is an
// io.Closer. Nil is an empty body.
func (o *Outgoing) SetReader(r io.Reader, length int64) {
	if r == nil {
		r, length = http.NoBody, 0
	}
	o.set(body{kind: bodyReader, reader: &r})
	o.length = length
}

func (o *Outgoing) set(b body) {
	o.closeReader()
	o.Value, o.body, o.length = nil, b, -1
	o.Header.Del("Content-Length")
}

func (o *Outgoing) closeReader() {
	if reader := o.body.reader; reader != nil {
		o.body.reader = nil // first: a second try would not go better
		closeValue(*reader)
	}
}

// closeValue closes a reader that somebody has handed over.
func closeValue(value any) {
	if reader, ok := value.(io.Reader); ok {
		_ = closerOf(reader).Close()
	}
}

// Wrapped reports whether the body passes a wrap on its way, such as an encoder:
// what is sent then are not the bytes of the body.
func (o *Outgoing) Wrapped() bool { return o.wrap != nil }

// Wrap sends the body through the writer that wrap returns, which writes on to
// the one it is given. The length on the wire is unknown from then on, unless
// the writer has a method Length() int64 that returns it. A later wrap is nearer
// to the wire. The function is called only if there is a body to
// send, after the hooks have run; if it returns nil, the body is sent as it is.
// A panic in it becomes the answer. A nil wrap changes nothing.
func (o *Outgoing) Wrap(wrap func(io.Writer) BodyWriter) {
	if wrap == nil {
		return
	}
	if outer := o.wrap; outer != nil {
		inner := wrap
		wrap = func(w io.Writer) BodyWriter {
			next := inner(w)
			if next == nil {
				return outer(w)
			}
			return newWrapChain(outer, next)
		}
	}
	o.wrap = wrap
}

// sample returns the first bytes of the body, as far as they are known, for
// sniffing its type.
func (o *Outgoing) sample() []byte {
	switch o.body.kind {
	case bodyText:
		return []byte(o.body.text[:min(len(o.body.text), sniffLength)])
	case bodyData:
		return o.body.data[:min(len(o.body.data), sniffLength)]
	default:
		return nil
	}
}

// sniffReader learns the type of a reader's body from its first bytes, unless it
// is set, if only to nothing.
func (o *Outgoing) sniffReader() error {
	if _, set := o.Header["Content-Type"]; set {
		return nil
	}
	first := make([]byte, sniffLength)
	n, err := io.ReadFull(*o.body.reader, first)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	o.Header.Set("Content-Type", http.DetectContentType(first[:n]))
	rest := *o.body.reader
	*o.body.reader = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(first[:n]), rest), closerOf(rest)}
	return nil
}

func closerOf(r io.Reader) io.Closer {
	if closer, ok := r.(io.Closer); ok {
		return closer
	}
	return io.NopCloser(r)
}
