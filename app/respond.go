package app

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// A Status is a value to respond with that is nothing but a status code: the
// body is empty. It answers to responding with Ktor's HttpStatusCode.
type Status int

// A Stream is a value to respond with that writes its own body: it is called
// once, with the response's writer, inside Respond.
// Ktor: WriteChannelContent.
type Stream func(w http.ResponseWriter) error

// SetStatus sets the status of the answer that is still to come, as setting
// Ktor's response.status() does. A call that nobody answers ends with this
// status and no body. 0 takes it back.
func (c *Call) SetStatus(status int) { c.preset = int16(status) }

// Status returns the status of the answer as far as it is decided: what was
// sent, recorded or set, else 0.
func (c *Call) Status() int {
	if c.out.Status != 0 {
		return c.out.Status
	}
	return int(c.preset)
}

// Written returns how many bytes of the body have been taken for sending,
// before any encoding.
func (c *Call) Written() int64 { return c.written }

// RespondText answers with text. Its type is text/plain in UTF-8 unless
// Content-Type is set already.
func (c *Call) RespondText(text string) error {
	if c.answered || !c.direct() || len(c.endpoint.send[SendTransform])+len(c.endpoint.send[SendRender]) > 0 {
		return c.Respond(text)
	}
	// Nobody wants to see the value, so it need not become one.
	c.answered, c.whole = true, true
	c.typeAs(&c.out, "text/plain; charset=UTF-8")
	c.out.body = body{kind: bodyText, text: text}
	if c.out.Status = int(c.preset); c.out.Status == 0 {
		c.out.Status = http.StatusOK
	}
	return nil
}

// RespondBytes answers with data, which is kept and must not be changed before
// the call has ended. Its type is found out from the first 512 bytes unless
// Content-Type is set already.
func (c *Call) RespondBytes(data []byte) error { return c.Respond(data) }

// RespondStatus answers with a status and an empty body.
func (c *Call) RespondStatus(status int) error { return c.Respond(Status(status)) }

// Respond answers the call with value: text, bytes, a [Status], an io.Reader, a
// [Stream], or anything that an installed plugin can turn into one of these;
// what nobody can is an [Error] with 406. The status is the one set before,
// else 200. The answer is a value until the call ends, or the handler writes or
// flushes: an error that the handler returns until then replaces it. A reader
// is read before Respond returns, and closed if it is an io.Closer. A second
// respond is an error.
func (c *Call) Respond(value any) error {
	if c.answered {
		closeValue(value)
		return fmt.Errorf("respond: %w", ErrAnswered)
	}
	out := &c.out
	direct := c.direct()
	if !direct { // a middleware's writer has the last word on headers and body
		out = &Outgoing{Header: c.writer.Header(), length: -1}
	}
	out.Value, out.Status = value, int(c.preset)
	if err := c.prepare(out); err != nil {
		closeValue(value)
		return err
	}
	c.out.wrap = out.wrap
	if out.Status == 0 && out.body.kind != bodyStream { // a stream may still choose
		out.Status = http.StatusOK
	}
	return c.hand(out, direct)
}

// direct reports whether no middleware's writer stands between the call and its
// outermost writer.
func (c *Call) direct() bool { return c.writer == http.ResponseWriter((*responseWriter)(c)) }

// prepare runs the steps that make a value a body.
func (c *Call) prepare(out *Outgoing) error {
	for step := SendTransform; step <= SendRender; step++ {
		for _, hook := range c.endpoint.send[step] {
			if err := hook(c, out); err != nil {
				c.unprepare(out)
				return fmt.Errorf("respond: %w", err)
			}
		}
	}
	if out.Value == nil && out.body.kind != bodyNone {
		return nil
	}
	switch value := out.Value.(type) {
	case string:
		c.typeAs(out, "text/plain; charset=UTF-8")
		out.body = body{kind: bodyText, text: value}
	case []byte:
		out.body = body{kind: bodyData, data: value}
	case Status:
		out.Status = int(value)
	case Stream:
		out.body = body{kind: bodyStream}
	case sized:
		reader := io.Reader(value.ReadCloser) // bare, so that a file can be sent without copying
		out.body, out.length = body{kind: bodyReader, reader: &reader}, value.length
	case io.Reader:
		out.body, out.length = body{kind: bodyReader, reader: &value}, -1
	default:
		c.unprepare(out)
		return &Error{Status: http.StatusNotAcceptable, Err: fmt.Errorf("respond: nothing turns %T into a body", value)}
	}
	return nil
}

func (c *Call) unprepare(out *Outgoing) {
	out.closeReader()
	out.Value, out.Status, out.body = nil, 0, body{}
}

func (c *Call) typeAs(out *Outgoing, contentType string) {
	if _, set := out.Header["Content-Type"]; !set {
		c.contentType[0] = contentType
		out.Header["Content-Type"] = c.contentType[:1:1]
	}
}

// hand gives a prepared response to the writer. With no middleware's writer
// between, a whole body is only kept.
func (c *Call) hand(out *Outgoing, direct bool) error {
	value, content, length := out.Value, out.body, out.Length()
	out.Value = nil
	if direct {
		c.answered = true
		if content.kind < bodyReader {
			c.whole = true
			return nil
		}
		out.body = body{}
	}
	if content.kind == bodyReader && length >= 0 || !direct && content.kind < bodyReader && length >= sniffLength {
		out.Header.Set("Content-Length", strconv.FormatInt(length, 10))
	}
	if !direct && out.Status != 0 {
		c.writer.WriteHeader(out.Status)
	}
	if content.kind != bodyStream && out.Status != 0 && !bodyAllowed(out.Status) {
		content.kind = bodyNone // dropped, as it is where nobody stands between
	}
	var err error
	switch content.kind {
	case bodyText:
		_, err = io.WriteString(c.writer, content.text)
	case bodyData:
		_, err = c.writer.Write(content.data)
	case bodyReader:
		if c.Request.Method == http.MethodHead {
			err = c.sendHeadOfReader(*content.reader)
		} else {
			source := *content.reader
			if out.length >= 0 { // a file may have grown since it was measured
				source = io.LimitReader(source, out.length)
			}
			_, err = io.Copy(c.writer, source)
		}
	case bodyStream:
		if c.Request.Method == http.MethodHead {
			err = c.sendHeadOfStream(value.(Stream))
		} else {
			err = value.(Stream)(c.writer)
		}
	}
	if content.reader != nil {
		if closer, ok := (*content.reader).(io.Closer); ok {
			_ = closer.Close()
		}
	}
	if err != nil {
		return fmt.Errorf("respond: %w", err)
	}
	c.whole = true
	return nil
}
