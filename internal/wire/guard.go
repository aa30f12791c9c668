package wire

import (
	"context"
	"net/http"
	"time"
)

// guard sets the deadline for the next n bytes if they may reach the network;
// flushed says that they will.
func (w *Wire) guard(ctx context.Context, n int, flushed bool) {
	w.unflushed = uint16(min(int(w.unflushed)+n, cutLength+1))
	if w.broken || !flushed && w.unflushed <= bufferedLength {
		return
	}
	deadlines := writeDeadlines(w.server)
	if deadlines == nil {
		return
	}
	if w.cut() == nil && (flushed || w.unflushed > cutLength) {
		w.seldom().cut = armCut(ctx, deadlines, w.transport)
	}
	timeout := w.WriteTimeout()
	now := time.Now()
	if timeout <= 0 {
		w.awaitBody(now)
		return
	}
	age := w.limits.stamp(now)
	if !flushed && n < bufferedLength && w.armed.within(timeout/4, age) {
		return
	}
	w.armed = age
	w.setDeadline(deadlines, now.Add(timeout+w.awaitBody(now)))
}

// unguard lifts the deadline after bytes were handed over.
func (w *Wire) unguard(flushed bool) {
	w.awaited(flushed)
	if !w.armed.isSet() || w.broken || !flushed && w.transport != http2 {
		return
	}
	w.armed = 0
	w.setDeadline(writeDeadlines(w.server), time.Time{})
}

// setDeadline sets the deadline, unless the cut has set the last one.
func (w *Wire) setDeadline(deadlines writeDeadliner, at time.Time) {
	if cut := w.cut(); cut != nil {
		cut.setDeadline(at)
		return
	}
	_ = deadlines.SetWriteDeadline(at) // a connection that is gone fails the write that follows
}

// What a server's writer can do about deadlines, as http.ResponseController
// finds it.
type (
	writeDeadliner interface{ SetWriteDeadline(time.Time) error }
	readDeadliner  interface{ SetReadDeadline(time.Time) error }
)

// writeDeadlines returns what sets write deadlines below server, or nil if
// nothing does.
func writeDeadlines(server http.ResponseWriter) writeDeadliner {
	for {
		switch layer := server.(type) {
		case writeDeadliner:
			return layer
		case interface{ Unwrap() http.ResponseWriter }:
			server = layer.Unwrap()
		default:
			return nil
		}
	}
}
