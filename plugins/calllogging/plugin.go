package calllogging

import (
	"log/slog"
	"time"

	"github.com/chitor-go/chitor/app"
)

// Plugin logs one line at the end of every call. It can be installed on the
// application only.
//
// Ktor: CallLogging.
var Plugin = app.NewPlugin("CallLogging", defaultConfig, setup)

var beganKey = app.NewKey[time.Time]("calllogging.began")

// ProcessingTime returns how long the call has taken since it reached the
// plugin, 0 if it has not. It may be called from any goroutine.
//
// Ktor: processingTimeMillis.
func ProcessingTime(c *app.Call) time.Duration {
	began, ok := beganKey.Get(c)
	if !ok {
		return 0
	}
	return time.Since(began)
}

// Logger returns the application's logger with the attributes of [Config.MDC]
// for the call. Providers that have returned no value yet are asked. Without
// the plugin it is the application's logger. It is for the call's goroutine;
// others log with the call's context: see [NewHandler].
//
// Ktor: application.log, inside a call, with its MDC.
func Logger(c *app.Call) *slog.Logger {
	logger := c.Application().Logger()
	running, installed := app.InstanceOf[*callLogger](Plugin, c.Application())
	if !installed {
		return logger
	}
	known := running.mdc.fill(c)
	if len(known) == 0 {
		return logger
	}
	return slog.New(logger.Handler().WithAttrs(known))
}

func setup(b *app.PluginBuilder[Config]) error {
	l, err := newCallLogger(*b.Config())
	if err != nil {
		return err
	}
	b.Provide(l)
	b.OnPhase(app.PhaseSetup, func(c *app.Call) error {
		beganKey.Set(c, time.Now())
		return nil
	})
	if len(l.mdc) > 0 {
		fill := func(c *app.Call) error {
			l.mdc.fill(c)
			return nil
		}
		b.OnPhase(app.PhaseMonitoring, fill)
		b.OnPhase(app.PhaseCall, fill)
	}
	b.OnResponseSent(l.log)
	return nil
}
