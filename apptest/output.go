package apptest

import (
	"log/slog"
	"sync"
	"testing"
)

// output is where the application's log goes: to the output of the test until
// that has ended.
type output struct {
	mu sync.Mutex // guards t, and keeps lines whole
	t  testing.TB // nil when the test has ended
}

// handler returns a handler that logs everything. A test shows it if it fails; a
// benchmark would always show it, among its numbers, so there it is dropped.
func (o *output) handler() slog.Handler {
	if _, benchmark := o.t.(*testing.B); benchmark {
		return slog.DiscardHandler
	}
	return slog.NewTextHandler(o, &slog.HandlerOptions{Level: slog.LevelDebug})
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.t == nil {
		return len(p), nil
	}
	return o.t.Output().Write(p)
}

// end drops what comes later: the testing package panics when a test logs that
// has ended.
func (o *output) end() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.t = nil
}
