package main

import (
	"log/slog"

	"github.com/chitor-go/chitor/app"
)

// levelTrace is Ktor's TRACE, which log/slog has no name for.
const levelTrace = slog.LevelDebug - 4

// RequestTracePlugin logs each call at level trace, with a logger of its own.
// It stands ready to be installed.
var RequestTracePlugin = app.NewScopedPlugin("RequestTracePlugin", func() struct{} { return struct{}{} },
	func(b *app.PluginBuilder[struct{}]) error {
		logger := b.Application().Logger().With("logger", "RequestTracePlugin")
		b.OnCall(func(c *app.Call) error {
			logger.Log(c.Context(), levelTrace, "Processing call", "uri", c.Request.RequestURI)
			return nil
		})
		return nil
	})
