package sse

import (
	"context"

	"github.com/chitor-go/chitor/app"
)

// Plugin makes server-sent events available. It is installed on an application,
// not on a route. Without it a stream is a mistake at Start, or an error when
// it is opened by [Respond]. What runs is given out by [SessionsOf].
//
// Ktor: SSE.
var Plugin = app.NewPlugin("SSE", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	config := b.Config()
	if err := config.validate(); err != nil {
		return err
	}
	sessions := newSessions(*config, b.Application())
	config.sessions = sessions
	b.Provide(sessions)
	b.OnStopPreparing(sessions.registry.Stop)
	b.OnStart(func(context.Context) error {
		sessions.parking.timeout = sessions.writeTimeout() // the application's is known now
		return nil
	})
	b.OnStop(sessions.parking.stop)
	return nil
}

// SessionsOf returns the sessions of the application that scope belongs to, and
// whether [Plugin] is installed there. Scope is an application, a route or the
// scope of a call. It may be called from any goroutine after Start.
func SessionsOf(scope app.Scope) (*Sessions, bool) {
	return app.InstanceOf[*Sessions](Plugin, scope)
}
