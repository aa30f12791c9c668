package main

import (
	"log/slog"

	"github.com/chitor-go/chitor/app"
)

// levelTrace is Ktor's TRACE, for which log/slog has no name.
const levelTrace = slog.LevelDebug - 4

// RequestTracePlugin logs each call at level trace, with a logger of its own. As
// in Ktor's sample it is not installed.
var RequestTracePlugin = app.NewScopedPlugin("RequestTracePlugin", func() struct{} { return struct{}{} },
	func(b *app.PluginBuilder[struct{}]) error {
		logger := b.Application().Logger().With("logger", "RequestTracePlugin")
		b.OnCall(func(c *app.Call) error {
			logger.Log(c.Context(), levelTrace, "Processing call", "uri", c.Request.RequestURI)
			return nil
		})
		return nil
	})
