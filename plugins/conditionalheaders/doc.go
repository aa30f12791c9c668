// Package conditionalheaders answers conditional requests, so that a client that
// has a response already is not sent it again.
//
//	a.Install(conditionalheaders.Plugin.With(func(c *conditionalheaders.Config) {
//		c.Version(func(c *app.Call, _ *app.Outgoing) []conditionalheaders.Version {
//			tag := conditionalheaders.EntityTagVersion{Tag: revision(c)}
//			return []conditionalheaders.Version{tag}
//		})
//	}))
//
// # Which versions
//
// A response to GET or HEAD with a status from 200 to 299 is of the version that
// its ETag and Last-Modified headers name, and of the one that the providers of
// [Config.Version] return, whose headers are set. Where the response is encoded
// on its way, by plugins/compression, the tag in the header is weak: it is the
// tag of other bytes. Event streams are left alone.
//
// # What is answered
//
// The conditions are evaluated in the order of RFC 9110 section 13.2.2. If-Match,
// or without it If-Unmodified-Since, that is not met is 412; If-None-Match, or
// without it If-Modified-Since, that is not met is 304, with the headers that
// belong to it and no body. If-Match compares tags strongly, If-None-Match
// weakly; "*" stands for any. A tag without quotes is taken for one with, a date
// that is none is ignored, and of several dates all are asked. A response
// without any version meets all conditions.
//
// All of that happens when the response is committed: the handler has run. A
// handler that changes something asks [Check] before.
//
// # Files and ranges
//
// RespondFile answers conditions and ranges by itself, and so does a mounted
// http.FileServer. For the first, the versions of the providers are told before,
// so that they are compared before a range is cut out. plugins/partialcontent
// calls [Judge] for the same reason.
//
// Ktor: ConditionalHeaders. What differs is in docs/differences.md.
package conditionalheaders
