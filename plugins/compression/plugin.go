package compression

import (
	"errors"

	"github.com/chitor-go/chitor/app"
)

// Plugin encodes responses and decodes requests. It can be installed on the
// application, or on routes, where the nearest installation is the only one
// that runs. Without a configuration it offers gzip and deflate under Ktor's
// default conditions: see [Config]. Each installation has encoders of its own.
//
// Ktor: Compression.
var Plugin = app.NewScopedPlugin("Compression", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	config := *b.Config()
	encoding, encodingErr := newEncoding(config)
	decoding, decodingErr := newDecoding(config)
	if err := errors.Join(config.Mode.check(), config.mistakes.Err(), encodingErr, decodingErr); err != nil {
		return err
	}
	if config.Mode.response() {
		b.InterceptSend(app.SendContentEncoding, encoding.encode)
	}
	if config.Mode.request() {
		decoding.install(b)
	}
	return nil
}
