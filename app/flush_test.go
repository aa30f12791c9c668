package app_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// TestHooksOfAFlushSeeAnAnswerThatHasBegun, with a type that was found out from
// as little as one byte.
func TestHooksOfAFlushSeeAnAnswerThatHasBegun(t *testing.T) {
	seen := 0
	a := start(t, func(a *app.Application) {
		a.InterceptSend(app.SendAfter, func(c *app.Call, out *app.Outgoing) error {
			seen++
			assert.True(t, c.Answered())
			if c.QueryParam("write") != "" {
				assert.Equal(t, "text/plain; charset=utf-8", out.Header.Get("Content-Type"))
			}
			return nil
		})
	}, answering(func(c *app.Call) error {
		if text := c.QueryParam("write"); text != "" {
			_, _ = io.WriteString(c.Writer(), text)
		}
		flush(c)
		return nil
	}))
	get(t, a, "/")
	get(t, a, "/?write=x")
	assert.Equal(t, 2, seen)
}

// TestABodyThatWasDeclaredEmptyIsComplete: an error after its head has left
// finds nothing missing.
func TestABodyThatWasDeclaredEmptyIsComplete(t *testing.T) {
	a := start(t, answering(func(c *app.Call) error {
		c.Header().Set("Content-Length", "0")
		flush(c)
		return errBroken
	}))
	assert.False(t, cuts(a, "/"))
}
