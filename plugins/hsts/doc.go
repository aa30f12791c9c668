// Package hsts tells browsers that a host is to be asked by https alone, by the
// header Strict-Transport-Security (RFC 6797).
//
//	a.Install(hsts.Plugin.With(func(c *hsts.Config) {
//		c.MaxAge = 90 * 24 * time.Hour
//		c.WithHost("legacy.example.com", func(h *hsts.HostConfig) { h.IncludeSubDomains = false })
//	}))
//
// A browser that has seen the header goes to the host by https for that long,
// whatever a link or a user says, and lets nobody pass over a bad certificate.
// Begin with a MaxAge of minutes: what a browser has kept cannot be taken back
// from here but by a response with a MaxAge of 0, over https. By default all
// domains below the host are meant too.
//
// # Which responses have it
//
// Those to calls whose origin is https (app.Call.Origin): of others RFC 6797
// section 7.2 does not allow it, and browsers pay no heed. By default the port
// has to be 443 besides, so that a server at localhost:8443 does not make a
// browser ask localhost for https at 443; [Config.Filter] takes the place of
// that rule. Behind a proxy that ends TLS the origin is https only with
// ForwardedHeaders or XForwardedHeaders.
//
// The header is added when the response is committed, whoever responds: to what
// mounted handlers answer, to event streams, and to errors. One that a handler
// has set itself is left alone.
//
// # Differences from Ktor
//
// A filter cannot put the header into a response over http. A handler's own
// header is not doubled. MaxAge is a duration, of which whole seconds count.
// The directives of one header are checked: one that stands there twice is a
// mistake, as RFC 6797 section 6.1 has it. A host of WithHost is compared in any
// case.
//
// Ktor: HSTS.
package hsts
