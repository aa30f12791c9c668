// Package cachingheaders says how responses may be kept by caches, in
// Cache-Control and Expires.
//
//	a.Install(cachingheaders.Plugin.With(func(c *cachingheaders.Config) {
//		c.Options(func(_ *app.Call, out *app.Outgoing) *cachingheaders.CachingOptions {
//			if out.Header.Get("Content-Type") != "text/css" {
//				return nil
//			}
//			return &cachingheaders.CachingOptions{
//				CacheControl: cachingheaders.MaxAge{Age: time.Hour},
//			}
//		})
//	}))
//
// Each provider of [Config.Options] is asked about each response, and [Set] is
// for a handler. What they say is merged into one header.
//
// Left alone are responses that have Cache-Control already, and event streams. Of
// a response with a status of 400 and more it is only said that it must not be
// kept, or that it is private: an error that a cache keeps outlasts its cause.
//
// Ktor: CachingHeaders. What differs is in docs/differences.md.
package cachingheaders
