package app

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
)

// errHookWrites is what a hook of the commit gets that writes or flushes: the
// commit would begin again, and run the hook again.
var errHookWrites = fmt.Errorf("write in a send hook: %w", ErrAnswered)

// write takes the next bytes of a body that is written piece by piece.
func (c *Call) write(p []byte) (int, error) {
	a := &c.answer
	if a.isOpen() {
		if held, err := c.writeFirst(p); err != nil {
			return 0, err
		} else if held {
			return len(p), nil
		}
	}
	switch {
	case a.stage == stageHijacked:
		return 0, http.ErrHijacked
	case a.deaf:
		return len(p), nil
	default:
		return c.send(p)
	}
}

// writeFirst takes bytes before the commit. It holds them back, or commits.
func (c *Call) writeFirst(p []byte) (held bool, err error) {
	a := &c.answer
	if c.running != 0 {
		return false, errHookWrites
	}
	a.begin()
	a.settle()
	if !bodyAllowed(a.out.Status) {
		return false, http.ErrBodyNotAllowed
	}
	if c.hold(p) {
		return true, nil
	}
	return false, c.commitStream(p)
}

// flush sends on everything that was written so far, the head included.
func (c *Call) flush() error {
	a := &c.answer
	switch {
	case a.isOpen() && c.running != 0:
		return errHookWrites
	case a.isOpen():
		a.begin()
		a.settle()
		if err := c.commitStream(nil); err != nil {
			return err
		}
	case a.stage != stageHijacked && a.deaf:
		return nil
	}
	if a.stage == stageHijacked {
		return http.ErrHijacked
	}
	if err := a.sink.Flush(); err != nil {
		return err
	}
	return c.wire.Flush(callContext{c})
}

// commitStream commits an answer whose end is not known yet and sends what was
// held back. Next is what will be written after that, for sniffing.
func (c *Call) commitStream(next []byte) error {
	a := &c.answer
	held := a.held.bytes()
	switch {
	case a.held != nil:
	case a.out.body.kind != bodyNone && len(next) == 0: // responded with a value, and now a flush
		return c.commitWhole()
	case a.out.body.kind != bodyNone: // responded with a value that turns out to be a part
		held, _ = a.out.Bytes()
		a.out.body = body{}
	}
	if a.out.Header["Content-Type"] == nil && len(held)+len(next) > 0 {
		sample := make([]byte, 0, sniffLength)
		sample = append(sample, held[:min(len(held), sniffLength)]...)
		sample = append(sample, next[:min(len(next), sniffLength-len(sample))]...)
		c.sniff(sample)
	}
	a.out.body.kind = bodyStream
	a.out.length = declaredLength(a.out.Header)
	if sent, err := c.commit(); !sent {
		return err
	}
	if len(held) > 0 {
		if _, err := c.send(held); err != nil {
			return err
		}
	}
	a.held = nil // not given back: somebody may write who must not
	return nil
}

// declaredLength returns the Content-Length of header, or -1.
func declaredLength(header http.Header) int64 {
	declared := header.Get("Content-Length")
	if declared == "" { // an error of ParseInt would be an allocation for each stream
		return -1
	}
	length, err := strconv.ParseInt(declared, 10, 64)
	if err != nil || length < 0 {
		return -1
	}
	return length
}

// commitWhole commits an answer whose body is known, and sends it.
func (c *Call) commitWhole() error {
	a := &c.answer
	a.settle()
	if a.out.body.kind == bodyNone && len(a.held.bytes()) > 0 {
		a.out.body = body{kind: bodyData, data: a.held.bytes()}
	}
	if a.out.Header["Content-Type"] == nil {
		c.sniff(a.out.sample())
	}
	if sent, err := c.commit(); !sent {
		return err
	}
	return c.sendBody()
}

func (c *Call) sniff(sample []byte) {
	header := c.answer.out.Header
	if _, set := header["Content-Type"]; set || len(sample) == 0 || header["Content-Encoding"] != nil {
		return
	}
	c.setContentType(header, http.DetectContentType(sample))
}

// setContentType sets the header without allocating.
func (c *Call) setContentType(header http.Header, value string) {
	c.contentType[0] = value
	header["Content-Type"] = c.contentType[:1:1]
}

// commit runs the hooks, chooses where the body goes, and sends the head. It
// reports whether the body of this answer is to follow. If not, a hook has put
// another answer in its place, which has left, or has taken the connection; or
// there is an error, which has been answered.
func (c *Call) commit() (sent bool, err error) {
	a := &c.answer
	given := a.out.body.kind
	if !a.plain {
		if err := c.runCommitHooks(); err != nil {
			c.failHook(err)
			return false, err
		}
		if a.stage >= stageSent {
			return false, nil
		}
	}
	if err := c.finishHead(); err != nil {
		c.failHook(err)
		return false, err
	}
	replaced := given == bodyStream && a.out.body.kind != bodyStream
	c.declareLength(given == bodyStream && !replaced)
	c.sendAway()
	a.stage = stageSent
	c.headers = uint8(min(len(a.out.Header), math.MaxUint8))
	c.wire.WriteHeader(callContext{c}, a.out.Status)
	if !replaced {
		return true, nil
	}
	err = c.sendBody()
	c.endSink()
	return err == nil, err
}

// sendAway tells a client of HTTP/1.1 to leave with this answer if the
// application drains: a connection that is closed while it is idle may have the
// next request on its way, and whoever sent it cannot know whether to repeat it.
// HTTP/2 says that by GOAWAY, which the server sends.
func (c *Call) sendAway() {
	if c.arrived.ProtoMajor == 1 && c.Application().Draining() {
		c.answer.out.Header.Set("Connection", "close")
	}
}

