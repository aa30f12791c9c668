// Package sseredis is a log for hubs in Redis Streams, so that all nodes of an
// application publish to the clients of all.
//
//	broker, err := sseredis.Open("redis://localhost:6379/0")
//	if err != nil {
//		a.Fail(err)
//		return
//	}
//	a.OnStop(broker.Close)
//	hub := sse.NewHub(a, func(c *sse.HubConfig) { c.Broker = broker })
//
// It is a module of its own, so that only those who want Redis depend on
// github.com/redis/go-redis/v9. It needs Redis 7 or later: one server, servers
// that Sentinel watches, or a cluster. [New] takes a client of your own.
//
// # What is in Redis
//
// The log is one stream. The ID of an entry, such as 1764452233123456-17, is
// the ID of the event that clients get. The first number is the epoch of the log
// and the second grows by one. An entry has a field t for the topic and d for the
// event. Nobody else may write to the stream, or delete from it. A small hash
// beside it holds the newest position.
//
// The log keeps [Config.MaxLen] messages, all in Redis's memory. A message needs
// the length of its event and topic and about 30 bytes. Set maxmemory-policy to
// noeviction, or to one of those for keys that expire: a log that is evicted is
// one that has been emptied.
//
// A user of Redis's access lists needs the commands evalsha, eval, xread, xadd,
// xrange, hmget, hset, exists, unlink, time and info, on both keys.
//
// # What an acknowledgement means
//
// When Publish returns, the message is in the memory of the server, and every
// node that is connected gets it. Whether it outlasts the server is for the
// configuration of Redis to say:
//
//   - Without appendonly it does not. The log is empty after a restart, or as old
//     as the last snapshot.
//   - With appendonly yes and appendfsync everysec, Redis's default, it outlasts
//     the end of the process. When the machine loses its power the last second
//     or two may be lost.
//   - With appendfsync always it outlasts that too, and Publish waits for the disk.
//   - A replica gets it later. When one takes over, what it had not got is lost.
//     min-replicas-to-write makes a server without replicas refuse to publish;
//     it does not make Publish wait for them.
//
// What is lost is told. A log that was emptied has another epoch. One that has
// lost its newest messages never gives their IDs to others, so that a client
// which has seen one of them is told of a gap when it comes back. A node that
// knows of a lost message, because it has published or received it, makes the log
// begin anew when it next publishes or connects, and with that every client is
// told. Only if all nodes that know of a message end at the same time as the
// server does its loss go unnoticed.
//
// # When Redis is away
//
// Publish returns an error at once if the server cannot be reached, and after
// the time-outs of the client if it does not answer: read_timeout and
// dial_timeout in the URL, five seconds each. The message may have arrived all
// the same. It is never sent twice. A hub goes on with what it has, and reads on
// from its last message when the server is back.
//
// go-redis prints to standard error that it cannot connect, at each attempt. The
// errors that are returned say it as well, so a program that wants it quiet calls
// Disable of github.com/redis/go-redis/v9/logging at the beginning of main: the
// logger is one for the whole process, and so not this package's to turn off.
//
// A server that is silent is found out after five seconds and the read time-out.
// A log that was emptied is noticed when somebody publishes, or after five
// seconds.
//
// # What it costs
//
// A hub has one connection for what it receives, and the client's pool for the
// rest. While nothing happens it asks once in five seconds. To publish is one
// script of a constant number of steps, and clients that come back are served by
// pages of 100 messages, of which Redis sends those of the client's topics.
package sseredis
