package main

import (
	"sync/atomic"

	"github.com/chitor-go/chitor/app"
)

// Requests counts the calls of the application. The count is what it provides,
// as an *atomic.Int64.
var Requests = app.NewPlugin("Requests", func() struct{} { return struct{}{} },
	func(b *app.PluginBuilder[struct{}]) error {
		var count atomic.Int64
		b.Provide(&count)
		b.OnCall(func(*app.Call) error {
			count.Add(1)
			return nil
		})
		return nil
	})
