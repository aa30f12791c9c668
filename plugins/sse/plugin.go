package sse

import (
	"bytes"
	"encoding/json"

	"github.com/chitor-go/chitor/app"
)

// Plugin makes server-sent events available: Ktor's SSE plugin. Without it a
// stream is a mistake at Start, or an error when it is opened by [Respond].
var Plugin = app.NewPlugin("SSE", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	config := b.Config()
	if err := config.validate(); err != nil {
		return err
	}
	config.sessions = &Sessions{}
	b.OnStopPreparing(config.sessions.stop)
	return nil
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
