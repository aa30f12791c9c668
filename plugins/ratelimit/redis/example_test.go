package ratelimitredis_test

import (
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/ratelimit"
	ratelimitredis "github.com/chitor-go/chitor/plugins/ratelimit/redis"
	"github.com/chitor-go/chitor/routing"
)

// Every process that runs this counts together with the others.
func Example() {
	module := func(a *app.Application) {
		store, err := ratelimitredis.Open("redis://localhost:6379/0")
		if err != nil {
			a.Fail(err)
			return
		}
		a.OnStop(store.Close)
		a.Install(ratelimit.Plugin.With(func(c *ratelimit.Config) {
			c.Name, c.Limit, c.Refill = "api", 100, time.Minute
			c.Store = store
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText("Hello, world!") })
		})
	}
	server := engine.EmbeddedServer(module, engine.Port(8080))
	_ = server // server.Run() serves until the process is told to stop
	// Output:
}

// A client of one's own may be that of a cluster.
func ExampleNew() {
	client := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs:                 []string{"redis-1:6379", "redis-2:6379", "redis-3:6379"},
		ContextTimeoutEnabled: true,
	})
	defer client.Close()
	store, err := ratelimitredis.New(client, func(c *ratelimitredis.Config) { c.Prefix = "shop:limit:" })
	if err != nil {
		return
	}
	_ = store // for Config.Store
	// Output:
}
