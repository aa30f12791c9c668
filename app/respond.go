package app

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
)

// A Status is a value to respond with that is nothing but a status code: the
// body is empty.
//
// Ktor: HttpStatusCode.
type Status int

// A Stream is a value to respond with that writes its own body: it is called
// once, with the response's writer, inside Respond. A nil Stream is an error.
//
// Ktor: WriteChannelContent.
type Stream func(w http.ResponseWriter) error

// SetStatus sets the status of the response that is still to come. A call that
// nobody answers ends with this status and no body. 0 takes it back. A number
// that is not the status of a response (200 to 999, or 101) is refused when the
// response is to leave: the call fails with an error that names it, and is
// answered with 500. When the status is decided it changes nothing, which is
// logged once for each route.
//
// Ktor: response.status.
func (c *Call) SetStatus(status int) {
	if now := c.answer.out.Status; now != 0 && c.answer.stage != stageSilent {
		c.warn(saidLateStatus, "the status was set when it was decided, and is lost: call SetStatus before responding",
			func() []any { return []any{"set", status, "sent", now, "site", callerOutside().String()} })
		return
	}
	c.answer.preset = int32(max(-1, min(status, math.MaxInt32)))
}

// Status returns the status of the response as far as it is decided: what was
// sent, recorded or set, else 0. On a connection that was hijacked it is the one
// in the status line that was written to it.
func (c *Call) Status() int {
	if c.rare != nil && c.rare.hijacked != nil {
		return int(max(0, c.rare.hijacked.status.Load()))
	}
	if status := c.answer.out.Status; status != 0 {
		return status
	}
	return int(c.answer.preset)
}

// Written returns how many bytes of the body have been taken for sending, before
// any encoding.
func (c *Call) Written() int64 { return c.answer.written }

// RespondText answers with text. Its type is text/plain in UTF-8 unless
// Content-Type is set already.
func (c *Call) RespondText(text string) error {
	a := &c.answer
	if a.stage != stageSilent || c.edge != nil || len(c.Endpoint().send[SendTransform])+len(c.Endpoint().send[SendRender]) > 0 {
		return c.Respond(text)
	}
	// Nobody wants to see the value, so it need not become one.
	a.begin()
	a.complete()
	c.typeAs(&a.out, "text/plain; charset=UTF-8")
	a.out.body = body{kind: bodyText, text: text}
	a.settle()
	return nil
}

// RespondBytes answers with data, which is kept and must not be changed before
// the call has ended. Its type is found out from the first 512 bytes unless
// Content-Type is set already.
func (c *Call) RespondBytes(data []byte) error { return c.Respond(data) }

// RespondStatus answers with a status and an empty body.
func (c *Call) RespondStatus(status int) error { return c.Respond(Status(status)) }

// Respond answers the call with value: text, bytes, a [Status], an io.Reader, a
// [Stream], or anything that an installed plugin can turn into one of these. What
// nobody can is an [Error] with 406; where ContentNegotiation is not installed,
// it is the server's own mistake, and 500. The status is the one set before,
// else 200. The response is a value until the call ends, or the handler writes
// or flushes: an error that the handler returns until then replaces it. A reader
// is read before Respond returns, and closed if it is an io.Closer. A second
// respond is an error.
func (c *Call) Respond(value any) error {
	if err := c.unanswerable(); err != nil {
		closeValue(value)
		return err
	}
	respond := c.respond
	if c.edge != nil {
		respond = c.respondThrough
	}
	if err := respond(value); err != nil {
		return fmt.Errorf("respond: %w", err)
	}
	return nil
}

// unanswerable returns the error of answering a call that has ended, or has an
// answer, or nil.
func (c *Call) unanswerable() error {
	switch {
	case c.door.is(doorShut):
		return tooLate("respond")
	case c.Answered():
		return c.answeredAlready()
	default:
		return nil
	}
}

// respond keeps what is known of the body, until the commit. A reader or a
// stream is sent at once, as a handler writes.
func (c *Call) respond(value any) error {
	a := &c.answer
	stream, err := c.prepare(&a.out, value)
	if err != nil {
		return err
	}
	a.begin()
	if a.out.body.kind.whole() {
		a.complete()
		return nil
	}
	content, length := a.out.body, a.out.Length()
	a.out.body = body{}
	if content.kind == bodyReader && length >= 0 {
		a.out.Header.Set("Content-Length", strconv.FormatInt(length, 10))
	}
	return c.deliver(content, length, a.out.Status, stream)
}

