package requestbodylimit

import (
	"errors"
	"math"

	"github.com/chitor-go/chitor/app"
)

// Unlimited is the limit of a call whose body may have any length: Ktor's
// Long.MAX_VALUE.
const Unlimited int64 = math.MaxInt64

// Config says which limit an installation of [Plugin] sets. The zero Config
// holds every body to [app.Config.BodyLimit], which is 1 MiB unless the
// application was told otherwise. It is read when the plugin is installed;
// later changes have no effect.
// Ktor: RequestBodyLimitConfig.
type Config struct {
	limit   func(*app.Call) int64
	mistake error
}

// BodyLimit sets the function that is asked for the limit of each call, in
// bytes: [Unlimited] for none; 0, and anything below, for no body at all. It is
// asked once for each call, before the body is read, for calls of several
// goroutines at once, and must not change the call. The last function counts;
// nil is a mistake that Start reports.
// Ktor: bodyLimit.
func (c *Config) BodyLimit(limit func(c *app.Call) int64) {
	if limit == nil {
		c.mistake = errors.New("the function for BodyLimit is nil")
		return
	}
	c.limit = limit
}

// function returns what is asked for the limit of a call.
func (c *Config) function() (func(*app.Call) int64, error) {
	if c.limit == nil {
		return applicationLimit, c.mistake
	}
	return c.limit, c.mistake
}

// applicationLimit is the limit of a call unless there is a function for it.
func applicationLimit(c *app.Call) int64 {
	if limit := c.Application().Config().BodyLimit; limit > 0 {
		return limit
	}
	return Unlimited
}
