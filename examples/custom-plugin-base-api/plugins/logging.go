package plugins

import "github.com/chitor-go/chitor/app"

// RequestLogging logs the URL of every request before anything else happens.
var RequestLogging = app.NewPlugin("RequestLogging", func() struct{} { return struct{}{} },
	func(b *app.PluginBuilder[struct{}]) error {
		logger := b.Application().Logger()
		b.Intercept(app.PhaseMonitoring, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				logger.Info("request", "host", c.Request.Host, "url", c.Request.URL.String())
				return next(c)
			}
		})
		return nil
	})
