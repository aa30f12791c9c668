package app_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// TestNilWhileACallRuns: there is no start that could return a mistake. Nil
// changes nothing, is an error, or is logged with the caller's line; it is never
// a panic.
func TestNilWhileACallRuns(t *testing.T) {
	tests := map[string]struct {
		handler app.Handler
		hook    func(c *app.Call, out *app.Outgoing) error
		body    string
		logged  string // the message, and the file of its site
	}{
		"no wrap":             {text("fine"), func(_ *app.Call, out *app.Outgoing) error { out.Wrap(nil); return nil }, "fine", ""},
		"no reader":           {text("fine"), func(_ *app.Call, out *app.Outgoing) error { out.SetReader(nil, 7); return nil }, "", ""},
		"nothing in place":    {text("fine"), func(c *app.Call, _ *app.Outgoing) error { assert.Error(t, c.Replace(nil)); return nil }, "fine", ""},
		"no stream":           {func(c *app.Call) error { assert.Error(t, c.Respond(app.Stream(nil))); return c.RespondText("fine") }, nil, "fine", ""},
		"no work":             {func(c *app.Call) error { c.Go(nil); return c.RespondText("fine") }, nil, "fine", "no work was started"},
		"no application work": {func(c *app.Call) error { c.Application().Go(nil); return c.RespondText("fine") }, nil, "fine", "no work was started"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				if test.hook != nil {
					a.InterceptSend(app.SendAfter, test.hook)
				}
				answering(test.handler)(a)
			})
			response := host.Get("/")
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Equal(t, test.body, body(t, response))
			if found := host.Log().Find(test.logged); test.logged != "" && assert.NotEmpty(t, found) {
				assert.Contains(t, found[0].String(), "nil_call_test.go:")
			}
		})
	}
}
