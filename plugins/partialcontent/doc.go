// Package partialcontent answers requests for ranges of a response, so that a
// download can be resumed and a video be played from the middle.
//
//	a.Install(partialcontent.Plugin)
//	a.Install(conditionalheaders.Plugin) // if responses have versions
//
// # What has ranges
//
// Ranges are cut out of a 200 to GET whose length is known: of text and bytes,
// and of what a handler writes, or reads from somewhere, after it has declared
// Content-Length. A handler that writes is not told: it writes the whole body.
// Such responses have Accept-Ranges: bytes, to HEAD as well, unless they have
// another value of it.
//
// Left alone are event streams, responses that have Content-Range, and those
// with a Content-Encoding, unless they have an ETag: a variant that is stored
// has ranges, what is encoded on its way has none. For a request with a Range
// the plugin calls [app.Call.SuppressCompression], so that plugins/compression
// leaves the bytes as they are.
//
// RespondFile, and a mounted http.FileServer, answer ranges by themselves, which
// costs less, and that stands.
//
// # What is answered
//
// One range is 206 with Content-Range. Several are multipart/byteranges; those
// that overlap or touch become one. They are sent as one range, from the first
// byte to the last, if there are more than [Config.MaxRangeCount], if they are
// not in ascending order, or if their parts would be longer than the whole
// response: no request makes a response longer than it is without the plugin.
// Ranges that lie behind the end are left out, and if there are no others the
// response is 416. A Range header that cannot be read, or is of another unit, is
// ignored, and so is one of any method but GET.
//
// Conditions come before ranges (RFC 9110 section 13.2.2): where
// plugins/conditionalheaders answers 304 or 412, there is no 206 and no 416,
// whichever of the plugins was installed first. Without that plugin a response
// whose conditions are not met is sent whole. If-Range is compared with the
// version that the plugin knows of, or with the ETag and Last-Modified of the
// response: a strong tag, or the very same date, lets the range be sent.
//
// Ktor: PartialContent. What differs is in docs/differences.md.
package partialcontent
