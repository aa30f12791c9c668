package main

import (
	"net/http"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// hurry makes clients come back soon.
const hurry = 50 * time.Millisecond

// step is the data of an event that says which one it is, and after which one
// the client said it had stopped.
type step struct {
	N     int    `json:"n"`
	After string `json:"after"`
}

// reconnections declares streams that a client has to ask for more than once.
func reconnections(r *routing.Route, cuts *clock) {
	// Nine steps, three for each connection, which ends cleanly.
	r.SSE("/resume", func(s *sse.Session) error {
		_, err := steps(s)
		return err
	})

	// The same, but each connection except the last is cut off.
	r.SSE("/broken", func(s *sse.Session) error {
		if done, err := steps(s); done || err != nil {
			return err
		}
		return cuts.cutOff(s)
	})
	r.Post("/cut", func(c *app.Call) error { return c.RespondText(strconv.Itoa(cuts.tick())) })

	// One step, and then there is nothing more to come back for.
	r.Get("/once-204", func(c *app.Call) error {
		if c.Request.Header.Get("Last-Event-ID") != "" {
			return c.RespondStatus(http.StatusNoContent)
		}
		return sse.Respond(c, sequence(sse.Event{Data: "once", ID: "1", Retry: hurry}))
	})

	// A refusal in the place of a stream.
	r.Get("/unauthorized", func(c *app.Call) error { return app.NewError(http.StatusUnauthorized, "who are you?") })
}

// steps sends the next three of nine steps. With the last one comes the
// farewell; then it reports true.
func steps(s *sse.Session) (done bool, err error) {
	const last, each = 9, 3
	after, err := strconv.Atoi(s.LastEventID())
	if err != nil || after < 0 || after > last {
		after = 0
	}
	for n := after + 1; n <= min(after+each, last); n++ {
		data, err := sse.JSON(step{n, s.LastEventID()})
		if err != nil {
			return false, err
		}
		if err := s.Send(sse.Event{Data: string(data), ID: strconv.Itoa(n), Retry: hurry}); err != nil {
			return false, err
		}
	}
	if after+each < last {
		return false, nil
	}
	return true, s.Send(farewell())
}
