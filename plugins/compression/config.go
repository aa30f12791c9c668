package compression

import "slices"

// Config says which encoders an installation of [Plugin] offers, and under
// which conditions. The zero Config offers gzip with priority 1 and deflate
// with priority 0.9; naming any encoder drops both.
//
// Its own [Conditions] are global: they must hold for any encoder to be asked.
// Only if there is no global condition, an encoder that has none of its own
// gets the default ones: at least 200 bytes, and not video/*, audio/*,
// image/jpeg, image/png, multipart/*, text/event-stream, or a format that is
// compressed in itself: zip, gzip and other archives, PDF, office documents,
// WOFF, GIF, WebP, AVIF and their like. So as in Ktor a condition of your own
// drops the default ones, exclusions included.
//
// It is read when the plugin is installed; later changes have no effect. Start
// returns the mistakes in it, with the line of the installation. A nil
// configuration function is a mistake.
//
// Ktor: CompressionConfig.
type Config struct {
	Conditions

	// Mode says whether responses are encoded, requests decoded, or both, which
	// is the default.
	//
	// Ktor: mode.
	Mode Mode

	// MaxEncoders is how many responses the installation may encode at the same
	// time, event streams apart; beyond it a response is sent plain, with Vary.
	// A client that takes a response slowly, or not at all, keeps its encoder
	// until app.Config.WriteTimeout is over. 500 by default, which hold 0.5 GiB
	// or more, by coding and level. 0 switches the limit off, negative is a
	// mistake.
	//
	// Ktor has no such limit.
	MaxEncoders int

	// MaxEncodingChainLength is how many codings Content-Encoding may name for
	// the body of a request: 2 by default. A Receive of a body with more is
	// refused with 400, and reading it fails. 0, or less, switches the limit
	// off, and lets a request open as many decoders as its header has room to
	// name.
	//
	// Ktor: maxEncodingChainLength.
	MaxEncodingChainLength int

	// MaxDecodedContentLength is how many bytes a request's body may have once
	// decoded, and also between two codings: 50 MiB by default, as much as a
	// part of a multipart body. The read that would go beyond fails with a
	// *http.MaxBytesError, which becomes 413. It limits what is streamed;
	// [app.Config.BodyLimit], which is smaller, also limits decoded text,
	// bytes, forms and values. A call that may have more by a limit of its own,
	// as the plugin requestbodylimit and [app.Call.SetBodyLimit] give it, may
	// decode as much. 0, or less, switches the limit off.
	//
	// Ktor: maxDecodedContentLength, which sets no limit by default.
	MaxDecodedContentLength int64

	// MaxDecoderMemory is how many bytes the decoders of the installation may
	// hold together: 256 MiB by default, which is enough for 2,700 bodies in
	// gzip or deflate at a time, or 29 in zstd that ask for the largest window,
	// 8 MiB. A body is counted from its first read until it has been read or
	// the call has ended. The read that would go beyond fails with an
	// [app.Error] with 503, which is answered with Retry-After. 0 switches the
	// limit off, negative is a mistake.
	//
	// Ktor has no such limit.
	MaxDecoderMemory int64

	encoders offers
	streams  *EventStreamConfig // nil: event streams are left alone
}

// Default offers what is offered if no encoder is named, gzip and deflate, so
// that others can be named besides.
//
// Ktor: default, which also offers identity.
func (c *Config) Default() {
	c.Gzip()
	c.Deflate()
}

// ZstdStandard offers zstd, gzip and deflate, in this order of preference. The
// functions are for zstd.
//
// Ktor: zstdStandard, which also offers identity.
func (c *Config) ZstdStandard(configure ...func(*EncoderConfig)) {
	c.Zstd(configure...)
	c.Default()
}

// Gzip offers gzip (RFC 1952), with priority 1. Several functions are applied
// in order.
//
// Ktor: gzip.
func (c *Config) Gzip(configure ...func(*EncoderConfig)) {
	c.encoders = c.encoders.with(Encoder{Name: "gzip", NewWriter: newGzip, NewReader: newGzipReader}, 1, configure)
}

// Deflate offers deflate, with priority 0.9, in the zlib format (RFC 1950) that
// the name stands for in HTTP.
//
// Ktor: deflate, which sends the bare deflate format.
func (c *Config) Deflate(configure ...func(*EncoderConfig)) {
	c.encoders = c.encoders.with(Encoder{Name: "deflate", NewWriter: newDeflate, NewReader: newDeflateReader}, 0.9, configure)
}

// Zstd offers zstd (RFC 8878) with a window of 512 KiB, with priority 1.
//
// Ktor: zstd.
func (c *Config) Zstd(configure ...func(*EncoderConfig)) {
	c.encoders = c.encoders.with(Encoder{Name: "zstd", NewWriter: newZstd, NewReader: newZstdReader}, 1, configure)
}

// Identity lets the plain body take part in the choice, with priority 1 and no
// default conditions. Without it the plain body is sent if the client names
// identity and prefers it to every encoder, and if nothing else is left.
//
// Ktor: identity, which also sets Content-Encoding.
func (c *Config) Identity(configure ...func(*EncoderConfig)) {
	c.encoders = c.encoders.with(Encoder{Name: identity}, 1, configure)
}

// Encoder offers an encoder of your own, with priority 1.
//
// Ktor: encoder.
func (c *Config) Encoder(encoder Encoder, configure ...func(*EncoderConfig)) {
	if err := encoder.check(); err != nil {
		c.mistakes.Add(err)
		return
	}
	c.encoders = c.encoders.with(encoder, 1, configure)
}

func defaultConfig() Config {
	return Config{MaxEncoders: 500, MaxEncodingChainLength: 2, MaxDecodedContentLength: 50 << 20, MaxDecoderMemory: 256 << 20}
}

// offered returns the encoders that were named, or the default ones.
func (c *Config) offered() offers {
	if len(c.encoders) > 0 {
		return slices.Clone(c.encoders)
	}
	var byDefault Config
	byDefault.Default()
	return byDefault.encoders
}
