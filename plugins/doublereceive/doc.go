// Package doublereceive lets the body of a request be received several times.
// It is Ktor's DoubleReceive plugin, with the differences listed below.
//
//	a.Install(doublereceive.Plugin)
//
// Without it a second [app.Call.Receive] fails with [app.ErrReceived]. It is
// for what wants to see the body beside the handler: a log, a signature to be
// checked, a plugin.
//
// # What is kept
//
// The first receive records the bytes of the body as they are read, and each
// later one gets them from the start, whatever it asks for: text, bytes, a
// reader, a form, a multipart body, or what a converter makes of them. Where
// the first one stopped halfway the next one reads on behind the record.
// Receiving a value twice makes it twice, so what one receiver does to it the
// other does not see. Code that reads Request.Body after a receive, such as a
// mounted net/http handler, finds the body from the start as well.
//
// Nothing is read in advance, and nothing is recorded for a call whose body
// nobody receives. What is recorded stays in memory until the call is over, at
// most [Config.MemoryLimit] bytes; a longer body fails with a
// *http.MaxBytesError, which is answered with 413. So a route that takes long
// uploads is left out, by [Config.ExcludeFromCache], [Config.MaxSize] or
// [Config.Exclude], or by installing the plugin on other routes.
//
// # Order
//
// The record takes place in ReceiveBefore, where hooks run in order of
// installation: a plugin installed before this one that decodes bodies does so
// once, one installed later does so for each receive.
//
// # Differences from Ktor
//
// Values are kept only if [Config.CacheRawRequest] is off; in Ktor always, so
// there a second receive of one type yields the same object. The record is
// limited. A body that was received in part is replayed from its start, by Ktor
// from where it is. [Config.Exclude] excludes the type it is given; in Ktor it
// excludes all others. There is no useFileForCache: long bodies are not kept.
package doublereceive
