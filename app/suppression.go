package app

// suppressedKey marks calls whose response is not to be encoded.
var suppressedKey = NewKey[bool]("app.compressionSuppressed")

// SuppressCompression has the response of the call sent as it is: a plugin that
// encodes bodies, such as plugins/compression, asks for the mark before any
// condition of its own. It is for a handler that encodes by itself or must not
// be encoded, and for plugins whose work needs the plain bytes, such as ranges.
// It has an effect until the response is committed, and cannot be taken back. It
// may be called from any goroutine.
//
// Ktor: suppressCompression.
func (c *Call) SuppressCompression() { suppressedKey.Set(c, true) }

// CompressionSuppressed reports whether [Call.SuppressCompression] was called.
// It may be called from any goroutine.
//
// Ktor: isCompressionSuppressed.
func (c *Call) CompressionSuppressed() bool {
	suppressed, _ := suppressedKey.Get(c)
	return suppressed
}
