// Package brotli brings Brotli (RFC 7932) to plugins/compression. It is a
// module of its own, so that only those who want Brotli depend on the package
// that it stands on, github.com/andybalholm/brotli.
//
//	a.Install(compression.Plugin.With(func(c *compression.Config) {
//		c.Encoder(brotli.Encoder())
//		c.Gzip()
//	}))
//
// Its coding is named "br". Browsers accept it over HTTPS, and from localhost.
// It makes smaller bodies than gzip and takes longer for them; zstd lies
// between the two in size, and is faster than both. Of encoders that a client
// likes equally and that have the same priority, the one that is named first is
// taken.
//
// Bodies of requests in Brotli are decoded, within the limits of
// [compression.Config].
//
// # Levels
//
// [compression.EncoderConfig.Level] is Brotli's quality: 4 unless another is
// named, 11 at most. An encoder holds 2.5 MiB at quality 4 while its response
// is open, 4 MiB at 6, and 10 to 37 MiB from 7 to 9; 10 and 11 hold 7 MiB and
// are for files that are compressed once, since they take many times as long.
// Quality 0 cannot be asked for: a level of 0 stands for the default.
//
// The window is 256 KiB. With the 4 MiB that Brotli would take by itself, an
// encoder would hold 9 MiB and more.
//
// # Event streams
//
// [EventStreamEncoder] is for [compression.EventStreamConfig]. At its quality
// of 5 a stream holds 1.7 MiB.
//
//	c.EventStreams(func(e *compression.EventStreamConfig) {
//		e.Encoder(brotli.EventStreamEncoder())
//		e.Zstd()
//		e.Gzip()
//	})
package brotli
