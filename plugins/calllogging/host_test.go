package calllogging_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/calllogging"
)

// logbook is a log that a test reads: lines of text without their time.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// handler returns a handler that writes down everything that is logged by an
// application and its calls.
func (l *logbook) handler() slog.Handler {
	return slog.NewTextHandler(l, &slog.HandlerOptions{
		Level: slog.LevelDebug - 4,
		ReplaceAttr: func(groups []string, attribute slog.Attr) slog.Attr {
			if len(groups) == 0 && (attribute.Key == slog.TimeKey || attribute.Key == "stack") {
				return slog.Attr{}
			}
			return attribute
		},
	})
}

func (l *logbook) logger() apptest.Option {
	return apptest.Engine(engine.Logger(slog.New(l.handler())))
}

// lines returns the lines that contain every one of parts.
func (l *logbook) lines(parts ...string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for line := range strings.Lines(l.text.String()) {
		line = strings.TrimSuffix(line, "\n")
		missing := false
		for _, part := range parts {
			missing = missing || !strings.Contains(line, part)
		}
		if !missing {
			found = append(found, line)
		}
	}
	return found
}

// unchanged leaves the configuration as it is by default.
func unchanged(*calllogging.Config) {}

// calls returns the lines of calls that have ended.
func (l *logbook) calls() []string { return l.lines(`msg="the call ended"`) }

// install installs the plugin with a configuration.
func install(configure func(*calllogging.Config)) app.Module {
	if configure == nil {
		configure = func(*calllogging.Config) {}
	}
	return func(a *app.Application) { a.Install(calllogging.Plugin.With(configure)) }
}

// start starts an application of modules that logs to the logbook.
func start(t *testing.T, log *logbook, modules []app.Module, options ...apptest.Option) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		for _, module := range modules {
			module(a)
		}
	}, append([]apptest.Option{log.logger()}, options...)...)
}

// answering responds to every call by handler.
func answering(handler app.Handler) app.Module {
	return func(a *app.Application) {
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return handler })
	}
}

func text(text string) app.Handler {
	return func(c *app.Call) error { return c.RespondText(text) }
}

// textAfter takes its time, which is fake, to answer with text.
func textAfter(d time.Duration, text string) app.Handler {
	return func(c *app.Call) error {
		time.Sleep(d)
		return c.RespondText(text)
	}
}

// inBubble runs a test under fake time, for HTTP/1.1 and h2c.
func inBubble(t *testing.T, test func(t *testing.T, mode apptest.Option)) {
	t.Helper()
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) { test(t, mode) })
	})
}

// assertCalls waits until everybody waits, and asserts the lines of the calls
// that have ended.
func assertCalls(t *testing.T, log *logbook, want ...string) {
	t.Helper()
	synctest.Wait()
	var lines []string
	for _, line := range log.calls() {
		lines = append(lines, strings.TrimPrefix(line, `level=INFO msg="the call ended" `))
	}
	assert.Equal(t, want, lines)
}
