package app_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// TestGoOfALateHook: hooks that run after the handlers may start work, too, and
// the call waits for it.
func TestGoOfALateHook(t *testing.T) {
	for name, install := range map[string]func(hook func(c *app.Call)) app.Installable{
		"failed": func(hook func(c *app.Call)) app.Installable {
			return onFailed("Late", func(c *app.Call, _ error) error { hook(c); return nil })
		},
		"sent": func(hook func(c *app.Call)) app.Installable { return onSent("Late", hook) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen journal
				a := start(t, func(a *app.Application) {
					a.Install(install(func(c *app.Call) {
						c.Go(func(context.Context) error { time.Sleep(time.Second); seen.add("work"); return nil })
					}))
				}, answering(func(*app.Call) error { return app.NewError(http.StatusConflict, "") }))
				assert.Equal(t, http.StatusConflict, get(t, a, "/").StatusCode)
				assert.Equal(t, []string{"work"}, seen.all())
				time.Sleep(time.Hour)
			})
		})
	}
}
