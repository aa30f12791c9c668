// Package brotli adds Brotli (RFC 7932) to plugins/compression.
//
//	a.Install(compression.Plugin.With(func(c *compression.Config) {
//		c.Encoder(brotli.Encoder())
//		c.Gzip()
//		c.EventStreams(func(e *compression.EventStreamConfig) {
//			e.Encoder(brotli.EventStreamEncoder())
//			e.Zstd()
//			e.Gzip()
//		})
//	}))
//
// It is a module of its own, so that only those who want Brotli depend on
// github.com/andybalholm/brotli.
//
// The name of the coding is "br". Browsers accept it over HTTPS, and from
// localhost. It makes smaller bodies than gzip and takes more time for them;
// zstd is between the two in size, and faster than both. Of encoders that a
// client accepts equally and that have the same priority, the one that is named
// first is used.
//
// Bodies of requests in Brotli are decoded, within the limits of
// [compression.Config].
//
// # Levels
//
// [compression.EncoderConfig.Level] is Brotli's quality: 4 by default, 11 at
// most. An encoder holds 2.5 MiB at quality 4 while its response is open, 4 MiB
// at 6, and 10 to 37 MiB from 7 to 9. Qualities 10 and 11 hold 7 MiB and are
// for files that are compressed once, since they take many times as long.
// Quality 0 cannot be chosen: level 0 means the default.
//
// The window is 256 KiB. With the library's default of 4 MiB an encoder would
// hold 9 MiB and more.
//
// # Event streams
//
// [EventStreamEncoder] is for [compression.EventStreamConfig]. At its quality
// of 5 a stream holds 1.7 MiB.
package brotli
