// Package compression encodes response bodies in what the client accepts. It is Ktor's Compression plugin, its response
// side, with the differences listed below.
//
//	a.Install(compression.Plugin) // gzip and deflate, Ktor's default conditions
//
//	a.Install(compression.Plugin.With(func(c *compression.Config) {
//		c.Gzip()
//		c.Deflate(func(e *compression.EncoderConfig) { e.Priority = 10; e.MinimumSize(1024) })
//	}))
//
// # What is decided, and when
//
// The decision falls once for each response, when it is committed, from its status, its header and its length; nothing is
// held back for it. It is the same for what [app.Call.Respond] sends, for what a handler writes itself, for
// mounted net/http handlers and for HEAD, which gets the header of the encoded answer without an encoder being started.
// In this order:
//
//   - An event stream is left alone, before any condition is asked: one that plugins/sse has marked, and one whose
//     Content-Type is text/event-stream. Each event has to leave at once.
//   - So is an answer without a body to encode (1xx, 204, 205, an empty one), a range (206, Content-Range), one that is
//     encoded already (Content-Encoding is set, whatever it says), one that forbids it (Cache-Control: no-transform,
//     RFC 9111 section 5.2.2.6), and one of a call that was given to [Suppress].
//   - The global conditions and those of each encoder are asked. An answer that some encoder could have encoded gets
//     Vary: Accept-Encoding, joined with the fields that Vary names already, whether this client gets it encoded
//     or not, and also with 304 and 206 (RFC 9110 sections 12.5.5, 15.4.5 and 15.3.7).
//   - Accept-Encoding is read by RFC 9110 section 12.5.3: all its lines, q-values, "*", "identity", names without regard
//     to case. The encoder with the greatest q-value is taken; the [EncoderConfig.Priority], then the order in which
//     encoders were named, decide between equals. One whose conditions fail passes its turn on to the next. A q-value
//     that is missing or malformed counts as 1, as in Ktor. Nobody is answered with 406.
//   - An encoded answer loses Content-Length and Accept-Ranges, and a strong ETag becomes a weak one, since the same tag
//     would otherwise name two different sequences of bytes (RFC 9110 section 8.8.1); a 304 gets the weak tag as well.
//     If-None-Match still matches it; If-Match and If-Range, which compare strongly, do not.
//
// # Streams
//
// A flush of the response flushes the encoder and then the connection, so what was written can be read at once. Gzip
// and deflate below level 7 forget what came before at a flush that finds fewer than 128 bytes: many small flushed pieces then
// grow instead of shrinking. For such a stream take level 7 or more, or zstd. A body that ends early, by an
// error or a panic, is cut: its coding is never finished, so that nobody takes it for whole.
//
// Each response that is open holds an encoder: 0.5 to 1.1 MiB with gzip and deflate, and with zstd 0.7 MiB below level 3, 1.8
// MiB below 6, 4.6 MiB below 10 and 35 MiB from there on. Encoders that are free wait in a pool, which
// the garbage collector empties.
//
// # Secrets
//
// The length of a compressed answer tells something about its content. Where an answer holds a secret next to text that an
// attacker chooses (BREACH), leave it alone, with [Suppress] or with a condition, for example
// on the Referer header of the request.
//
// # Differences from Ktor
//
// Deflate is zlib on the wire, as RFC 9110 section 8.4.1.2 has it; Ktor sends the bare deflate format. Identity is never
// written into Content-Encoding. Vary, ETag, Accept-Ranges, no-transform, 206 and a Content-Encoding that the handler set are
// looked after as described. All lines of Accept-Encoding count, Ktor reads the first one. Without
// a preference of the client an encoder is taken, never identity. Flush reaches the client. Conditions are asked for
// every answer, since Vary depends on them, not only where the client accepts an encoding.
package compression
