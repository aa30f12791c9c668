package plugintest_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/plugintest"
)

// plugin makes a plugin of a setup.
func plugin(setup func(b *app.PluginBuilder[struct{}]) error) app.Installable {
	return app.NewScopedPlugin("Test", func() struct{} { return struct{}{} }, setup)
}

// using makes a plugin of a middleware.
func using(middleware func(http.Handler) http.Handler) app.Installable {
	return plugin(func(b *app.PluginBuilder[struct{}]) error { b.Use(middleware); return nil })
}

func TestKitPassesCorrectPlugins(t *testing.T) {
	t.Run("does nothing", func(t *testing.T) {
		plugintest.Conform(t, plugin(func(*app.PluginBuilder[struct{}]) error { return nil }), plugintest.Scoped())
	})
	t.Run("adds a header", func(t *testing.T) {
		plugintest.Conform(t, plugin(func(b *app.PluginBuilder[struct{}]) error {
			b.OnCall(func(c *app.Call) error { c.Header().Set("X-Plugin", "here"); return nil })
			return nil
		}), plugintest.Scoped(), plugintest.Adds("x-plugin"))
	})
	t.Run("wraps the writer", func(t *testing.T) {
		plugintest.Conform(t, using(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(unwrapping{w}, r) })
		}), plugintest.Scoped(), plugintest.Holds())
	})
	t.Run("not on routes", func(t *testing.T) {
		plugintest.Conform(t, app.NewPlugin("Test", func() struct{} { return struct{}{} },
			func(*app.PluginBuilder[struct{}]) error { return nil }))
	})
}

// unwrapping is a writer that shows the one it is put around, as it should;
// hiding does not.
type (
	unwrapping struct{ http.ResponseWriter }
	hiding     struct{ http.ResponseWriter }
)

func (w unwrapping) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A fault is a plugin that does something wrong, the check that finds it, and
// what the check then prints.
type fault struct {
	plugin   app.Installable
	check    string
	says     string
	unscoped bool // the kit is not told that it can be installed on routes
	nilled   bool // the kit is handed a nil option
}

