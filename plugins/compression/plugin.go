package compression

import "github.com/chitor-go/chitor/app"

// Plugin encodes responses: Ktor's Compression. It can be installed on the application, or on routes, where the nearest
// installation is the only one that runs. Installed as it is, it offers gzip and deflate under Ktor's
// default conditions: see [Config]. Each installation has encoders of its own.
var Plugin = app.NewScopedPlugin("Compression", defaultConfig, setup)

func defaultConfig() Config { return Config{} }

func setup(b *app.PluginBuilder[Config]) error {
	p, err := b.Config().plan()
	if err != nil {
		return err
	}
	b.InterceptSend(app.SendContentEncoding, p.encode)
	return nil
}

var suppressedKey = app.NewKey[bool]("compression.suppressed")

// Suppress leaves the response of the call as it is, for a handler that encodes by itself or must not be encoded. It has an
// effect until the response is committed. It answers to Ktor's suppressCompression.
func Suppress(c *app.Call) { suppressedKey.Set(c, true) }

// IsSuppressed reports whether [Suppress] was called for the call. It answers to Ktor's isCompressionSuppressed.
func IsSuppressed(c *app.Call) bool {
	suppressed, _ := suppressedKey.Get(c)
	return suppressed
}
