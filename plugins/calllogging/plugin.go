package calllogging

import (
	"errors"
	"time"

	"github.com/chitor-go/chitor/app"
)

// Plugin logs a line at the end of every call: Ktor's CallLogging. It can be
// installed on the application only.
var Plugin = app.NewPlugin("CallLogging", defaultConfig, setup)

var beganKey = app.NewKey[time.Time]("calllogging.began")

// ProcessingTime returns how long the call has taken since it reached the
// plugin, 0 if it has not. It may be called from any goroutine.
// Ktor: processingTimeMillis.
func ProcessingTime(c *app.Call) time.Duration {
	began, ok := beganKey.Get(c)
	if !ok {
		return 0
	}
	return time.Since(began)
}

func setup(b *app.PluginBuilder[Config]) error {
	config := b.Config()
	if len(config.mistakes) > 0 {
		return errors.Join(config.mistakes...)
	}
	b.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
		return func(c *app.Call) error {
			beganKey.Set(c, time.Now())
			return next(c)
		}
	})
	if len(config.entries) > 0 {
		for _, phase := range [...]app.Phase{app.PhaseMonitoring, app.PhaseCall} {
			b.Intercept(phase, func(next app.Handler) app.Handler {
				return func(c *app.Call) error {
					config.fill(c)
					return next(c)
				}
			})
		}
	}
	b.OnResponseSent(config.log)
	return nil
}
