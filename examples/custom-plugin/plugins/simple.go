// Package plugins holds the plugins of the sample.
package plugins

import "github.com/chitor-go/chitor/app"

// none is the configuration of a plugin that has none.
func none() struct{} { return struct{}{} }

// Simple says that it is installed, and does nothing else.
var Simple = app.NewPlugin("Simple", none, func(b *app.PluginBuilder[struct{}]) error {
	b.Application().Logger().Info("Simple is installed!")
	return nil
})

// RequestLogging logs the URL of every request.
var RequestLogging = app.NewPlugin("RequestLogging", none, func(b *app.PluginBuilder[struct{}]) error {
	logger := b.Application().Logger()
	b.OnCall(func(c *app.Call) error {
		logger.Info("request", "host", c.Request.Host, "url", c.Request.URL.String())
		return nil
	})
	return nil
})
