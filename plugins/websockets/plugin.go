package websockets

import "github.com/chitor-go/chitor/app"

// Plugin makes WebSockets available. It is installed on an application, not on a
// route. Without it a WebSocket is a mistake at Start, or an error when it is
// opened by [Respond]. What runs is given out by [SessionsOf].
//
// Ktor: WebSockets.
var Plugin = app.NewPlugin("WebSockets", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	config := b.Config()
	if err := config.validate(); err != nil {
		return err
	}
	sessions := newSessions(*config, b.Application())
	config.sessions = sessions
	b.Provide(sessions)
	b.OnStopPreparing(sessions.registry.Stop)
	return nil
}

// SessionsOf returns the WebSockets of the application that scope belongs to, and
// whether [Plugin] is installed there. Scope is an application, a route or the
// scope of a call. It may be called from any goroutine after Start.
func SessionsOf(scope app.Scope) (*Sessions, bool) {
	return app.InstanceOf[*Sessions](Plugin, scope)
}
