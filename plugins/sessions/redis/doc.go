// Package sessionsredis keeps sessions in Redis, for all nodes of an application.
//
//	storage, err := sessionsredis.Open("redis://localhost:6379/0")
//	if err != nil {
//		a.Fail(err)
//		return
//	}
//	a.OnStop(storage.Close)
//	a.Install(sessions.Plugin.With(func(c *sessions.Config) {
//		c.Cookie(users, func(c *sessions.CookieConfig) { c.Storage = storage })
//	}))
//
// It is a module of its own, so that only those who want Redis depend on
// github.com/redis/go-redis/v9. It needs Redis 7 or later: one server, servers
// that Sentinel watches, or a cluster. [New] takes a client of your own.
//
// # What is in Redis
//
// Each session is one key, such as
//
//	chitor:session:3a6eb0790f39ac87c94f3856b2dd2c5d110e6811602261a9a923d3bb23adc8b7
//
// of the prefix and of what package sessions has made of the ID by SHA-256: who
// reads along in Redis has no ID that a server would take. Its value is when the
// session expires and whose it is, in a line of text, and the data. The data are
// what the serializer has made, neither signed nor encrypted: who can write to
// Redis can log in as anybody.
//
// Sessions with an owner are listed, so that all of them can be ended at once:
//
//	chitor:session:owner:81b637d8fcd2c6da6359e6963113a1170de795e4b725b84d1e0b4cfd9ec58ce9
//
// is a sorted set of the owner's keys. What has expired leaves it when the next
// session is listed, and the set expires a while after the last of its sessions.
//
// A session takes about 250 bytes and its data, one with an owner 700 at most, and
// is in memory until it expires. Anybody can have sessions made, so set maxmemory,
// and maxmemory-policy to volatile-ttl: it evicts what expires soonest, and a list
// expires after what is in it. With noeviction a full server refuses new sessions,
// which is an error.
//
// A user of Redis's access lists needs the commands del, eval, evalsha, get,
// getrange, pexpire, pttl, set, setrange, time, zadd, zrem, zremrangebyscore and
// zscan, on the keys of the prefix.
//
// # What it costs
//
// A load is one command, and so one round trip. What changes a session is one
// script on its key and one round trip, but for a session with an owner: a new
// one is listed first, one that is deleted leaves the list, and one that goes on
// is listed again at most once in the time that a session lasts. No command has
// keys of two sessions, or of a session and a list, so that a cluster needs no
// hash tags.
//
// # When Redis is away
//
// Every method returns within Config.Timeout and as soon as its context has
// ended. What it returns then is an error of its own and never
// [github.com/chitor-go/chitor/plugins/sessions.ErrNoSession]: a call that asks
// for its session is answered with 500, or 504 if Redis was silent, and nobody is
// logged out. One that refuses connections is an error within some milliseconds,
// since a client of Open tries once more and no oftener; a client of your own does
// as its MaxRetries and DialerRetries say. The client connects again by itself. An
// operation that its context has ended is abandoned: it may have been carried out,
// and what is left of it ends within Timeout.
//
// Whether sessions outlive the server is the server's choice: with appendonly
// they do, with appendfsync everysec but for those of the last second. A logout
// of that second may be lost as well, and with a replica that takes over before
// it has got everything.
//
// go-redis prints to standard error that it cannot connect, at each attempt. A
// program that wants it quiet calls Disable of
// github.com/redis/go-redis/v9/logging at the beginning of main: the logger is one
// for the whole process, and so not this package's to turn off.
package sessionsredis
