package main

import (
	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// htmx declares what the pages of the SSE extension of htmx ask for: a stream
// of HTML that ends only if the page closes it.
func htmx(r *routing.Route) {
	r.SSE("/htmx/events", untilClosed(
		sse.Event{Data: "<li>one</li>", ID: "1"},
		sse.Event{Event: "news", Data: "<p>\n  first\n  <b>edition</b>\n</p>", ID: "2"},
		sse.Event{Data: "<li>two</li>", ID: "3"},
		sse.Event{Event: "news", Data: "<p>second edition</p>", ID: "4"},
		sse.Event{Event: "refresh", ID: "5"},
		farewell(),
	))
	r.Get("/htmx/fragment", func(c *app.Call) error {
		c.Header().Set("Content-Type", "text/html; charset=utf-8")
		return c.RespondText("<i>fetched</i>")
	})
}