// runCommitHooks runs the steps of the commit, until a hook fails or nothing of
// this answer is left to send.
func (c *Call) runCommitHooks() error {
	a := &c.answer
	place := uint16(0)
	for step := SendContentEncoding; step <= SendAfter; step++ {
		for _, hook := range c.Endpoint().send[step] {
			place++
			if c.replacing(place) {
				continue
			}
			if err := c.runCommitHook(place, hook); err != nil || a.stage >= stageSent {
				return err
			}
		}
	}
	return nil
}

func (c *Call) runCommitHook(place uint16, hook SendHook) error {
	c.running = place
	defer func() { c.running = 0 }()
	return recovered(func(c *Call) error { return hook(c, &c.answer.out) }, c)
}

// finishHead checks the status that is to leave, finds the type of a reader,
// and chooses where the body goes.
func (c *Call) finishHead() error {
	out := &c.answer.out
	if err := checkStatus(out.Status); err != nil {
		return fmt.Errorf("respond: %w", err)
	}
	if out.body.kind == bodyReader {
		if err := recovered(func(c *Call) error { return c.answer.out.sniffReader() }, c); err != nil {
			return err
		}
	}
	switch {
	case !bodyAllowed(out.Status):
		if out.wrap != nil { // set before a later hook chose the status: nothing is encoded
			out.Header.Del("Content-Encoding")
		}
		c.answer.sink = nowhere{}
	case c.Request.Method == http.MethodHead:
		c.answer.sink = nowhere{}
	case out.wrap != nil:
		return recovered((*Call).openWraps, c)
	default:
		c.answer.sink = wireEnd{c}
	}
	return nil
}

// openWraps has the body pass the wraps on its way to the wire.
func (c *Call) openWraps() error {
	a := &c.answer
	if a.sink = a.out.wrap(wireEnd{c}); a.sink == nil {
		a.sink = wireEnd{c}
	}
	return nil
}

// declareLength sets Content-Length, or deletes it where it would be wrong.
func (c *Call) declareLength(streamed bool) {
	out := &c.answer.out
	head := c.Request.Method == http.MethodHead
	switch length := out.Length(); {
	case !bodyAllowed(out.Status):
		out.Header.Del("Content-Length")
	case out.wrap != nil:
		out.Header.Del("Content-Length")
		if wrapped := lengthOf(c.answer.sink); wrapped >= 0 {
			out.Header.Set("Content-Length", strconv.FormatInt(wrapped, 10))
		}
	case head && out.body.kind == bodyNone:
		// What HEAD leaves out has the length that the handler has declared, as
		// http.ServeContent does, or an unknown one.
	case streamed:
		// What was declared stands.
	case length >= 0 && (head || length >= 2048 || c.answer.plain || c.exited() || out.Header["Content-Length"] != nil):
		// Below 2 KiB net/http counts for itself, except for HEAD, and not if
		// the goroutine ends before. A fork always says it: outside, where
		// hooks want to know, the body arrives as a stream. What a handler has
		// declared of a body that it then handed over is put right.
		out.Header.Set("Content-Length", strconv.FormatInt(length, 10))
	}
}

// sendBody sends a body that was handed over in one piece. The head has left: if
// not all of the body follows, for whatever reason, the connection is cut.
func (c *Call) sendBody() (err error) {
	a := &c.answer
	end := a.end
	a.end = endCut
	switch a.out.body.kind {
	case bodyText:
		err = c.sendText(a.out.body.text)
	case bodyData:
		_, err = c.send(a.out.body.data)
	case bodyReader:
		defer c.closeBody(&a.out)
		err = c.sendReader()
	}
	if err == nil {
		a.end = end
	}
	return err
}

// sendReader sends the body that a hook has set.
func (c *Call) sendReader() error {
	a := &c.answer
	if a.sink == BodyWriter(nowhere{}) {
		return nil
	}
	source := *a.out.body.reader
	if a.out.length >= 0 { // a file may have grown since it was measured
		source = io.LimitReader(source, a.out.length)
	}
	n, err := io.Copy(writerFunc(c.send), source)
	if err == nil && n < a.out.length {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// send passes bytes of a committed body on, as many as were declared.
func (c *Call) send(p []byte) (int, error) {
	a := &c.answer
	a.written += int64(len(p))
	if a.overdue() < 0 {
		return 0, fmt.Errorf("write: the body has more than the %d bytes that were declared: %w", a.out.length, http.ErrContentLength)
	}
	n, err := a.sink.Write(p)
	c.wire.Hold() // in a wrap, if not on the wire
	return n, err
}

func (c *Call) sendText(text string) error {
	switch c.answer.sink.(type) {
	case wireEnd:
		c.answer.written += int64(len(text))
		return c.wire.WriteText(callContext{c}, text)
	case nowhere:
		c.answer.written += int64(len(text))
		return nil
	}
	pieces := &c.Application().pieces
	piece, _ := pieces.Get().(*[8 << 10]byte)
	if piece == nil {
		piece = new([8 << 10]byte)
	}
	defer pieces.Put(piece)
	for len(text) > 0 {
		n := copy(piece[:], text)
		text = text[n:]
		if _, err := c.send(piece[:n]); err != nil {
			return err
		}
	}
	return nil
}

// answerEmpty gives a call that nobody has answered net/http's answer to
// silence: 200 without a body. It returns an error if whoever was to answer has
// given up.
func (c *Call) answerEmpty() error {
	if c.answer.stage != stageSilent {
		return nil
	}
	if err := c.gaveUp(); err != nil {
		return err
	}
	c.Writer().WriteHeader(http.StatusOK)
	return nil
}
