package doublereceive

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config says what an installation of [Plugin] keeps. It is read when the
// plugin is installed; later changes have no effect.
//
// Ktor: DoubleReceiveConfig.
type Config struct {
	// CacheRawRequest keeps the bytes of the body, so that it can be received
	// as different types and as a reader. True by default. If it is false, the
	// received values are kept instead: a body can be received again as the
	// same type, except as an io.Reader. Each receive then returns the same
	// value, and what it points to is shared.
	//
	// Ktor: cacheRawRequest.
	CacheRawRequest bool

	// MemoryLimit is how many bytes of a body are kept; a longer body gets 413.
	// 0, the default, does not switch the limit off: [app.Call.BodyLimit] holds
	// in its place, and only if that is 0 too the limit is off. Negative is a
	// mistake that Start returns.
	MemoryLimit int64

	filters  []func(*app.Call, *app.Incoming) bool
	mistakes mistakes.List
}

// ExcludeFromCache adds a filter: a receive for which any filter returns true
// is neither recorded nor served from the record. Filters run for each receive,
// for concurrent calls at once, and must neither change their arguments nor
// read the body. Nil is a mistake that Start returns.
//
// Ktor: excludeFromCache.
func (c *Config) ExcludeFromCache(filter func(c *app.Call, in *app.Incoming) bool) {
	if filter == nil {
		c.mistakes.Add(errors.New("the function for ExcludeFromCache is nil"))
		return
	}
	c.filters = append(c.filters, filter)
}

// MaxSize excludes bodies that declare more bytes in Content-Length, and bodies
// that do not declare their length: they can be received once, whatever their
// length. 0 excludes all but empty bodies. Negative is a mistake that Start
// returns.
//
// Ktor: maxSize.
func (c *Config) MaxSize(bytes int64) {
	if bytes < 0 {
		c.mistakes.Add(fmt.Errorf("MaxSize %d is negative", bytes))
	}
	c.ExcludeFromCache(func(c *app.Call, _ *app.Incoming) bool {
		length := c.Request.ContentLength
		return length < 0 || length > bytes
	})
}

// Exclude excludes what is received as a value of that type, as in
// Exclude(reflect.TypeFor[Upload]()). Nil is a mistake that Start returns.
//
// Ktor: exclude.
func (c *Config) Exclude(target reflect.Type) {
	if target == nil {
		c.mistakes.Add(errors.New("the type for Exclude is nil"))
		return
	}
	c.ExcludeFromCache(func(_ *app.Call, in *app.Incoming) bool {
		return reflect.TypeOf(in.Target) == reflect.PointerTo(target)
	})
}

func defaultConfig() Config { return Config{CacheRawRequest: true} }

// check returns all that is wrong with the configuration.
func (c *Config) check() error {
	wrong := slices.Clone(c.mistakes)
	if c.MemoryLimit < 0 {
		wrong.Add(fmt.Errorf("MemoryLimit %d is negative", c.MemoryLimit))
	}
	return wrong.Err()
}

// excludes reports whether any filter excludes a receive.
func (c *Config) excludes(call *app.Call, in *app.Incoming) bool {
	for _, filter := range c.filters {
		if filter(call, in) {
			return true
		}
	}
	return false
}

// limit returns how many bytes of a body are kept in a call; 0 is no limit.
func (c *Config) limit(call *app.Call) int64 {
	if c.MemoryLimit > 0 {
		return c.MemoryLimit
	}
	limit, _ := call.BodyLimit()
	return limit
}
