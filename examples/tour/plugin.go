package main

import (
	"time"

	"github.com/chitor-go/chitor/app"
)

// Config configures Plugin.
type Config struct {
	// Header is the name of the header that carries the time.
	Header string
}

// A plugin.
var startKey = app.NewKey[time.Time]("start")

// Plugin says in a header how long a response took.
var Plugin = app.NewPlugin("RequestTimer", func() Config { return Config{Header: "X-Took"} },
	func(b *app.PluginBuilder[Config]) error {
		header := b.Config().Header
		b.OnCall(func(c *app.Call) error { startKey.Set(c, time.Now()); return nil })
		b.OnCallRespond(func(c *app.Call, out *app.Outgoing) error {
			if start, ok := startKey.Get(c); ok {
				out.Header.Set(header, time.Since(start).String())
			}
			return nil
		})
		return nil
	})
