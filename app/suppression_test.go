package app_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// The mark that a handler sets is there when plugins look at the response, and
// is of that call alone.
func TestSuppressCompressionMarksTheCall(t *testing.T) {
	t.Parallel()
	var marked []bool
	a := start(t, func(a *app.Application) {
		a.InterceptSend(app.SendContentEncoding, func(c *app.Call, _ *app.Outgoing) error {
			marked = append(marked, c.CompressionSuppressed())
			return nil
		})
		routes(a, func(root *branch) {
			root.handle("plain", func(c *app.Call) error { c.SuppressCompression(); return c.RespondText("x") })
			root.handle("any", text("x"))
		})
	})
	get(t, a, "/plain")
	get(t, a, "/any")
	assert.Equal(t, []bool{true, false}, marked)
}
