package sessionsredis_test

import (
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sessions"
	sessionsredis "github.com/chitor-go/chitor/plugins/sessions/redis"
	"github.com/chitor-go/chitor/routing"
)

type UserSession struct{ Name string }

var users = sessions.New[UserSession]("user_session")

// Every process that runs this knows the sessions of the others.
func Example() {
	module := func(a *app.Application) {
		storage, err := sessionsredis.Open("redis://localhost:6379/0")
		if err != nil {
			a.Fail(err)
			return
		}
		a.OnStop(storage.Close)
		a.Install(sessions.Plugin.With(func(c *sessions.Config) {
			c.Cookie(users, func(c *sessions.CookieConfig) { c.Storage = storage })
		}))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				user, ok, err := users.Get(c)
				if err != nil {
					return err
				}
				if !ok {
					return c.RespondText("Who are you?")
				}
				return c.RespondText("Hello, " + user.Name + "!")
			})
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
	storage, err := sessionsredis.New(client, func(c *sessionsredis.Config) {
		c.Prefix, c.Timeout = "shop:session:", time.Second
	})
	if err != nil {
		return
	}
	_ = storage // for the Storage of a session
	// Output:
}
