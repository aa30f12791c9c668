package sseredis

import (
	"errors"
	"fmt"
	"strings"
)

// Config is what [Open] and [New] can be told.
type Config struct {
	// Stream is the key of the stream that holds the log: "chitor:events" by
	// default. Hubs that share a log have the same, and no two hubs of one
	// application. A hash beside it has the key "{" + Stream + "}:log", in the
	// same slot of a cluster. It must not be empty or have braces.
	Stream string
	// MaxLen is how many messages the log keeps at least: 100,000 by default.
	// Redis removes the oldest of those beyond, some dozens at a time. All of them
	// are in Redis's memory. 0 removes none.
	MaxLen int64
}

func newConfig(configure []func(*Config)) (Config, error) {
	c := Config{Stream: "chitor:events", MaxLen: 100_000}
	for _, change := range configure {
		if change == nil {
			return Config{}, errors.New("a function that configures it is nil")
		}
		change(&c)
	}
	var mistakes []error
	if c.Stream == "" || strings.ContainsAny(c.Stream, "{}") {
		mistakes = append(mistakes, fmt.Errorf("the name of the stream is %q: it must not be empty or have braces", c.Stream))
	}
	if c.MaxLen < 0 {
		mistakes = append(mistakes, fmt.Errorf("the length of the stream is %d: it must not be negative, and 0 is no limit", c.MaxLen))
	}
	return c, errors.Join(mistakes...)
}
