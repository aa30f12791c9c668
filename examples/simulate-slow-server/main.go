// Simulate-slow-server is Ktor's sample of that name: every response takes two
// seconds, and one route fails at first and then recovers.
package main

import (
	"context"
	"log"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// Module is the application.
func Module(a *app.Application) {
	a.Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
		return func(c *app.Call) error {
			if err := delay(c.Context(), 2*time.Second); err != nil {
				return err
			}
			return next(c)
		}
	})

	routing.Routes(a, func(r *routing.Route) {
		r.Get("/path1", respondTime)
		r.Get("/path2", respondTime)

		var requests atomic.Int32
		r.Get("/error", func(c *app.Call) error {
			switch count := requests.Add(1); {
			case count <= 2:
				c.SetStatus(http.StatusInternalServerError)
				return c.RespondText("Server is down")
			case count <= 10:
				return c.RespondText("Server is back online!")
			default:
				return nil // no response is 404
			}
		})
	})
}

func respondTime(c *app.Call) error {
	return c.RespondText("Response time: " + time.Now().Format(time.TimeOnly))
}

func delay(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func main() {
	if err := engine.EmbeddedServer(Module, engine.Port(8080)).Run(); err != nil {
		log.Fatal(err)
	}
}
