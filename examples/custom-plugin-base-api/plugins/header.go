// Package plugins holds the three plugins of the sample.
package plugins

import "github.com/chitor-go/chitor/app"

// HeaderConfig configures [CustomHeader].
type HeaderConfig struct{ Name, Value string }

// CustomHeader adds a header to every response.
var CustomHeader = app.NewPlugin("CustomHeader",
	func() HeaderConfig { return HeaderConfig{Name: "Custom-Header-Name", Value: "Default value"} },
	func(b *app.PluginBuilder[HeaderConfig]) error {
		config := b.Config()
		b.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				c.Header().Add(config.Name, config.Value)
				return next(c)
			}
		})
		return nil
	})
