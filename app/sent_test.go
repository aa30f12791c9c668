package app_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// TestResponseSentHookRunsOnce: the hook runs once for each call, however it
// ends, when nothing more will be written.
func TestResponseSentHookRunsOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler app.Handler
		status  int
		written int64
		failure bool
		cut     bool
	}{
		"text":   {text("hello"), 200, 5, false, false},
		"stream": {func(c *app.Call) error { _, err := io.WriteString(c.Writer(), strings.Repeat("x", 1000)); return err }, 200, 1000, false, false},
		"error":  {func(*app.Call) error { return app.NewError(404, "no") }, 404, 2, true, false},
		"panic":  {func(*app.Call) error { panic("out of order") }, 500, 21, true, false},
		"silent": {func(*app.Call) error { return nil }, 404, 0, false, false},
		"cut":    {func(c *app.Call) error { write(c, 1000); return errBroken }, 200, 1000, true, true},
		"abort":  {func(*app.Call) error { return http.ErrAbortHandler }, 0, 0, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			a := start(t, func(a *app.Application) {
				a.Use(wrappingWriter)
				a.Install(onSent("Outer", func(c *app.Call) {
					assert.Equal(t, test.status, c.Status())
					assert.Equal(t, test.written, c.Written())
					assert.Equal(t, test.failure, c.Failure() != nil)
					assert.Equal(t, "/leaf", c.Route())
					seen.add("outer")
				}))
				routes(a, func(root *branch) {
					root.at("leaf", func(leaf *branch) {
						leaf.Install(onSent("Inner", func(*app.Call) { seen.add("inner") }))
						leaf.handle("", test.handler)
					})
				})
			})
			assert.Equal(t, test.cut, cuts(a, "/leaf"))
			assert.Equal(t, []string{"outer", "inner"}, seen.all())
		})
	}
}

func TestResponseSentHookPanics(t *testing.T) {
	t.Parallel()
	logs := &logbook{}
	var seen journal
	a := start(t, logs.module, answering(text("hello")), func(a *app.Application) {
		a.Install(onSent("Panicking", func(*app.Call) { panic("out of order") }))
		a.Install(onSent("Other", func(*app.Call) { seen.add("other") }))
	})
	assert.Equal(t, "hello", body(t, get(t, a, "/")))
	assert.Equal(t, []string{"other"}, seen.all())
	assert.Equal(t, []string{"a response-sent hook panicked"}, logs.messages())
}
