package contentnegotiation

import "github.com/chitor-go/chitor/app"

// Plugin negotiates and converts bodies: Ktor's ContentNegotiation. It can be
// installed on the application, or on routes, where the nearest installation is
// the only one that runs. Installed as it is, it has no converters: see
// [Config].
var Plugin = app.NewScopedPlugin("ContentNegotiation", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	p, err := b.Config().plan()
	if err != nil {
		return err
	}
	b.OnCallReceive(p.receive)
	b.OnCallRespond(p.respond)
	return nil
}
