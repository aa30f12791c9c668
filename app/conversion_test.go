package app_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

// converting is a plugin of ContentNegotiation's name that converts nothing.
var converting = app.NewScopedPlugin("ContentNegotiation", func() struct{} { return struct{}{} },
	func(*app.PluginBuilder[struct{}]) error { return nil })

// TestValuesWithoutAConverter: a value that nobody converts is the client's
// business where ContentNegotiation is installed, and elsewhere the mistake of a
// server that lacks it, which the log says.
func TestValuesWithoutAConverter(t *testing.T) {
	type value struct{ Name string }
	const hint = "install contentnegotiation.Plugin with a converter, on the application or on this route"
	responding := func(what any) app.Handler {
		return func(c *app.Call) error {
			c.Header().Set("Content-Type", "application/json")
			return c.Respond(what)
		}
	}
	receiving := func(c *app.Call) error {
		_, err := app.Receive[value](c)
		return err
	}
	nowhere := func(*app.Application, *routing.Route) {}
	onApplication := func(a *app.Application, _ *routing.Route) { a.Install(converting) }
	onRoute := func(_ *app.Application, r *routing.Route) { r.Install(converting) }
	elsewhere := func(a *app.Application, _ *routing.Route) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/elsewhere", func(r *routing.Route) { r.Install(converting); r.Get("", receiving) })
		})
	}
	hooked := func(a *app.Application, _ *routing.Route) {
		a.InterceptReceive(app.ReceiveTransform, func(*app.Call, *app.Incoming) error { return nil })
	}
	for name, test := range map[string]struct {
		install func(*app.Application, *routing.Route)
		handler app.Handler
		status  int
		logged  string
	}{
		"respond, nowhere":            {nowhere, responding(value{}), 500, "respond: nothing turns app_test.value into a body: " + hint},
		"respond with nil":            {nowhere, responding(nil), 500, "respond: nothing turns <nil> into a body: " + hint},
		"respond with a number":       {nowhere, responding(200), 500, "respond: nothing turns int into a body: " + hint},
		"respond, on another route":   {elsewhere, responding(value{}), 500, hint},
		"respond, on this route":      {onRoute, responding(value{}), 406, "respond: 406 Not Acceptable: nothing turns app_test.value into a body that the client accepts"},
		"respond, on the application": {onApplication, responding(value{}), 406, "nothing turns app_test.value into a body that the client accepts"},
		"receive, nowhere":            {nowhere, receiving, 500, "receive: nothing reads a body into *app_test.value: " + hint},
		"receive, on another route":   {elsewhere, receiving, 500, hint},
		"receive, on this route":      {onRoute, receiving, 415, `receive: 415 Unsupported Media Type: nothing reads a body of type "a/b" into *app_test.value`},
		"receive, on the application": {onApplication, receiving, 415, `nothing reads a body of type "a/b" into *app_test.value`},
		"receive, with a hook":        {hooked, receiving, 415, `nothing reads a body of type "a/b" into *app_test.value`},
		"receive into no pointer":     {onRoute, func(c *app.Call) error { return c.Receive(value{}) }, 500, "receive: a body cannot be read into app_test.value: pass a pointer"},
		"receive into nil":            {onRoute, func(c *app.Call) error { return c.Receive(nil) }, 500, "receive: a body cannot be read into <nil>: pass a pointer"},
	} {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) {
					r.Route("/here", func(r *routing.Route) {
						test.install(a, r)
						r.Post("", test.handler)
					})
				})
			})
			response := host.Post("/here", "a/b", nil)
			assert.Equal(t, test.status, response.StatusCode)
			assert.Equal(t, "text/plain; charset=UTF-8", response.Header.Get("Content-Type"))
			assert.Equal(t, http.StatusText(test.status), apptest.Text(t, response))
			lines := host.Log().Find("the call failed")
			require.Len(t, lines, 1)
			assert.Contains(t, fmt.Sprint(lines[0].Attrs["error"]), test.logged)
			assert.Equal(t, test.status == 500, lines[0].Level >= slog.LevelError)
		})
	}
}
