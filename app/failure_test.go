package app_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// TestFailureIsTheSameWhoeverStandsBetween: the failure is the same whoever
// stands between, and is known when the response was sent.
func TestFailureIsTheSameWhoeverStandsBetween(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler app.Handler
		want    string // "" for none
	}{
		"answer":  {text("OK"), ""},
		"nothing": {func(*app.Call) error { return nil }, ""},
		"error":   {func(*app.Call) error { return errBroken }, errBroken.Error()},
		"panic":   {func(*app.Call) error { panic("why") }, "panic: why"},
		"abort":   {func(*app.Call) error { panic(http.ErrAbortHandler) }, http.ErrAbortHandler.Error()},
		"late":    {func(c *app.Call) error { return errors.Join(flushedText(c, strings.Repeat("x", 600)), errBroken) }, errBroken.Error()},
		"short body": {func(c *app.Call) error {
			c.Header().Set("Content-Length", "700")
			return flushedText(c, strings.Repeat("x", 600))
		}, "the body has 600 of the 700 bytes that were declared"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for name, module := range map[string]app.Module{
				"direct":     func(*app.Application) {},
				"middleware": func(a *app.Application) { a.Use(wrappingWriter) },
			} {
				var before, after error
				sent := 0
				plugin := hooked("Observer", func(b *app.PluginBuilder[struct{}]) {
					b.OnCall(func(c *app.Call) error { before = c.Failure(); return nil })
					b.OnResponseSent(func(c *app.Call) { after = c.Failure(); sent++ })
				})
				a := start(t, func(a *app.Application) { a.Install(plugin) }, module, answering(test.handler))
				if test.want == "" {
					get(t, a, "/")
					assert.NoError(t, after, name)
				} else {
					cuts(a, "/")
					assert.EqualError(t, after, test.want, name)
				}
				assert.NoError(t, before, name)
				assert.Equal(t, 1, sent, name)
			}
		})
	}
}

// TestFailureOutlastsTheHookThatAnswersIt: Failure is what the call has failed
// with, whoever has answered it.
func TestFailureOutlastsTheHookThatAnswersIt(t *testing.T) {
	t.Parallel()
	var seen journal
	a := start(t, answering(func(c *app.Call) error {
		assert.NoError(t, c.Failure())
		return errBroken
	}), func(a *app.Application) {
		a.Install(onFailed("Pages", func(c *app.Call, _ error) error { return c.RespondText("page") }))
		a.Install(onSent("Sent", func(c *app.Call) {
			assert.Same(t, errBroken, c.Failure())
			seen.add("sent")
		}))
	})
	assert.Equal(t, http.StatusOK, get(t, a, "/").StatusCode)
	assert.Equal(t, []string{"sent"}, seen.all())
}

// breakingWriter is a middleware's writer that sends a page of its own in place
// of the first bytes, and fails.
type breakingWriter struct{ http.ResponseWriter }

func (w breakingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w breakingWriter) WriteHeader(int) {
	w.ResponseWriter.WriteHeader(http.StatusServiceUnavailable)
}

func (w breakingWriter) Write([]byte) (int, error) {
	_, _ = w.ResponseWriter.Write(make([]byte, 1000))
	return 0, io.ErrClosedPipe
}

// TestAFailedAnswerToAnErrorStandsByWhatHasLeft: the head of one answer has left
// when the answer to an error breaks. It is not given another status, and what
// it lacks is cut.
func TestAFailedAnswerToAnErrorStandsByWhatHasLeft(t *testing.T) {
	status := 0
	a := start(t, func(a *app.Application) {
		a.Install(onSent("Watch", func(c *app.Call) { status = c.Status() }))
		a.Use(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(breakingWriter{w}, r) })
		})
	}, answering(func(*app.Call) error { return errors.New("out of order") }))
	assert.True(t, cuts(a, "/"))
	assert.Equal(t, http.StatusServiceUnavailable, status)
}
