package sse

import "github.com/chitor-go/chitor/app"

var streamKey = app.NewKey[bool]("sse.stream")

// IsEventStream reports whether the response of the call is marked as an event
// stream. It is marked before it is committed, so a send hook that asks can
// leave the stream alone: each event must leave at once.
func IsEventStream(c *app.Call) bool {
	marked, _ := streamKey.Get(c)
	return marked
}
