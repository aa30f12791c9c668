package sseredis_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/redis/go-redis/v9"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sse"
	sseredis "github.com/chitor-go/chitor/plugins/sse/redis"
	"github.com/chitor-go/chitor/routing"
)

// Every process that runs this shares the news with the others.
func Example() {
	module := func(a *app.Application) {
		a.Install(sse.Plugin)
		broker, err := sseredis.Open("redis://localhost:6379/0")
		if err != nil {
			a.Fail(err)
			return
		}
		a.OnStop(broker.Close)
		hub := sse.NewHub(a, func(c *sse.HubConfig) { c.Broker = broker })
		routing.Routes(a, func(r *routing.Route) {
			r.SSE("/news", func(s *sse.Session) error { return hub.Join(s, "news") })
			r.Post("/news", func(c *app.Call) error {
				text, err := c.ReceiveText()
				if err != nil {
					return err
				}
				if err := hub.Publish(c.Context(), "news", sse.Event{Data: text}); err != nil {
					return err
				}
				return c.RespondStatus(http.StatusNoContent)
			})
		})
	}
	server := engine.EmbeddedServer(module, engine.Port(8080))
	_ = server // server.Run() serves until the process is told to stop
	// Output:
}

// A client of one's own may be that of a cluster, or of servers that Sentinel
// watches.
func ExampleNew() {
	client := redis.NewFailoverClient(&redis.FailoverOptions{
		MasterName:    "chat",
		SentinelAddrs: []string{"sentinel-1:26379", "sentinel-2:26379", "sentinel-3:26379"},
	})
	defer client.Close()
	broker, err := sseredis.New(client, func(c *sseredis.Config) {
		c.Stream = "chat:events"
		c.MaxLen = 10_000
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer broker.Close(context.Background())
	// Output:
}
