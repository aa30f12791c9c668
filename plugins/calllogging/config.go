package calllogging

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config configures [Plugin]. It is read when the plugin is installed; later
// changes have no effect. Start returns the mistakes in it, with the line of
// the installation.
//
// Ktor: CallLoggingConfig.
type Config struct {
	// Level is the level of the lines. Info, which is 0, by default.
	//
	// Ktor: level.
	Level slog.Level
	// Logger is where the lines go. Nil, the default, is the application's
	// logger.
	//
	// Ktor: logger.
	Logger *slog.Logger
	// Format returns the message of a line. It runs at the end of the call, on
	// the call's goroutine; a panic is logged in place of the line. Nil, the
	// default, gives all lines the same message.
	//
	// Ktor: format.
	Format func(c *app.Call) string

	filters  []func(c *app.Call) bool
	entries  []entry
	mistakes mistakes.List
}

// An entry is one attribute that the lines of a call get.
type entry struct {
	name     string
	provider func(c *app.Call) (value string, ok bool)
}

func defaultConfig() Config { return Config{} }

// Filter adds a condition: once there is one, only calls for which at least one
// condition holds are logged. They are asked at the end of the call, on the
// call's goroutine. Nil is a mistake.
//
// Ktor: filter.
func (c *Config) Filter(holds func(c *app.Call) bool) {
	if holds == nil {
		c.mistakes.Add(errors.New("a filter is nil"))
		return
	}
	c.filters = append(c.filters, holds)
}

// MDC adds an attribute to the lines of a call: name, with the value that
// provider returns, if it has one. Provider is asked on the call's goroutine,
// when the Setup phase is over, before routing, by [Logger] and at the end,
// until it has a value; that one stays. A name that is empty, was added already
// or is an attribute of every line, and a nil provider, are mistakes.
//
// Ktor: mdc.
func (c *Config) MDC(name string, provider func(c *app.Call) (value string, ok bool)) {
	switch {
	case name == "":
		c.mistakes.Add(errors.New("an MDC entry has no name"))
	case isOwn(name):
		c.mistakes.Add(fmt.Errorf("the MDC entry %s: every line has an attribute of that name", name))
	case provider == nil:
		c.mistakes.Add(fmt.Errorf("the MDC entry %s: the provider is nil", name))
	case slices.ContainsFunc(c.entries, func(known entry) bool { return known.name == name }):
		c.mistakes.Add(fmt.Errorf("the MDC entry %s is there twice", name))
	default:
		c.entries = append(c.entries, entry{name, provider})
	}
}
