package app_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// A bad ending is one that code of the application should not have.
type badEnding struct {
	name string
	end  func() error
	// returns says that it takes a result to end like this.
	returns bool
}

func badEndings() []badEnding {
	return []badEnding{
		{"panics", func() error { panic("out of order") }, false},
		{"panics with an error", func() error { panic(errBroken) }, false},
		{"panics with a nil *Error", func() error { panic((*app.Error)(nil)) }, false},
		{"panics with an error that panics", func() error { panic(loud{}) }, false},
		{"panics with itself", func() error { panic(selfish{}) }, false},
		{"panics with the context's error", func() error { panic(context.Canceled) }, false},
		{"returns a nil *Error", func() error { return (*app.Error)(nil) }, true},
		{"returns a nil *PanicError", func() error { return (*app.PanicError)(nil) }, true},
		{"returns a nil error of its own", func() error { return (*coded)(nil) }, true},
		{"returns an error that panics", func() error { return errors.Join(errBroken, loud{}) }, true},
		{"returns an error whose Unwrap panics", func() error { return unwrapping{} }, true},
		{"returns an error whose Is panics", func() error { return comparing{} }, true},
		{"returns an error whose LogValue panics", func() error { return logValueError{} }, true},
		{"returns an error that cannot be compared", func() error { return holding{[]int{1}} }, true},
		{exits, func() error { runtime.Goexit(); return nil }, false},
	}
}

// holding is an error of which == panics: so does errors.Is with one of them
// and another.
type holding struct{ details any }

func (holding) Error() string { return "holding" }

// Errors whose methods panic, one each.
type (
	loud          struct{}
	selfish       struct{}
	unwrapping    struct{}
	comparing     struct{}
	logValueError struct{}
	coded         struct{ status int }
)

func (loud) Error() string                 { panic("Error panics") }
func (e selfish) Error() string            { panic(e) }
func (unwrapping) Error() string           { return "unwrapping" }
func (unwrapping) Unwrap() error           { panic("Unwrap panics") }
func (comparing) Error() string            { return "comparing" }
func (comparing) Is(error) bool            { panic("Is panics") }
func (logValueError) Error() string        { return "logValueError" }
func (logValueError) LogValue() slog.Value { panic("LogValue panics") }
func (e *coded) Error() string             { return "coded" }
func (e *coded) StatusCode() int           { return e.status }

// TestNothingThatTheApplicationsCodeEndsWithGetsThrough: whatever code of the
// application does, wherever it runs, the client has 500, or an answer that is
// cut if it had begun, the log has one error, the hooks of the sent response
// run once, and the application serves on and stops at once.
func TestNothingThatTheApplicationsCodeEndsWithGetsThrough(t *testing.T) {
	t.Parallel()
	for _, place := range foreignPlaces() {
		t.Run(place.name, func(t *testing.T) {
			t.Parallel()
			for _, ending := range badEndings() {
				if ending.returns && place.silent {
					continue
				}
				t.Run(ending.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { endsBadly(t, place, ending) })
				})
			}
		})
	}
}

func endsBadly(t *testing.T, place foreignPlace, ending badEnding) {
	bad := true
	sent := 0
	var log bytes.Buffer // of a handler that formats, as those of production do
	records := &logbook{}
	host := apptest.Start(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) {
			c.Logger = slog.New(tee{records, slog.NewJSONHandler(&log, nil)})
		})
		a.Install(onSent("Sent", func(*app.Call) { sent++ }))
	}, apptest.Module(place.module(func() error {
		if !bad {
			return nil
		}
		bad = false
		return ending.end()
	})))
	want := place.want
	if ending.name == exits && place.goexit != "" {
		want = place.goexit
	}
	assert.Equal(t, want, exchange(t, host, occasion{}), "what the client gets")
	require.False(t, bad, "the place was not reached")
	synctest.Wait()
	assert.Equal(t, 1, sent, "the hooks of the sent response")
	complaints := records.at(slog.LevelError)
	assert.NotEmpty(t, complaints, "errors in the log")
	if ending.name != exits { // whoever sees the goroutine end may say so
		assert.Len(t, complaints, 1, "errors in the log: %v", records.messages())
	}
	assert.Contains(t, log.String(), `"level":"ERROR"`)

	second := exchange(t, host, occasion{})
	assert.NotContains(t, second, "500", "the next call")
	assert.Equal(t, 2, sent)
	began := time.Now()
	host.Stop()
	assert.Zero(t, time.Since(began), "no call is left inside")
}

// tee is two handlers of a log.
type tee []slog.Handler

func (b tee) Enabled(context.Context, slog.Level) bool { return true }
func (b tee) WithAttrs([]slog.Attr) slog.Handler       { return b }
func (b tee) WithGroup(string) slog.Handler            { return b }

func (b tee) Handle(ctx context.Context, record slog.Record) error {
	for _, one := range slices.Clone(b) {
		if one.Enabled(ctx, record.Level) {
			_ = one.Handle(ctx, record.Clone())
		}
	}
	return nil
}
