package main

import (
	"strconv"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// ticks declares a stream in which an event happens only when somebody asks for
// it, so that a test can see one event arrive before the next exists.
func ticks(r *routing.Route) {
	clock := newClock()
	r.Get("/ticks", func(c *app.Call) error {
		// Read before the head is sent: a client that has seen the head misses
		// no tick.
		n, next := clock.now()
		return sse.Respond(c, func(s *sse.Session) error {
			for {
				select {
				case <-next:
				case <-s.Context().Done():
					return nil
				}
				var last int
				for last, next = clock.now(); n < last; {
					n++
					if err := s.SendText("tick " + strconv.Itoa(n)); err != nil {
						return err
					}
				}
			}
		})
	})
	r.Post("/tick", func(c *app.Call) error { return c.RespondText(strconv.Itoa(clock.tick())) })
}
