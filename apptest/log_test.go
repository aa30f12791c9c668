package apptest_test

import (
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

func TestHostLog(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.Start(t, answer(func(c *app.Call) error {
			time.Sleep(time.Minute)
			return errors.New("out of paper")
		}), mode)
		began := time.Now()
		require.Empty(t, host.Log().AtLeast(slog.LevelInfo+1))
		apptest.Text(t, host.Get("/print"))
		synctest.Wait()

		failures := host.Log().AtLeast(slog.LevelWarn)
		require.Equal(t, apptest.Log{{
			Time:    began.Add(time.Minute),
			Level:   slog.LevelError,
			Message: "the call failed",
			Attrs: map[string]any{
				"error": failures[0].Attrs["error"], "status": int64(500), "method": "GET", "path": "/print", "route": "",
			},
		}}, failures)
		require.EqualError(t, failures[0].Attrs["error"].(error), "out of paper")
		require.Equal(t, "ERROR the call failed error=out of paper method=GET path=/print route= status=500", failures[0].String())
		require.Equal(t, failures, host.Log().Find("call failed"))
		require.Empty(t, host.Log().Find("no such line"))
	})
}

func TestLogIsACopy(t *testing.T) {
	host := apptest.Start(t, Module)
	host.Log()[0].Message = "changed"
	require.Contains(t, host.Log()[0].Message, "Application started in ")
}

func TestLogOfManyGoroutines(t *testing.T) {
	host := apptest.Start(t, Module)
	logger := host.Application().Logger().With("a", 1)
	var writers sync.WaitGroup
	for i := range 10 {
		writers.Go(func() { logger.With("i", i).WithGroup("").WithGroup("g").Debug("line", "b", host.Log()[0].Level) })
	}
	writers.Wait()
	seen := map[any]bool{}
	for _, line := range host.Log().Find("line") {
		require.Equal(t, map[string]any{"a": int64(1), "i": line.Attrs["i"], "g.b": slog.LevelInfo}, line.Attrs)
		seen[line.Attrs["i"]] = true
	}
	require.Len(t, seen, 10)
	logger.Log(t.Context(), slog.LevelDebug-1, "too low")
	require.Empty(t, host.Log().Find("too low"))
}

// TestLogHandler runs the rules for handlers of package slog.
func TestLogHandler(t *testing.T) {
	var host *apptest.Host
	slogtest.Run(t, func(t *testing.T) slog.Handler {
		host = apptest.Start(t, Module)
		return host.Application().Logger().Handler()
	}, func(t *testing.T) map[string]any {
		log := host.Log()
		record := log[len(log)-1]
		result := map[string]any{slog.LevelKey: record.Level, slog.MessageKey: record.Message}
		if !record.Time.IsZero() {
			result[slog.TimeKey] = record.Time
		}
		for name, value := range record.Attrs {
			group := result
			path := strings.Split(name, ".")
			for _, step := range path[:len(path)-1] {
				if group[step] == nil {
					group[step] = map[string]any{}
				}
				group = group[step].(map[string]any)
			}
			group[path[len(path)-1]] = value
		}
		return result
	})
}
