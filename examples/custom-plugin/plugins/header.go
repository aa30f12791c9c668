package plugins

import "github.com/chitor-go/chitor/app"

// HeaderConfig configures [CustomHeader].
type HeaderConfig struct {
	Name  string `property:"header_name"`
	Value string `property:"header_value"`
}

func headerDefaults() HeaderConfig {
	return HeaderConfig{Name: "Custom-Header-Name", Value: "Default value"}
}

// CustomHeader adds a header to every response.
var CustomHeader = app.NewPlugin("CustomHeader", headerDefaults, addHeader)

// CustomHeaderConfigurable is CustomHeader with defaults that are properties of
// the application.
var CustomHeaderConfigurable = app.NewPlugin("CustomHeaderConfigurable", headerDefaults, addHeader).FromProperties("http.custom_header")

func addHeader(b *app.PluginBuilder[HeaderConfig]) error {
	config := b.Config()
	b.OnCall(func(c *app.Call) error {
		c.Header().Add(config.Name, config.Value)
		return nil
	})
	return nil
}
