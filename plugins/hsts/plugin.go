package hsts

import "github.com/chitor-go/chitor/app"

// Plugin adds Strict-Transport-Security to responses over https. It can be
// installed on the application, or on routes, where the nearest installation is
// the only one that runs; browsers take what any response says for the whole
// host, so that the application is the place for it.
//
// Ktor: HSTS.
var Plugin = app.NewScopedPlugin("HSTS", defaultConfig, setup)

const header = "Strict-Transport-Security"

func setup(b *app.PluginBuilder[Config]) error {
	p, err := newPolicy(*b.Config())
	if err != nil {
		return err
	}
	b.OnBodyReady(p.add)
	return nil
}

// add adds the header to a response that may have it.
func (p *policy) add(c *app.Call, out *app.Outgoing) error {
	if _, set := out.Header[header]; set {
		return nil
	}
	origin := c.Origin()
	switch {
	case origin.Scheme != "https":
		return nil
	case p.filter == nil && origin.Port != 443, p.filter != nil && !p.filter(c):
		return nil
	}
	value, special := p.hosts[origin.Host]
	if !special {
		value = p.value
	}
	out.Header[header] = value
	return nil
}
