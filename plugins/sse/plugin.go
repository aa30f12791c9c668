package sse

import (
	"bytes"
	"encoding/json"

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
	b.OnStopPreparing(sessions.stop)
	return nil
}

// SessionsOf returns the sessions of the application that scope belongs to, and
// whether [Plugin] is installed there. Scope is an application, a route or the
// scope of a call. It may be called from any goroutine after Start.
func SessionsOf(scope app.Scope) (*Sessions, bool) {
	return app.InstanceOf[*Sessions](Plugin, scope)
}

// A Serializer turns a value into the data of an event. It may be called from
// any goroutine.
type Serializer func(value any) ([]byte, error)

// JSON is the [Serializer] for JSON, by encoding/json without escaping <, > and
// &.
func JSON(value any) ([]byte, error) {
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(data.Bytes(), []byte("\n")), nil
}

// An Option configures one stream.
type Option func(*options)

type options struct{ serializer Serializer }

// Serialize sets the serializer of one stream.
// Ktor: serialize parameter.
func Serialize(serializer Serializer) Option {
	return func(o *options) { o.serializer = serializer }
}
