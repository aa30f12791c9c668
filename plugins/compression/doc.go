// Package compression encodes response bodies in what the client accepts, and
// decodes the bodies of requests.
//
//	a.Install(compression.Plugin.With(func(c *compression.Config) {
//		c.Gzip()
//		c.Deflate(func(e *compression.EncoderConfig) { e.Priority = 10; e.MinimumSize(1024) })
//	}))
//
// Without a configuration the plugin offers gzip and deflate under Ktor's
// default conditions. [Config.Mode] chooses one of the two directions.
// The guide, with examples and measured costs, is docs/compression.md.
//
// # Responses
//
// The plugin decides once for each response, when it is committed, from its
// status, its header and its length; nothing is held back for that. The
// decision is the same for [app.Call.Respond], for a handler that writes by
// itself, for mounted net/http handlers and for HEAD.
//
// An event stream is left alone, before any condition is asked: one that
// plugins/sse has marked, and one whose Content-Type is text/event-stream.
// [Config.EventStreams] changes that, also for the Cache-Control: no-transform
// that streams of plugins/sse have for proxies. Left alone are also responses
// that have no body, a range, Content-Encoding or Cache-Control: no-transform,
// responses to clients that ask for another protocol, and those of calls whose
// [app.Call.SuppressCompression] was called.
//
// Then the conditions are asked, and Accept-Encoding is read by RFC 9110
// section 12.5.3: the encoder with the greatest q-value is used; between equals
// [EncoderConfig.Priority] decides, then the order in which they were named. An
// encoder whose conditions fail passes its turn on to the next. A response that
// could have been encoded for some client gets Vary: Accept-Encoding. An
// encoded one loses Content-Length and Accept-Ranges, and a strong ETag becomes
// weak.
//
// A flush of the response flushes the encoder and then the connection. A body
// that ends early is cut: its coding is never finished, so that no client takes
// a part for the whole.
//
// # Requests
//
// The body of a request that has Content-Encoding is decoded for everybody who
// reads it from [app.PhaseMonitoring] on, by the encoders of the installation:
// every Receive, Request.Body in handlers and middlewares, and mounted net/http
// handlers. For them Content-Encoding and Content-Length are removed from the
// header, and Request.ContentLength is -1. [AppliedDecoders] names what is
// decoded, [app.Call.Arrived] shows the request as it came, and
// [SuppressDecompression] leaves it so. Nothing is read before somebody reads.
//
// A body that is not of its coding, breaks off, or has more codings than
// [Config.MaxEncodingChainLength] is 400; one that becomes longer than
// [Config.MaxDecodedContentLength] is 413; one whose decoder would take more
// memory than [Config.MaxDecoderMemory] leaves is 503. All of that is found when
// the body is read. A coding that is not known is 415 for a Receive, with
// Accept-Encoding in the response; Request.Body is decoded up to that coding.
//
// # Secrets
//
// The length of a compressed response tells something about its content. Where
// a response holds a secret next to text that an attacker chooses (BREACH),
// leave it alone, with [app.Call.SuppressCompression] or with a condition. All
// events of a stream share one memory: do not encode a stream that sends both.
//
// Ktor: Compression. What differs is in docs/differences.md.
package compression
