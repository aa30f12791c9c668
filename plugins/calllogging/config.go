package calllogging

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/chitor-go/chitor/app"
)

// Config configures [Plugin]. Its methods are for the function that is given to
// With.
type Config struct {
	// Level is the level of the lines. Info by default.
	Level slog.Level
	// Logger is where the lines go. Nil, the default, is the application's
	// logger.
	Logger *slog.Logger
	// Format returns the message of a line. It runs at the end of the call, on
	// the call's goroutine; a panic is logged in place of the line. Nil, the
	// default, makes the same message of all of them.
	Format func(c *app.Call) string

	filters  []func(c *app.Call) bool
	entries  []*entry
	mistakes []error
}

func defaultConfig() Config { return Config{} }

// Filter adds a condition: once there is one, only calls for which one of them
// holds are logged. They are asked at the end of the call, on the call's
// goroutine. Nil is a mistake.
func (c *Config) Filter(holds func(c *app.Call) bool) {
	if holds == nil {
		c.mistake(errors.New("a filter is nil"))
		return
	}
	c.filters = append(c.filters, holds)
}

// MDC adds an attribute to the lines of a call: name, with the value that
// provider returns, if it has one. Provider is asked on the call's goroutine,
// when the Setup phase is over, before routing, by [Logger] and at the end,
// until it has a value; that one stays. A name that is empty, there already or
// an attribute of every line, and a nil provider, are mistakes.
// Ktor: mdc.
func (c *Config) MDC(name string, provider func(c *app.Call) (value string, ok bool)) {
	switch {
	case name == "":
		c.mistake(errors.New("an MDC entry has no name"))
	case isOwn(name):
		c.mistake(fmt.Errorf("the MDC entry %s: every line has an attribute of that name", name))
	case provider == nil:
		c.mistake(fmt.Errorf("the MDC entry %s: the provider is nil", name))
	case c.has(name):
		c.mistake(fmt.Errorf("the MDC entry %s is there twice", name))
	default:
		c.entries = append(c.entries, &entry{name: name, provider: provider})
	}
}

func (c *Config) has(name string) bool {
	for _, entry := range c.entries {
		if entry.name == name {
			return true
		}
	}
	return false
}

func (c *Config) mistake(err error) { c.mistakes = append(c.mistakes, err) }

// wants reports whether the call is to be logged.
func (c *Config) wants(call *app.Call) bool {
	for _, holds := range c.filters {
		if holds(call) {
			return true
		}
	}
	return len(c.filters) == 0
}
