package app

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// sniffLength is how many bytes are held back before a response is committed: as many as
// http.DetectContentType looks at.
const sniffLength = 512

// response is the state of a call's answer. It is committed late and in one place: until then it is a value
// that an error can still take back, afterwards its head is on the way.
type response struct {
	out     Outgoing
	server  http.ResponseWriter // the only writer that touches the network
	held    *[sniffLength]byte  // pooled; the first heldLen bytes of a stream
	sink    BodyWriter          // the wraps of a committed body, nil if there are none
	written int64               // bytes of the body that were taken, before any wrapping

	contentType [1]string // backs the Content-Type header

	armed      time.Duration // the application's age when the deadline was set; 0 if none stands
	unflushed  uint16        // bytes handed to the server since the last flush, as far as it matters
	committing uint16        // which hook of the commit is running, counted from 1; 0 for none
	heldLen    int16
	preset     int16 // the status set before anybody responds
	broken     bool  // a write or flush has failed

	answered  bool // somebody has begun to answer
	committed bool // the head has left
	bodiless  bool // committed without a body: HEAD, 204, 304, or replaced by a hook
	whole     bool // Respond has handed over all of it
	sealed    bool // an error took the answer's place: what wrapped writers still send is dropped
	hijacked  bool
	hookless  bool // a hook failed: the answer to that goes out without hooks
	replaced  bool // the answer that was being committed, by one that has left
	aborted   bool // the connection must be cut
	reached   bool // the last middleware called the rest
	received  bool // the body of the request

	forking atomic.Int32 // one of the states of forks
}

// bodyAllowed is RFC 9110's rule for which answers have a body.
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// settle decides the status of an answer that has begun without naming one.
func (c *Call) settle() {
	if c.out.Status == 0 {
		c.out.Status = int(c.preset)
	}
	if c.out.Status == 0 {
		c.out.Status = http.StatusOK
	}
}

// write takes the next bytes of a streamed body.
func (c *Call) write(p []byte) (int, error) {
	switch {
	case c.hijacked:
		return 0, http.ErrHijacked
	case c.sealed:
		return len(p), nil
	}
	if !c.answered {
		c.answered = true
	}
	if !c.committed {
		c.settle()
		if !bodyAllowed(c.out.Status) {
			return 0, http.ErrBodyNotAllowed
		}
		if c.hold(p) {
			return len(p), nil
		}
		if err := c.commitStream(p); err != nil {
			return 0, err
		}
		if c.replaced {
			return len(p), nil
		}
	}
	return c.send(p)
}

// hold keeps p back if there is room for it, and reports whether it did.
func (c *Call) hold(p []byte) bool {
	if c.out.body.kind != bodyNone || int(c.heldLen)+len(p) >= sniffLength {
		return false
	}
	if c.held == nil {
		if c.held, _ = c.app.held.Get().(*[sniffLength]byte); c.held == nil {
			c.held = new([sniffLength]byte)
		}
	}
	c.heldLen += int16(copy(c.held[c.heldLen:], p))
	return true
}

// commitStream commits an answer whose end is not known yet and sends what was held back. Next is what
// will be written after that, for sniffing.
func (c *Call) commitStream(next []byte) error {
	var held []byte
	switch {
	case c.held != nil:
		held = c.held[:c.heldLen]
	case c.out.body.kind != bodyNone && len(next) == 0: // responded with a value, and now a flush
		return c.commitWhole()
	case c.out.body.kind != bodyNone: // responded with a value that turns out to be a part
		held, _ = c.out.Bytes()
		c.out.body = body{}
	}
	if c.out.Header["Content-Type"] == nil && len(held)+len(next) > 0 {
		sample := make([]byte, 0, sniffLength)
		sample = append(sample, held[:min(len(held), sniffLength)]...)
		sample = append(sample, next[:min(len(next), sniffLength-len(sample))]...)
		c.sniff(sample)
	}
	c.out.body.kind = bodyStream
	c.out.length = -1
	if declared := c.out.Header.Get("Content-Length"); declared != "" { // an error of ParseInt is an allocation
		if length, err := strconv.ParseInt(declared, 10, 64); err == nil && length >= 0 {
			c.out.length = length
		}
	}
	if err := c.commit(); err != nil || c.replaced {
		return err
	}
	if len(held) > 0 {
		if _, err := c.send(held); err != nil {
			return err
		}
	}
	c.release()
	return nil
}

