package ssetest

import (
	"io"
	"iter"
	"testing"
	"testing/iotest"

	"github.com/chitor-go/chitor/plugins/sse"
)

// Events yields the events of body, each as soon as it has arrived, until the
// stream ends. Comments and blocks without data are skipped, as in a browser;
// to see them, or to change a limit or the last event ID to start from,
// configure the [sse.Reader] behind it.
//
// An error of body fails the test with t.Errorf and ends the loop. That
// includes [io.ErrUnexpectedEOF], a response that was aborted, and an
// [sse.LimitError].
//
// Nothing is read beyond the last event that was yielded, so a loop that was
// left early can be followed by another Events or [Take] on the same body. An
// ID is not carried over from one to the next. Events does not close body.
func Events(t testing.TB, body io.Reader, configure ...func(*sse.ReaderConfig)) iter.Seq[sse.Event] {
	t.Helper()
	reader := newReader(body, configure)
	return func(yield func(sse.Event) bool) {
		t.Helper()
		for event, err := range reader.All() {
			if err != nil {
				t.Errorf("%v", err)
				return
			}
			if !yield(event) {
				return
			}
		}
	}
}

// Take returns the next n events of body and waits until it has them. It reads
// and is configured as [Events] is. A stream that ends before, or an error of
// body, ends the test with t.Fatalf, so Take must be called from the goroutine
// of the test. With an n of zero or less nothing is read.
func Take(t testing.TB, body io.Reader, n int, configure ...func(*sse.ReaderConfig)) []sse.Event {
	t.Helper()
	if n <= 0 {
		return nil
	}
	events := make([]sse.Event, 0, n)
	for event, err := range newReader(body, configure).All() {
		if err != nil {
			t.Fatalf("event %d of %d: %v", len(events)+1, n, err)
		}
		if events = append(events, event); len(events) == n {
			return events
		}
	}
	t.Fatalf("event %d of %d: the stream has ended", len(events)+1, n)
	return nil
}

// newReader returns a Reader that takes one byte at a time, because what it
// reads ahead would be lost to the next one.
func newReader(body io.Reader, configure []func(*sse.ReaderConfig)) *sse.Reader {
	return sse.NewReader(iotest.OneByteReader(body), configure...)
}
