// Package ratelimitredis counts limits in Redis, so that all nodes of an
// application let in no more than one would.
//
//	store, err := ratelimitredis.Open("redis://localhost:6379/0")
//	if err != nil {
//		a.Fail(err)
//		return
//	}
//	a.OnStop(store.Close)
//	a.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
//		c.Name, c.Limit, c.Refill = "api", 100, time.Minute
//		c.Store = store
//	}))
//
// It is a module of its own, so that only those who want Redis depend on
// github.com/redis/go-redis/v9. It needs Redis 7 or later: one server, servers
// that Sentinel watches, or a cluster. [New] takes a client of your own.
//
// # What is in Redis
//
// Each bucket that is not full is one key, such as
//
//	chitor:limit:api:192.0.2.1
//
// of the prefix, the name of the limit and the key of the call. Its value is how
// many tokens it had and when, in microseconds of the server's clock: the nodes'
// clocks do not matter. It expires when the bucket is full again. A bucket takes
// about 120 bytes, so that the memory that a flood of keys takes is that of the
// keys that come within Refill; set maxmemory, and maxmemory-policy to
// volatile-ttl, which evicts first what is full soonest.
//
// What clients are known by stands in Redis as it is, if it is no longer than 64
// bytes. Hash what is secret, such as an API key, in Config.Key.
//
// A user of Redis's access lists needs the commands evalsha, eval, get, set and
// time, on the keys of the prefix.
//
// # What it costs
//
// A call is one script of a constant number of steps on one key, and one round
// trip. It is sent by its hash; a server that does not know it, because it was
// restarted or has flushed its scripts, gets it whole.
//
// # When Redis is away
//
// Take returns an error within the time that its context has, which
// Config.StoreTimeout sets, and is never sent twice. What becomes of calls then
// is what Config.WhenStoreFails says. A server that has lost its memory has full
// buckets; one that was a replica has those that it had got.
//
// go-redis prints to standard error that it cannot connect, at each attempt. The
// plugin logs it as well, once, so a program that wants it quiet calls Disable of
// github.com/redis/go-redis/v9/logging at the beginning of main: the logger is one
// for the whole process, and so not this package's to turn off.
package ratelimitredis
