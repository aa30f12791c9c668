package statuspages

import "github.com/chitor-go/chitor/app"

// Plugin responds to failed calls, and to calls with certain statuses, with
// pages of your own. It is installed on the application. Without a
// configuration it does nothing.
//
// Ktor: StatusPages.
var Plugin = app.NewPlugin("StatusPages", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	p, err := newPages(*b.Config())
	if err != nil {
		return err
	}
	b.OnCallFailed(p.handleError)
	b.OnBodyReady(p.handleStatus)
	if p.unhandled != nil {
		b.OnPhase(app.PhaseFallback, p.handleUnhandled)
	}
	return nil
}
