package callid

import (
	"context"

	"github.com/chitor-go/chitor/app"
)

// Plugin gives each call an id. It can be installed on the application, or on
// routes, where the nearest installation is the only one that runs. Without a
// configuration it has no source of ids and gives none.
//
// Ktor: CallId.
var Plugin = app.NewScopedPlugin("CallId", defaultConfig, setup)

var idKey = app.NewKey[string]("callid.id")

// Get returns the id of the call, and whether it has one. It may be called from
// any goroutine.
//
// Ktor: call.callId.
func Get(c *app.Call) (string, bool) { return idKey.Get(c) }

// FromContext returns the id of the call that ctx belongs to, and whether there
// is one.
//
// Ktor: KtorCallIdContextElement.
func FromContext(ctx context.Context) (string, bool) {
	c, ok := app.CallFrom(ctx)
	if !ok {
		return "", false
	}
	return Get(c)
}

func setup(b *app.PluginBuilder[Config]) error {
	p, err := newPicker(*b.Config())
	if err != nil {
		return err
	}
	b.OnPhase(app.PhaseSetup, p.identify)
	return nil
}
