package apptest_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"testing"
)

// recorder is a test that keeps what it is told, and may fail without failing
// the test around it.
type recorder struct {
	testing.TB

	mu       sync.Mutex // guards the fields below
	cleanups []func()
	failures []string
	output   bytes.Buffer
	late     int // writes after the end
	over     bool
}

// record runs test with a recorder, then its cleanups, and returns the
// recorder.
func record(t *testing.T, test func(r *recorder)) *recorder {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			slices.Reverse(r.cleanups)
			for _, cleanup := range r.cleanups {
				cleanup()
			}
			r.mu.Lock()
			r.over = true
			r.mu.Unlock()
		}()
		test(r)
	}()
	<-done
	return r
}

func (r *recorder) Cleanup(f func())  { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Output() io.Writer { return r }

func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Fatal(args ...any) {
	r.Errorf("%s", fmt.Sprint(args...))
	runtime.Goexit()
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		r.late++
	}
	return r.output.Write(p)
}
