package requestbodylimit

import (
	"errors"
	"math"

	"github.com/chitor-go/chitor/app"
)

// Unlimited is the limit of a call whose body may have any length.
//
// Ktor: Long.MAX_VALUE.
const Unlimited int64 = math.MaxInt64

// Config says which limit an installation of [Plugin] sets. The zero Config
// limits every body to [app.Config.BodyLimit], 1 MiB by default. It is read when
// the plugin is installed; later changes have no effect.
//
// Ktor: RequestBodyLimitConfig.
type Config struct {
	limit   func(*app.Call) int64
	mistake error
}

// BodyLimit sets the function that returns the limit of a call, in bytes.
// [Unlimited] switches the limit off; 0 does not, as in Ktor: 0 and less allow
// no body at all. The function runs once for each call, before the body is
// read, for concurrent calls at once, and must not change the call. The last
// function counts. Nil is a mistake that Start returns.
//
// Ktor: bodyLimit.
func (c *Config) BodyLimit(limit func(c *app.Call) int64) {
	if limit == nil {
		c.mistake = errors.New("the function for BodyLimit is nil")
		return
	}
	c.limit = limit
}

// function returns the function that returns the limit of a call.
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