// commitWhole commits an answer whose body is known, and sends it.
func (c *Call) commitWhole() error {
	c.settle()
	if c.out.body.kind == bodyNone && c.heldLen > 0 {
		c.out.body = body{kind: bodyData, data: c.held[:c.heldLen]}
	}
	if c.out.Header["Content-Type"] == nil {
		c.sniff(c.out.sample())
	}
	if err := c.commit(); err != nil || c.replaced {
		return err
	}
	err := c.sendBody()
	c.release()
	return err
}

// sendBody sends a body that was handed over in one piece.
func (c *Call) sendBody() (err error) {
	switch c.out.body.kind {
	case bodyText:
		err = c.sendText(c.out.body.text)
	case bodyData:
		_, err = c.send(c.out.body.data)
	case bodyReader:
		err = c.sendReader()
		c.out.closeReader()
	}
	return err
}

// sendReader sends the body that a hook has set. The head has left, so that what the reader lacks is cut.
func (c *Call) sendReader() error {
	if c.bodiless {
		return nil
	}
	n, err := io.Copy((*bodyEnd)(c), *c.out.body.reader)
	if err == nil && n < c.out.length {
		err = io.ErrUnexpectedEOF
	}
	c.aborted = c.aborted || err != nil
	return err
}

// bodyEnd takes bytes of a committed body.
type bodyEnd Call

func (e *bodyEnd) Write(p []byte) (int, error) { return (*Call)(e).send(p) }

type onlyWriter struct{ io.Writer }

func (c *Call) sniff(sample []byte) {
	if _, set := c.out.Header["Content-Type"]; set || len(sample) == 0 || c.out.Header["Content-Encoding"] != nil {
		return
	}
	c.setContentType(http.DetectContentType(sample))
}

// setContentType sets the header without allocating.
func (c *Call) setContentType(value string) {
	c.contentType[0] = value
	c.out.Header["Content-Type"] = c.contentType[:1:1]
}

// commit runs the hooks and sends the head. If a hook fails, the error has been answered when commit
// returns it.
func (c *Call) commit() error {
	out := &c.out
	given := out.body.kind
	if !c.hookless {
		if err := c.runCommitHooks(); err != nil {
			c.failHook(err)
			return err
		}
		if c.replaced {
			return nil
		}
	}
	if out.Status < 200 && out.Status != http.StatusSwitchingProtocols || out.Status > 999 {
		err := fmt.Errorf("respond: %d is not the status of an answer", out.Status)
		c.failHook(err)
		return err
	}
	if _, set := out.Header["Content-Type"]; out.body.kind == bodyReader && !set {
		if err := out.sniffReader(); err != nil {
			c.failHook(err)
			return err
		}
	}
	replaced := given == bodyStream && out.body.kind != bodyStream
	head := c.Request.Method == http.MethodHead
	allowed := bodyAllowed(out.Status)
	wrapped := out.wrap != nil
	switch length := out.Length(); {
	case !allowed:
		out.Header.Del("Content-Length")
	case wrapped:
		out.Header.Del("Content-Length")
	case head && out.body.kind == bodyNone:
		// What HEAD leaves out has the length that the handler has declared, as http.ServeContent does, or an unknown one.
	case given != bodyStream || replaced:
		// Below 2 KiB net/http counts for itself, except for HEAD.
		// A fork says it always: outside, where hooks want to know, the body arrives as a stream.
		if length >= 0 && (head || length >= 2048 || c.hookless) {
			out.Header.Set("Content-Length", strconv.FormatInt(length, 10))
		}
	}
	c.committed = true
	c.bodiless = head || !allowed
	if wrapped && !c.bodiless {
		c.sink = out.wrap((*serverEnd)(c))
	}
	c.server.WriteHeader(out.Status)
	if replaced && !c.bodiless {
		err := c.sendBody()
		c.bodiless = true // the rest of the stream that was replaced goes nowhere
		return err
	}
	return nil
}

// runCommitHooks runs the steps of the commit, until a hook fails or has replaced the answer.
func (c *Call) runCommitHooks() error {
	defer func() { c.committing = 0 }()
	place := uint16(0)
	for step := SendContentEncoding; step <= SendAfter; step++ {
		for _, hook := range c.endpoint.send[step] {
			place++
			if c.rare != nil && slices.Contains(c.rare.replacing, place) {
				continue
			}
			c.committing = place
			if err := recovered(func(c *Call) error { return hook(c, &c.out) }, c); err != nil || c.replaced {
				return err
			}
		}
	}
	return nil
}

