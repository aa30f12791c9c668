package timeouts

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Inherited is the value of a limit that is as app.Config says.
const Inherited = math.MinInt64

// Config says what an installation of [Plugin] limits. 0 switches a limit off.
// Any other negative value than [Inherited] is a mistake that Start returns.
type Config struct {
	// ResponseTimeout bounds how long a call may take until its response begins
	// to leave, receiving the body included. Then the context of the call ends,
	// and a handler that returns without an answer is answered with 503, whether
	// it returns an error or not. A response that has begun may take as long as
	// it likes: downloads and event streams, whose head leaves first, are not
	// ended. A connection that is hijacked has no response: the context of its
	// call ends then, so such routes set 0. Off by default.
	ResponseTimeout time.Duration
	// ReadTimeout takes the place of app.Config.ReadTimeout: how long a client
	// may be silent while its body is awaited. Inherited by default.
	ReadTimeout time.Duration
	// MinReadRate takes the place of app.Config.MinReadRate: how many bytes a
	// second a client has to send of its body. Inherited by default.
	MinReadRate int64
	// WriteTimeout takes the place of app.Config.WriteTimeout: how long a client
	// may take nothing of what is sent to it. Inherited by default.
	WriteTimeout time.Duration
}

func defaults() Config {
	return Config{ReadTimeout: Inherited, MinReadRate: Inherited, WriteTimeout: Inherited}
}

func (c Config) check() error {
	for _, limit := range []struct {
		name  string
		value int64
	}{
		{"ReadTimeout", int64(c.ReadTimeout)},
		{"MinReadRate", c.MinReadRate},
		{"WriteTimeout", int64(c.WriteTimeout)},
	} {
		if limit.value < 0 && limit.value != Inherited {
			return fmt.Errorf("%s is negative", limit.name)
		}
	}
	if c.ResponseTimeout < 0 {
		return errors.New("ResponseTimeout is negative")
	}
	return nil
}
