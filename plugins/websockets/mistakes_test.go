package websockets_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/websockets"
	"github.com/chitor-go/chitor/routing"
)

// TestMistakesAreReturnedByStart, with the line that has made them.
func TestMistakesAreReturnedByStart(t *testing.T) {
	for name, test := range map[string]struct {
		module app.Module
		texts  []string
	}{
		"no plugin": {
			func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) { websockets.Handle(r, "/chat", nothing) })
			},
			[]string{"mistakes_test.go:", "route WebSocket /chat: the plugin WebSockets is not installed: call a.Install(websockets.Plugin)"},
		},
		"a nil function": {serving(nil), []string{"host_test.go:", "route WebSocket /: the handler is nil"}},
		"a nil option":   {serving(nothing, nil), []string{"host_test.go:", "route WebSocket /: an option is nil"}},
		"a subprotocol that is none": {
			serving(nothing, websockets.Subprotocols("v1", "a b")), []string{"host_test.go:", `route WebSocket /: subprotocol "a b": that is no token`},
		},
		"a bad path": {
			func(a *app.Application) {
				a.Install(websockets.Plugin)
				routing.Routes(a, func(r *routing.Route) { websockets.Handle(r, "/{", nothing) })
			}, []string{"mistakes_test.go:"},
		},
		"a configuration": {
			configured(func(c *websockets.Config) {
				c.PingPeriod, c.Timeout, c.MaxMessageSize, c.MaxSessions, c.MaxSessionsPerKey = -1, 0, -1, -1, -1
				c.RetryAfter, c.MaxAge = -1, -1
				c.AllowOrigin("null", "https://good.example.com")
				c.Deflate(nil, func(d *websockets.DeflateConfig) { d.CompressIfBiggerThan = -1 })
			}, nothing),
			[]string{
				"host_test.go:", "PingPeriod is negative", "the Timeout has to be positive", "MaxMessageSize is negative", "MaxSessions is negative",
				"MaxSessionsPerKey is negative", "RetryAfter is negative", "MaxAge is negative", `allow origin "null"`,
				"CompressIfBiggerThan is negative", "the configuration function is nil",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := apptest.StartError(t, test.module)
			for _, text := range test.texts {
				assert.ErrorContains(t, err, text)
			}
			assert.NotContains(t, err.Error(), "good.example.com")
		})
	}
}

// TestThePluginMayBeInstalledLater than the route is declared.
func TestThePluginMayBeInstalledLater(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) { websockets.Handle(r, "/", nothing) })
		a.Install(websockets.Plugin)
	})
	assert.Equal(t, http.StatusUpgradeRequired, host.Get("/").StatusCode)
}

// TestMistakesOfRespond are errors of the call.
func TestMistakesOfRespond(t *testing.T) {
	for name, test := range map[string]struct {
		plugin  bool
		respond app.Handler
		text    string
	}{
		"no plugin":      {false, func(c *app.Call) error { return websockets.Respond(c, nothing) }, "is not installed"},
		"a nil function": {true, func(c *app.Call) error { return websockets.Respond(c, nil) }, "the function that serves it is nil"},
		"a nil option":   {true, func(c *app.Call) error { return websockets.Respond(c, nothing, nil) }, "an option is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				if test.plugin {
					a.Install(websockets.Plugin)
				}
				routing.Routes(a, func(r *routing.Route) { r.Get("/", test.respond) })
			})
			assert.Equal(t, http.StatusInternalServerError, host.Get("/").StatusCode)
			assert.Empty(t, host.Log().Find(test.text))
			lines := host.Log().Find("the call failed")
			if assert.Len(t, lines, 1) {
				assert.ErrorContains(t, lines[0].Attrs["error"].(error), test.text)
			}
		})
	}
}
