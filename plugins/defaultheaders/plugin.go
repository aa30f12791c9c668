package defaultheaders

import "github.com/chitor-go/chitor/app"

// Plugin adds headers to answers that lack them: Ktor's DefaultHeaders. It can
// be installed on the application, or on routes, where the nearest installation
// is the only one that runs. Installed as it is, it adds Server.
var Plugin = app.NewScopedPlugin("DefaultHeaders", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	headers, err := b.Config().build()
	if err != nil {
		return err
	}
	b.InterceptSend(app.SendContentEncoding, func(_ *app.Call, out *app.Outgoing) error {
		for _, known := range headers {
			if _, set := out.Header[known.name]; !set {
				out.Header[known.name] = known.values
			}
		}
		return nil
	})
	return nil
}
