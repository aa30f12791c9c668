package contentnegotiation

import "github.com/chitor-go/chitor/app"

// Plugin converts values to bodies and bodies to values, in the format that the
// client asks for. It can be installed on the application, or on routes, where
// the nearest installation is the only one that runs. An installation without
// a converter is a mistake: see [Config.JSON] and [Config.Register].
//
// Ktor: ContentNegotiation.
var Plugin = app.NewScopedPlugin("ContentNegotiation", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	n, err := newNegotiator(*b.Config())
	if err != nil {
		return err
	}
	b.OnCallReceive(n.receive)
	b.OnCallRespond(n.respond)
	return nil
}