// respondThrough writes to the innermost middleware, which has the last word on
// headers and body: what it lets through comes to the call's own writer as a
// stream.
func (c *Call) respondThrough(value any) error {
	out := &Outgoing{Header: c.Header(), length: -1}
	stream, err := c.prepare(out, value)
	if err != nil {
		return err
	}
	if out.Status != 0 {
		if err := checkStatus(out.Status); err != nil {
			out.closeReader()
			return err
		}
	}
	c.answer.out.wrap = out.wrap
	length := out.Length()
	declared := out.Header["Content-Length"] != nil // perhaps wrongly
	if length >= 0 && (out.body.kind == bodyReader || out.body.kind.whole() && (length >= sniffLength || declared)) {
		out.Header.Set("Content-Length", strconv.FormatInt(length, 10))
	}
	if out.Status != 0 {
		c.edge.WriteHeader(out.Status)
	}
	return c.deliver(out.body, length, out.Status, stream)
}

// prepare runs the steps that make a value a body. It returns the value if that
// is a stream. If it fails, the value is closed, and out as before but for the
// header.
func (c *Call) prepare(out *Outgoing, value any) (Stream, error) {
	wrap := out.wrap
	out.Value, out.Status = value, int(c.answer.preset)
	err := c.runRespondHooks(out)
	if err == nil {
		err = c.render(out)
	}
	if err != nil {
		out.closeReader()
		out.Value, out.Status, out.body, out.wrap = nil, 0, body{}, wrap
		closeValue(value)
		return nil, err
	}
	stream, _ := out.Value.(Stream)
	out.Value = nil
	if out.Status == 0 && out.body.kind != bodyStream { // a stream may still choose
		out.Status = http.StatusOK
	}
	return stream, nil
}

func (c *Call) runRespondHooks(out *Outgoing) error {
	for step := SendTransform; step <= SendRender; step++ {
		for _, hook := range c.Endpoint().send[step] {
			if err := hook(c, out); err != nil {
				return err
			}
		}
	}
	return nil
}

// render makes a body of what is still a value.
func (c *Call) render(out *Outgoing) error {
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
		if value == nil {
			return errors.New("the stream is nil")
		}
		out.body = body{kind: bodyStream}
	case conditional:
		out.Value, out.body = value.stream(c), body{kind: bodyStream}
	case sized:
		reader := io.Reader(value.ReadCloser) // bare, so that a file can be sent without copying
		out.body, out.length = body{kind: bodyReader, reader: &reader}, value.length
	case io.Reader:
		out.body, out.length = body{kind: bodyReader, reader: &value}, -1
	default:
		return c.unrendered(value)
	}
	return nil
}

// typeAs sets the type of what is responded with, unless it is set.
func (c *Call) typeAs(out *Outgoing, contentType string) {
	if len(out.Header) > 0 {
		if _, set := out.Header["Content-Type"]; set {
			return
		}
	}
	c.setContentType(out.Header, contentType)
}

// deliver writes content to the innermost writer, as much of it as HEAD and the
// status leave over, and closes its reader.
func (c *Call) deliver(content body, length int64, status int, stream Stream) error {
	if content.kind != bodyStream && status != 0 && !bodyAllowed(status) {
		content.kind = bodyNone // dropped, as it is where nobody stands between
	}
	if content.reader != nil {
		defer closeValue(*content.reader)
	}
	head := c.Request.Method == http.MethodHead
	var err error
	switch {
	case content.kind == bodyText:
		_, err = io.WriteString(c.Writer(), content.text)
	case content.kind == bodyData:
		_, err = c.Writer().Write(content.data)
	case content.kind == bodyReader && head:
		err = c.sendHeadOfReader(*content.reader)
	case content.kind == bodyReader:
		source := *content.reader
		if length >= 0 { // a file may have grown since it was measured
			source = io.LimitReader(source, length)
		}
		_, err = io.Copy(c.Writer(), source)
	case content.kind == bodyStream && head:
		err = c.sendHeadOfStream(stream)
	case content.kind == bodyStream:
		err = stream(c.Writer())
	}
	if err == nil && (content.kind != bodyStream || c.answer.out.Header["Content-Length"] == nil) {
		c.answer.complete() // a stream that has declared its length is held to it
	}
	return err
}
