package app

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
)

// edgeWriter is the writer that a middleware has passed on, bound to the call
// inside that middleware. It always writes where it was made to write, until
// what runs inside has returned: what the middleware's writer holds, such as an
// encoder, is another request's soon. The first write through it tells the call
// that its answer has begun; later ones touch nothing of the call, which others
// may be changing, and a flush does so in its turn on the wire.
type edgeWriter struct {
	http.ResponseWriter
	call  *Call
	door  door
	begun bool // belongs to whoever writes
}

// Unwrap returns the middleware's writer, as long as it is the call's.
func (w *edgeWriter) Unwrap() http.ResponseWriter {
	if w.door.is(doorShut) {
		return nobodysWriter{}
	}
	return w.ResponseWriter
}

func (w *edgeWriter) WriteHeader(status int) {
	if !w.door.enter() {
		return
	}
	defer w.door.leave(w.call)
	if isStatus(status) {
		w.begin()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *edgeWriter) Write(p []byte) (int, error) {
	if !w.door.enter() {
		return 0, tooLate("write")
	}
	defer w.door.leave(w.call)
	w.beginBody()
	return w.ResponseWriter.Write(p)
}

func (w *edgeWriter) Flush() { _ = w.FlushError() }

// FlushError flushes through the middleware, and below it where it has passed
// the head on but not the flush: one that compresses may flush its encoder and
// nothing else.
func (w *edgeWriter) FlushError() error {
	if !w.door.enter() {
		return tooLate("flush")
	}
	defer w.door.leave(w.call)
	w.beginBody()
	if err := http.NewResponseController(w.ResponseWriter).Flush(); err != nil {
		return err
	}
	return w.call.flushRest()
}

// ReadFrom lets net/http send files without copying them, if the middleware's
// writer passes that on.
func (w *edgeWriter) ReadFrom(r io.Reader) (int64, error) {
	direct, able := w.ResponseWriter.(io.ReaderFrom)
	if _, regular := fileBehind(r); !able || !regular {
		return io.Copy(writerFunc(w.Write), r)
	}
	if !w.door.enter() {
		return 0, tooLate("write")
	}
	defer w.door.leave(w.call)
	w.beginBody()
	return direct.ReadFrom(r)
}

// Hijack takes the connection through the middleware.
func (w *edgeWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if !w.door.enter() {
		return nil, nil, tooLate("hijack")
	}
	defer w.door.leave(w.call)
	conn, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		w.call.wire.Lock()
		defer w.call.wire.Unlock()
		w.call.takeBackSwitch()
	}
	return conn, buffered, err
}

// beginBody begins an answer without a status of its own: with the one that was
// set. A middleware need not know what to do with one that is none.
func (w *edgeWriter) beginBody() {
	preset := w.begin()
	if preset == 0 {
		return
	}
	if err := checkStatus(preset); err != nil {
		w.call.fail(fmt.Errorf("respond: %w", err))
		return
	}
	w.ResponseWriter.WriteHeader(preset)
}

// begin returns the status that was set before, if this is how the answer
// begins, else 0.
func (w *edgeWriter) begin() (preset int) {
	if w.begun {
		return 0
	}
	w.begun = true
	w.call.wire.Lock()
	defer w.call.wire.Unlock()
	return w.call.answer.begin()
}

// flushRest flushes what a middleware has passed on without the flush that came
// with it.
func (c *Call) flushRest() error {
	c.wire.Lock()
	defer c.wire.Unlock()
	if a := &c.answer; a.out.Status != 0 && (a.stage != stageSent || !c.wire.Flushed()) {
		return c.flush()
	}
	return nil
}
