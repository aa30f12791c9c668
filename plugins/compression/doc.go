// Package compression encodes response bodies in what the client accepts, and
// decodes the bodies of requests. It is Ktor's Compression plugin, with the
// differences listed below. [Config.Mode] chooses one of the two.
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
// The decision falls once for each response, when it is committed, from its
// status, its header and its length; nothing is held back for it. It is the
// same for what [app.Call.Respond] sends, for what a handler writes itself, for
// mounted net/http handlers and for HEAD, which gets the header of the encoded
// answer without an encoder being started. In this order:
//
//   - An event stream is left alone, before any condition is asked: one that
//     plugins/sse has marked, and one whose Content-Type is text/event-stream.
//     [Config.EventStreams] lets it be encoded: see the chapter on event
//     streams.
//   - So is an answer without a body to encode (1xx, 204, 205, an empty one), a
//     range (206, Content-Range), one that is encoded already (Content-Encoding
//     is set, whatever it says), one that forbids it (Cache-Control:
//     no-transform, RFC 9111 section 5.2.2.6), one to a client that asks for
//     another protocol (CONNECT, the handshake of a WebSocket), and one of a
//     call that was given to [Suppress].
//   - The global conditions and those of each encoder are asked. An answer that
//     some encoder could have encoded gets Vary: Accept-Encoding, joined with
//     the fields that Vary names already, whether this client gets it encoded
//     or not, and also with 304 and 206 (RFC 9110 sections 12.5.5, 15.4.5 and
//     15.3.7).
//   - Accept-Encoding is read by RFC 9110 section 12.5.3: all its lines,
//     q-values, "*", "identity", names without regard to case. The encoder with
//     the greatest q-value is taken; the [EncoderConfig.Priority], then the
//     order in which encoders were named, decide between equals. One whose
//     conditions fail passes its turn on to the next. A q-value that is missing
//     or malformed counts as 1, as in Ktor. Nobody is answered with 406.
//   - An encoded answer loses Content-Length and Accept-Ranges, and a strong
//     ETag becomes a weak one, since the same tag would otherwise name two
//     different sequences of bytes (RFC 9110 section 8.8.1); a 304 gets the
//     weak tag as well. If-None-Match still matches it; If-Match and If-Range,
//     which compare strongly, do not.
//
// # Streams
//
// A flush of the response flushes the encoder and then the connection, so what
// was written can be read at once. Gzip and deflate below level 7 forget what
// came before at a flush that finds fewer than 128 bytes: many small flushed
// pieces then grow instead of shrinking. For such a stream take level 7 or
// more, or zstd. A body that ends early, by an error or a panic, is cut: its
// coding is never finished, so that nobody takes it for whole.
//
// Each response that is open holds an encoder: 0.5 to 1.0 MiB with gzip and
// deflate, 1.4 MiB at level 9, and with zstd up to 1.0 MiB below level 3, 2.1
// MiB below 6, 4.9 MiB below 10 and 35 MiB from there on. Encoders that are
// free wait in a pool, which the garbage collector empties.
//
// # Event streams
//
// Event streams are encoded where [Config.EventStreams] was called, on the
// application or on a route:
//
//	a.Install(compression.Plugin.With(func(c *compression.Config) {
//		c.EventStreams() // zstd and gzip, 500 streams at once
//	}))
//
// The same rules hold for them as for other answers, with the encoders of
// [EventStreamConfig] in the place of those of [Config]: the global conditions
// are asked and then the stream's, but never the default ones; no-transform,
// [Suppress] and Vary mean what they mean elsewhere. The encoder is taken when
// the head leaves, which is before the first event. What is written between two
// flushes leaves together at the second: an event or a heartbeat of
// plugins/sse, or as many events as a handler writes before it flushes. When
// the stream has ended, however it did, its encoder is free for the next.
//
// An open stream holds its encoder: 0.6 MiB with zstd below level 3, 1.0 MiB
// with gzip and deflate, 1.4 MiB at their level 9, and 1.7 MiB with
// plugins/compression/brotli. A plain one holds about ten KiB. So
// [EventStreamConfig.MaxEncoders] bounds how many there are; beyond it streams
// are plain. In return, events that resemble those before them all but vanish:
// what is sent again and again, such as a page of which a cell has changed,
// shrinks to a hundredth and less, short ticks to a third. A broadcast is
// encoded for each client anew. Proxies that hold back encoded bodies hold back
// these streams; see that they do not, or leave streams plain.
//
// All events of a stream share one memory: whether one resembles an earlier one
// shows in its length. A stream that sends a secret must not also send text
// that somebody else chooses, such as the messages of a chat, or the secret can
// be guessed piece by piece by who sees the lengths. Keep the two in different
// streams, or the stream plain.
//
// # Requests
//
// The body of a request that names a content coding is decoded for everybody
// who reads it from [app.PhaseMonitoring] on: every Receive, multipart and
// forms included, Request.Body in handlers and middlewares wherever they were
// installed, and mounted net/http handlers. For them Content-Encoding and
// Content-Length are gone from the header, and Request.ContentLength is -1.
// [AppliedDecoders] says what was taken off, [app.Call.Arrived] shows the
// request as it came. Nothing is read before somebody reads: a client that
// waits for 100 Continue gets it then.
//
// Decoded is what the encoders of the installation stand for: gzip and deflate
// unless others were named, zstd where [Config.Zstd] was called, and an
// [Encoder] that has a NewReader. Gzip is x-gzip as well. Deflate is taken in
// the zlib format and without it. Identity is nothing. Names are compared
// without regard to case, all lines of the header count, and codings are taken
// off in the order of RFC 9110 section 8.4: the last one first.
//
// A body that cannot be decoded has an answer:
//
//   - 400, if it is not of the coding that it names, is broken, ends early, or
//     goes on behind the coding's end; and if there are more codings than
//     [Config.MaxEncodingChainLength], which is 2.
//   - 413, if it becomes longer than [Config.MaxDecodedContentLength], 50 MiB,
//     or than a limit for what is received.
//   - 415, with Accept-Encoding in the answer, if one of the codings is not
//     known.
//
// The first two are found when the body is read, which fails with an
// [app.Error], or with a *http.MaxBytesError; nobody who does not read is
// refused. What a mounted net/http handler answers when reading fails is its
// own affair. The last one is for Receive: Request.Body is there for those who
// know more, decoded up to the coding that is not known, which then is what
// Content-Encoding still names. So a proxy passes on what it got.
//
// [SuppressDecompression] leaves a body and its header as they came, for a
// handler that checks a signature of the bytes that arrived, for example.
//
// A body of no bytes is an empty one, whatever its coding. Several gzip
// members, or zstd frames, are one body.
//
// A limit of plugins/requestbodylimit counts what arrives where it stands on
// the same scope as this plugin or further outside, whichever was installed
// first; on a route below, it counts what was decoded. [app.Config.BodyLimit]
// and the limits for parts always do.
//
// While it is being read, a body holds a decoder: 50 KiB with gzip and deflate,
// and with zstd as much as its window and 0.4 MiB, which is at most 8.4 MiB: a
// larger window than the 8 MiB of RFC 9659 is 400. A client that sends ten
// bytes can ask for that much, so offer zstd where you know how many requests
// there are at a time. Decoders go back to a pool when the body or the call
// ends.
//
// # Secrets
//
// The length of a compressed answer tells something about its content. Where an
// answer holds a secret next to text that an attacker chooses (BREACH), leave
// it alone, with [Suppress] or with a condition, for example on the Referer
// header of the request.
//
// # Differences from Ktor
//
// Deflate is zlib on the wire, as RFC 9110 section 8.4.1.2 has it; Ktor sends
// the bare deflate format. Identity is never written into Content-Encoding.
// Vary, ETag, Accept-Ranges, no-transform, 206 and a Content-Encoding that the
// handler set are looked after as described. All lines of Accept-Encoding
// count, Ktor reads the first one. Without a preference of the client an
// encoder is taken, never identity. Flush reaches the client. Conditions are
// asked for every answer, since Vary depends on them, not only where the client
// accepts an encoding.
//
// Ktor takes codings off a request's body in the order in which they are
// listed, which is that of being applied; reads the first line, with regard to
// case; passes by those that it does not know, and leaves the body to the
// handler if it knows none; takes deflate without the zlib format alone; and
// limits the decoded length only if it is told to. It decodes for Receive, and
// leaves Content-Length as it was.
package compression
