package calllogging

import (
	"log/slog"
	"slices"

	"github.com/chitor-go/chitor/app"
)

// A callLogger is what runs where the plugin is installed. It never changes,
// and serves any number of calls at once.
type callLogger struct {
	level   slog.Level
	logger  *slog.Logger             // nil for the application's
	format  func(c *app.Call) string // nil for one message
	filters []func(c *app.Call) bool
	mdc     mdc
}

// newCallLogger returns what config describes, or all mistakes in it.
func newCallLogger(config Config) (*callLogger, error) {
	made := &callLogger{level: config.Level, logger: config.Logger, format: config.Format, filters: slices.Clone(config.filters)}
	for _, added := range config.entries {
		made.mdc = append(made.mdc, &attribute{entry: added})
	}
	return made, config.mistakes.Err()
}

// log is the hook that writes the line of a call that has ended.
func (l *callLogger) log(c *app.Call) {
	logger := l.logger
	if logger == nil {
		logger = c.Application().Logger()
	}
	if !logger.Enabled(c.Context(), l.level) || !l.wants(c) {
		return
	}
	text := message
	if l.format != nil {
		text = l.format(c)
	}
	var room [12]slog.Attr // on the stack
	attributes := append(room[:0],
		slog.Int(statusName, c.Status()),
		slog.String(methodName, c.Request.Method),
		slog.String(pathName, c.Request.URL.Path),
		slog.String(routeName, c.Route()),
		slog.Int64(bytesName, sent(c)),
		slog.Duration(durationName, ProcessingTime(c)),
		slog.String(endName, endOf(c)),
	)
	if location := location(c); location != "" {
		attributes = append(attributes, slog.String(locationName, location))
	}
	if err := c.Failure(); err != nil {
		attributes = append(attributes, slog.Any(errorName, err))
	}
	attributes = append(attributes, l.mdc.fill(c)...)
	logger.LogAttrs(c.Context(), l.level, text, attributes...)
}

// wants reports whether the call is to be logged.
func (l *callLogger) wants(c *app.Call) bool {
	for _, holds := range l.filters {
		if holds(c) {
			return true
		}
	}
	return len(l.filters) == 0
}
