// Package redistest runs a redis-server for tests.
//
//	server := redistest.New(t)
//	server.Start(t)
//	store, err := ratelimitredis.Open(server.URL())
//
// It knows the process and no client of Redis, so that the modules which have
// one share it.
package redistest
