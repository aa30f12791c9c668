package defaultheaders

import "github.com/chitor-go/chitor/app"

// Plugin adds headers to responses that lack them. It can be installed on the
// application, or on routes, where the nearest installation is the only one
// that runs. Installed without a configuration it adds Server.
//
// Ktor: DefaultHeaders.
var Plugin = app.NewScopedPlugin("DefaultHeaders", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	headers, err := newHeaders(*b.Config())
	if err != nil {
		return err
	}
	b.InterceptSend(app.SendContentEncoding, func(_ *app.Call, out *app.Outgoing) error {
		for _, header := range headers {
			if _, set := out.Header[header.name]; !set {
				out.Header[header.name] = header.values
			}
		}
		return nil
	})
	return nil
}
