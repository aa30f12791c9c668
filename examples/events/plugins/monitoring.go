// Package plugins holds the plugin of the sample, and its event.
package plugins

import (
	"net/http"

	"github.com/chitor-go/chitor/app"
)

// NotFoundEvent tells that a call was answered with 404.
var NotFoundEvent = app.NewEvent[*app.Call]("NotFound")

// ApplicationMonitoring logs when an application starts and stops, and raises
// [NotFoundEvent].
var ApplicationMonitoring = app.NewPlugin("ApplicationMonitoring", func() struct{} { return struct{}{} },
	func(b *app.PluginBuilder[struct{}]) error {
		a := b.Application()
		app.Started.Subscribe(a, func(a *app.Application) { a.Logger().Info("Server is started") })
		app.Stopped.Subscribe(a, func(a *app.Application) { a.Logger().Info("Server is stopped") })
		b.OnResponseSent(func(c *app.Call) {
			if c.Status() == http.StatusNotFound {
				NotFoundEvent.Raise(a, c)
			}
		})
		return nil
	})
