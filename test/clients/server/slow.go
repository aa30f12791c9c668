package main

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// slow declares what a slow client never comes to the end of. A client that was
// cut off has much to read before it notices, so the server says how many were.
func slow(r *routing.Route) {
	var ended atomic.Int64
	r.Get("/ended", func(c *app.Call) error { return c.RespondText(strconv.FormatInt(ended.Load(), 10)) })
	r.SSE("/flood", func(s *sse.Session) error {
		defer ended.Add(1)
		text := strings.Repeat("x", 16<<10)
		for {
			if err := s.SendText(text); err != nil {
				return err
			}
		}
	})
	r.Get("/download", func(c *app.Call) error {
		defer ended.Add(1)
		return c.Respond(app.Stream(func(w http.ResponseWriter) error {
			piece := make([]byte, 256<<10)
			for {
				if _, err := w.Write(piece); err != nil {
					return err
				}
			}
		}))
	})
}
