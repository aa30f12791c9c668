// Package doublereceive lets the body of a request be received several times.
//
//	a.Install(doublereceive.Plugin)
//
// Without it a second [app.Call.Receive] fails with [app.ErrReceived]. It is
// for code that needs the body besides the handler: a log, the check of a
// signature, another plugin.
//
// # What is kept
//
// The first receive records the bytes of the body as they are read, and each
// later one gets them from the start, whatever it asks for: text, bytes, a
// reader, a form, a multipart body, or a value made by a converter. If the
// first one stopped halfway, the next reads the record and then the rest of the
// body. A value that is received twice is made twice, so what one receiver does
// to it the other does not see. Code that reads Request.Body after a receive,
// such as a mounted net/http handler, also finds the body from the start.
//
// Nothing is read in advance, and nothing is recorded for a call whose body is
// not received. The record stays in memory until the call is over and holds at
// most [Config.MemoryLimit] bytes; a longer body fails with a
// *http.MaxBytesError, which becomes 413. So leave out routes that take long
// uploads, with [Config.ExcludeFromCache], [Config.MaxSize] or
// [Config.Exclude], or install the plugin on the other routes.
//
// # Order
//
// The body is recorded in ReceiveBefore, where hooks run in order of
// installation: a plugin installed before this one that decodes bodies does so
// once, one installed later does so for each receive.
//
// # Differences from Ktor
//
// Values are kept only if [Config.CacheRawRequest] is off; Ktor always keeps
// them, so there a second receive of one type returns the same object. The
// record is limited. A body that was received in part is replayed from its
// start, in Ktor from where the first receive stopped. [Config.Exclude]
// excludes the type that it is given; in Ktor it excludes all others. There is
// no useFileForCache: long bodies are not kept.
//
// Ktor: DoubleReceive.
package doublereceive
