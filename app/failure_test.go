package app_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// TestFailures: the failure is the same whoever stands between, and is known
// when the response was sent.
func TestFailures(t *testing.T) {
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

func TestStopping(t *testing.T) {
	t.Parallel()
	var preparing bool
	a := app.New(quiet, func(a *app.Application) { a.OnStopPreparing(func() { preparing = a.Stopping() }) })
	assert.False(t, a.Stopping())
	assert.NoError(t, a.Start(t.Context()))
	assert.False(t, a.Stopping())
	assert.NoError(t, a.Stop(t.Context()))
	assert.True(t, a.Stopping())
	assert.True(t, preparing, "the hooks know already")

	failing := app.New(quiet, func(a *app.Application) { a.Fail(errBroken) })
	assert.Error(t, failing.Start(t.Context()))
	assert.True(t, failing.Stopping())
}
