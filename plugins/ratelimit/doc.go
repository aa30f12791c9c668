// Package ratelimit limits how many calls a client may make in a stretch of
// time.
//
//	routing.Routes(a, func(r *routing.Route) {
//		r.Group(func(r *routing.Route) {
//			r.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
//				c.Limit, c.Refill = 10, time.Minute
//			}))
//			r.Get("/public-api", publicAPI)
//		})
//	})
//
// A call that is over the limit ends with an [ExceededError]: 429 with
// Retry-After. Every other one goes on, and its response says what is left.
//
// # What is counted
//
// Each key has a bucket of [Config.Limit] tokens. A call takes one, or as many
// as [Config.Weight] says, and tokens come back evenly, all of them within
// [Config.Refill]: with ten a minute one every six seconds. So in any stretch of
// time of length t a key gets at most Limit + t·Limit/Refill calls, and one that
// has been idle for Refill may make Limit calls at once.
//
// By default a key is the address of a client: see [ByAddress]. [Config.Key]
// returns another one, such as the name of a user. The opening of a stream
// counts, not what is sent on it. A call that is answered already, such as a
// preflight that CORS in front has answered, does not count.
//
// # Where it is installed
//
// [Plugin] is a layer: it can be installed on the application, on routes and on
// groups, any number of times, and all that lie around a handler count, outer
// ones first. An inner one never lifts an outer one. Tokens that an outer one has
// taken are not given back when an inner one refuses. On the application it sees
// every call, before routing, so that 404s count as well.
//
// Each installation has buckets of its own. Installations with the same
// [Config.Name] share them, and a call that passes several of these counts once,
// for the outermost.
//
// # Memory
//
// Keys come from outside. At most [Config.MaxKeys] buckets are in memory; one
// that is full again is no different from one that is not there, and is dropped
// by the calls that come next. When there is no room for a new key, the bucket
// goes that is nearest to being full, unless no token is left in it: who is
// refused stays refused, whatever the flood. When all keys are in that state, new
// ones share a single bucket. A key of more than 64 bytes is kept as its SHA-256
// sum.
//
// # Several nodes
//
// [Config.Store] counts for all nodes of an application, in Redis for instance:
// package plugins/ratelimit/redis, a module of its own. [Config.StoreTimeout] and
// [Config.WhenStoreFails] say what becomes of calls while it does not answer.
//
// # Differences from Ktor
//
// What Ktor declares in one place and refers to by name is installed where it
// counts. Tokens come back one by one; in Ktor all at once, when Refill has passed
// since the last time, so that twice the limit may come within a moment. The key is
// the client's address by default; in Ktor all calls share one bucket, which one
// client can empty for all. A refused call says what is left, too. A limit of 0
// switches the limit off, and memory is bounded.
//
// Ktor: RateLimit.
package ratelimit
