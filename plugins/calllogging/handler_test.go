package calllogging_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"testing/slogtest"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/calllogging"
)

// TestHandlerIsOne runs the standard library's conformance kit.
func TestHandlerIsOne(t *testing.T) {
	var lines bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		lines.Reset()
		return calllogging.NewHandler(slog.NewJSONHandler(&lines, nil))
	}, func(t *testing.T) map[string]any {
		var record map[string]any
		require.NoError(t, json.Unmarshal(lines.Bytes(), &record))
		return record
	})
}

// TestHandlerOfNil: nil is no panic of a later record, but an error at once,
// with the line.
func TestHandlerOfNil(t *testing.T) {
	var lines bytes.Buffer
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(slog.NewTextHandler(&lines, nil)))
	site := app.Caller(0)
	logger := slog.New(calllogging.NewHandler(nil))
	assert.Contains(t, lines.String(), "level=ERROR")
	assert.Contains(t, lines.String(), app.Site{File: site.File, Line: site.Line + 1}.String())
	lines.Reset()
	logger.WithGroup("g").With("x", 1).Error("dropped")
	assert.False(t, logger.Enabled(t.Context(), slog.LevelError))
	assert.Empty(t, lines.String())
}

// TestHandlerAddsAttributes shows each way to log inside a call.
func TestHandlerAddsAttributes(t *testing.T) {
	for name, test := range map[string]struct {
		log  func(c *app.Call, logger *slog.Logger)
		want string
	}{
		"context":    {func(c *app.Call, l *slog.Logger) { l.InfoContext(c.Context(), "here") }, "here uri=/a id=7"},
		"no context": {func(_ *app.Call, l *slog.Logger) { l.Info("here") }, "here"},
		"attribute":  {func(c *app.Call, l *slog.Logger) { l.InfoContext(c.Context(), "here", "x", 1) }, "here x=1 uri=/a id=7"},
		"the same":   {func(c *app.Call, l *slog.Logger) { l.InfoContext(c.Context(), "here", "id", 8) }, "here id=8 uri=/a"},
		"With": {
			func(c *app.Call, l *slog.Logger) { l.With("x", 1).InfoContext(c.Context(), "here", "y", 2) }, "here x=1 y=2 uri=/a id=7",
		},
		"With the same": {func(c *app.Call, l *slog.Logger) { l.With("uri", "/b").InfoContext(c.Context(), "here") }, "here uri=/b id=7"},
		"group": {
			func(c *app.Call, l *slog.Logger) { l.WithGroup("g").InfoContext(c.Context(), "here", "id", 8) }, "here uri=/a id=7 g.id=8",
		},
		"groups": {
			func(c *app.Call, l *slog.Logger) {
				l.With("x", 1).WithGroup("g").With("y", 2).WithGroup("h").With("id", 8).InfoContext(c.Context(), "here", "z", 3)
			},
			"here x=1 uri=/a id=7 g.y=2 g.h.id=8 g.h.z=3",
		},
		"nothing in a group": {
			func(c *app.Call, l *slog.Logger) { l.With().WithGroup("").InfoContext(c.Context(), "here") }, "here uri=/a id=7",
		},
		"two loggers of one": {
			func(c *app.Call, l *slog.Logger) {
				l = l.With("a", 1).With("b", 2).With("c", 3)
				_, other := l.With("uri", "/b"), l.With("d", 4)
				other.InfoContext(c.Context(), "here")
			},
			"here a=1 b=2 c=3 d=4 uri=/a id=7",
		},
		"of the call":            {func(c *app.Call, _ *slog.Logger) { calllogging.Logger(c).Info("here") }, "here uri=/a id=7"},
		"of the call, context":   {func(c *app.Call, _ *slog.Logger) { calllogging.Logger(c).InfoContext(c.Context(), "here") }, "here uri=/a id=7"},
		"a level that is hidden": {func(c *app.Call, l *slog.Logger) { l.DebugContext(c.Context(), "here") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log logbook
				quiet := slog.New(calllogging.NewHandler(&atLeast{slog.LevelInfo, log.handler()}))
				host := apptest.Start(t, func(a *app.Application) {
					a.Install(calllogging.Plugin.With(func(c *calllogging.Config) {
						c.MDC("uri", path)
						c.MDC("none", func(*app.Call) (string, bool) { return "", false })
						c.MDC("id", func(*app.Call) (string, bool) { return "7", true })
					}))
					answering(func(c *app.Call) error {
						test.log(c, quiet)
						return c.RespondText("OK")
					})(a)
				}, apptest.Engine(engine.Logger(quiet)))
				host.Get("/a")
				synctest.Wait()
				var want []string
				if test.want != "" {
					want = []string{"level=INFO msg=" + test.want}
				}
				assert.Equal(t, want, log.lines("msg=here"))
				assert.Len(t, log.lines("bytes=2 duration=0s end=answered uri=/a id=7"), 1, "the line has each of them once")
			})
		})
	}
}

// atLeast is a handler with a level.
type atLeast struct {
	level slog.Level
	slog.Handler
}

func (a *atLeast) Enabled(_ context.Context, level slog.Level) bool { return level >= a.level }

// TestHandlerReachesTheApplication: what the application says about a call can
// be found by the call's attributes.
func TestHandlerReachesTheApplication(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var log logbook
		host := apptest.Start(t, func(a *app.Application) {
			install(func(c *calllogging.Config) { c.MDC("uri", path) })(a)
			answering(func(*app.Call) error { return errors.New("it is broken") })(a)
		}, mode, apptest.Engine(engine.Logger(slog.New(calllogging.NewHandler(log.handler())))))
		assert.Equal(t, http.StatusInternalServerError, host.Get("/a").StatusCode)
		synctest.Wait()
		assert.Len(t, log.lines("level=ERROR", `msg="the call failed"`, "uri=/a"), 1)
		assert.Len(t, log.lines(`msg="the call ended"`, "end=failed", "uri=/a"), 1)
	})
}

// TestLogger is about what Logger returns where there is nothing to add.
func TestLogger(t *testing.T) {
	for name, module := range map[string]app.Module{"no plugin": func(*app.Application) {}, "no MDC": install(unchanged)} {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				module(a)
				answering(func(c *app.Call) error {
					assert.Same(t, c.Application().Logger(), calllogging.Logger(c))
					return c.RespondText("OK")
				})(a)
			})
			assert.Equal(t, "OK", apptest.Text(t, host.Get("/")))
		})
	}
}

func TestProcessingTimeWithoutThePlugin(t *testing.T) {
	host := apptest.Start(t, answering(func(c *app.Call) error { return c.RespondText(calllogging.ProcessingTime(c).String()) }))
	assert.Equal(t, "0s", apptest.Text(t, host.Get("/")))
}