// send passes bytes of a committed body on.
func (c *Call) send(p []byte) (int, error) {
	c.written += int64(len(p))
	switch {
	case c.bodiless:
		return len(p), nil
	case c.sink != nil:
		c.unflushed = max(c.unflushed, 1) // in a wrap, if not on the wire
		return c.sink.Write(p)
	default:
		return c.push(p)
	}
}

func (c *Call) sendText(text string) error {
	c.written += int64(len(text))
	if c.bodiless {
		return nil
	}
	if c.sink == nil {
		return c.pushText(text)
	}
	piece, _ := c.app.pieces.Get().(*[8 << 10]byte)
	if piece == nil {
		piece = new([8 << 10]byte)
	}
	defer c.app.pieces.Put(piece)
	for len(text) > 0 {
		n := copy(piece[:], text)
		text = text[n:]
		if err := c.pass(piece[:n]); err != nil {
			return err
		}
	}
	return nil
}

// pass gives bytes to the wraps, or to the wire.
func (c *Call) pass(p []byte) (err error) {
	if c.sink != nil {
		_, err = c.sink.Write(p)
	} else {
		_, err = c.push(p)
	}
	return err
}

// flush sends on everything that was written so far, the head included.
func (c *Call) flush() error {
	switch {
	case c.hijacked:
		return http.ErrHijacked
	case c.sealed:
		return nil
	}
	if !c.answered {
		c.answered = true
	}
	if !c.committed {
		c.settle()
		if err := c.commitStream(nil); err != nil {
			return err
		}
	}
	if c.sink != nil {
		if err := c.sink.Flush(); err != nil {
			return err
		}
	}
	return c.flushWire()
}

// discard takes back an answer that is not committed, with the headers that described it.
func (c *Call) discard() {
	c.out.closeReader()
	c.out.body, c.out.Status, c.out.wrap = body{}, 0, nil
	c.preset = 0
	c.release()
	for _, name := range representation {
		delete(c.out.Header, name)
		delete(c.writer.Header(), name)
	}
	c.answered, c.whole = false, false
}

// representation lists the header fields that describe one body: RFC 9110 section 8, and what goes with it.
var representation = [...]string{
	"Content-Type", "Content-Length", "Content-Encoding", "Content-Language", "Content-Location",
	"Content-Range", "Content-Disposition", "Etag", "Last-Modified",
}

func (c *Call) release() {
	if c.held != nil {
		c.app.held.Put(c.held)
		c.held, c.heldLen = nil, 0
	}
}

// answerEmpty gives a call that nobody has answered net/http's answer to silence: 200 without a body.
func (c *Call) answerEmpty() {
	if !c.answered && !c.hijacked {
		c.writer.WriteHeader(http.StatusOK)
	}
}

// incomplete reports whether a committed body lacks a part.
func (c *Call) incomplete() bool {
	switch {
	case !c.committed || c.hijacked || c.bodiless || c.whole:
		return false
	case c.out.body.kind == bodyStream:
		return c.out.length < 0 || c.written < c.out.length
	case c.out.body.kind == bodyReader:
		return c.written < c.out.length
	default:
		return false
	}
}

// finish sends what has not left yet and ends the body. Nothing is written after it.
func (c *Call) finish() {
	if !c.hijacked {
		if !c.committed && !c.aborted {
			if err := c.commitWhole(); err != nil && !c.failed() {
				c.fail(err)
			}
		}
		if c.incomplete() && c.out.length >= 0 && !c.aborted {
			if !c.broken {
				c.fail(fmt.Errorf("the body has %d of the %d bytes that were declared", c.written, c.out.length))
			}
			c.aborted = true
		}
		c.endSink()
		c.endWire()
	}
	c.out.closeReader()
	c.release()
}

// endSink ends the wrapped body, cleanly if it is whole.
func (c *Call) endSink() {
	if c.sink == nil {
		return
	}
	sink := c.sink
	c.sink = nil
	if c.aborted {
		sink.Abort()
	} else if err := sink.Close(); err != nil {
		c.aborted = true
		c.logger().Debug("the body could not be ended", "error", err)
	}
}