var faults = map[string]fault{
	"cannot be installed on a route": {
		plugin: app.NewPlugin("Test", func() struct{} { return struct{}{} },
			func(*app.PluginBuilder[struct{}]) error { return nil }),
		check: "many calls at once", says: "it can be installed on the application only",
	},
	"stands around handlers": {
		plugin: using(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(w, r) })
		}),
		check: "a stream behind it can be parked", says: "Around:1",
	},
	"has a mistake of its own": {
		plugin: plugin(func(b *app.PluginBuilder[struct{}]) error {
			b.Application().Fail(io.ErrUnexpectedEOF)
			return nil
		}), check: "installation", says: "there is one mistake",
	},
	"can be installed on a route, unsaid": {
		plugin: plugin(func(*app.PluginBuilder[struct{}]) error { return nil }),
		check:  "installation", says: "the application starts", unscoped: true,
	},
	"comes with a nil option": {
		plugin: plugin(func(*app.PluginBuilder[struct{}]) error { return nil }),
		check:  "installation", says: "conform: option 2 is nil", nilled: true,
	},
	"holds up the stop": {
		plugin: plugin(func(b *app.PluginBuilder[struct{}]) error {
			b.OnStop(func(context.Context) error { <-time.After(time.Second); return nil })
			return nil
		}), check: "event streams end with the application", says: "the stop took time",
	},
	"holds back what is flushed": {plugin: using(buffer), check: "flush passes", says: "is held back"},
	"hides the writer": {
		plugin: using(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(hiding{w}, r) })
		}), check: "the writer unwraps", says: "SetReadDeadline",
	},
	"keeps the connection": {
		plugin: using(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(hiding{w}, r) })
		}), check: "the writer can be hijacked", says: "500 Internal Server Error",
	},
	"changes events": {
		plugin: wrapping(func(w io.Writer) app.BodyWriter { return &body{w: w, change: bytes.ToUpper} }),
		check:  "event streams are left alone", says: `DATA: FIRST`,
	},
	"joins events": {
		plugin: wrapping(func(w io.Writer) app.BodyWriter { return &body{w: w, hold: true} }),
		check:  "event streams are left alone", says: "after 1h5m0s",
	},
	"adds a header that Adds does not name": {
		plugin: plugin(func(b *app.PluginBuilder[struct{}]) error {
			b.OnCall(func(c *app.Call) error { c.Header().Set("X-Plugin", "here"); return nil })
			return nil
		}), check: "event streams are left alone", says: "X-Plugin",
	},
	"does not let a client go": {
		plugin: plugin(func(b *app.PluginBuilder[struct{}]) error {
			b.OnCall(func(c *app.Call) error { c.Request = c.Request.WithContext(context.Background()); return nil })
			return nil
		}), check: "event streams end with their client", says: "client has gone",
	},
	"answers 204 with 200": {
		plugin: plugin(func(b *app.PluginBuilder[struct{}]) error {
			b.OnBodyReady(func(_ *app.Call, out *app.Outgoing) error {
				out.Status = http.StatusOK
				out.SetText("a body")
				return nil
			})
			return nil
		}), check: "responses without a body have none", says: "expected: 204",
	},
	"tells HEAD something else": {
		plugin: plugin(func(b *app.PluginBuilder[struct{}]) error {
			b.OnBodyReady(func(c *app.Call, out *app.Outgoing) error { out.Header.Set("X-Method", c.Request.Method); return nil })
			return nil
		}), check: "HEAD tells what GET sends", says: "X-Method",
	},
	"turns an error into a success": {
		plugin: plugin(func(b *app.PluginBuilder[struct{}]) error {
			b.OnCallFailed(func(c *app.Call, _ error) error { return c.RespondText("all is well") })
			return nil
		}), check: "responses stay what they are", says: "all is well",
	},
	"shows secrets": {
		plugin: plugin(func(b *app.PluginBuilder[struct{}]) error {
			b.OnCallFailed(func(c *app.Call, cause error) error { c.SetStatus(500); return c.RespondText(cause.Error()) })
			return nil
		}), check: "responses stay what they are", says: "the secret",
	},
	"ends what is broken": {plugin: using(finish), check: "a broken body breaks off", says: "the body seems whole"},
	"reads the request": {
		plugin: plugin(func(b *app.PluginBuilder[struct{}]) error {
			b.OnCall(func(c *app.Call) error { _, err := io.Copy(io.Discard, c.Request.Body); return err })
			return nil
		}), check: "requests keep their body", says: "the body has 0 bytes",
	},
	"serves one call at a time, badly": {plugin: shared(), check: "many calls at once", says: "it should have 1000"},
	"leaves a goroutine behind": {
		plugin: plugin(func(b *app.PluginBuilder[struct{}]) error {
			b.OnCall(func(*app.Call) error { go func() { <-make(chan struct{}) }(); return nil })
			return nil
		}), check: "many calls at once", says: "blocked goroutines remain",
	},
}

const faultName = "CHITOR_PLUGINTEST_FAULT"

// TestFaultyPlugin runs the kit on one faulty plugin, in a process that
// [TestKitFindsFaults] starts. In any other process there is nothing to do.
func TestFaultyPlugin(t *testing.T) {
	if faulty, ok := faults[os.Getenv(faultName)]; ok {
		var options []plugintest.Option
		if !faulty.unscoped {
			options = append(options, plugintest.Scoped())
		}
		if faulty.nilled {
			options = append(options, nil)
		}
		plugintest.Conform(t, faulty.plugin, options...)
	}
}

func TestKitFindsFaults(t *testing.T) {
	program, err := os.Executable()
	require.NoError(t, err)
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			check := "^TestFaultyPlugin$/^" + strings.ReplaceAll(fault.check, " ", "_") + "$"
			command := exec.CommandContext(t.Context(), program, "-test.run="+check)
			command.Env = append(os.Environ(), faultName+"="+name)
			output, err := command.CombinedOutput()
			require.Error(t, err, "the kit finds nothing:\n%s", output)
			assert.Contains(t, string(output), fault.says)
		})
	}
}
