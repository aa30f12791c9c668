package apptest_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
)

// mistaken returns a module with a mistake.
func mistaken(text string) app.Module {
	return func(a *app.Application) { a.Fail(errors.New(text)) }
}

func TestStartError(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		err := apptest.StartError(t, mistaken("no such table"), mode, apptest.Module(mistaken("no such view")))
		require.ErrorContains(t, err, "start_test.go:21: no such table\n")
		require.ErrorContains(t, err, "start_test.go:21: no such view")

		away := errors.New("the database is away")
		require.ErrorIs(t, apptest.StartError(t, func(a *app.Application) {
			a.OnStart(func(context.Context) error { return away })
		}, mode), away)

		ran := false
		err = apptest.StartError(t, func(*app.Application) { ran = true }, mode,
			apptest.ExternalService("https://api.test", mistaken("no such key")))
		require.ErrorContains(t, err, "start_test.go:21: no such key")
		require.False(t, ran)
	})
}

func TestStartErrorOfWhatStarts(t *testing.T) {
	stopped := false
	r := record(t, func(r *recorder) {
		require.NoError(t, apptest.StartError(r, func(a *app.Application) {
			a.OnStop(func(context.Context) error { stopped = true; return nil })
		}))
		require.False(t, stopped)
	})
	require.Empty(t, r.failures)
	require.True(t, stopped)
}

func TestNew(t *testing.T) {
	everywhere(t, func(t *testing.T, mode apptest.Option) {
		host := apptest.New(t, mode)
		_, err := host.Client().Get(host.URL)
		require.ErrorContains(t, err, "host was not started")
		host.Start(Module)
		require.Equal(t, "Hello, world!", apptest.Text(t, host.Get("/")))
	})
}

func TestHostThatNeverStarts(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		apptest.New(t, mode, apptest.ExternalService("https://api.test", Module))
	})
}

// TestPanicOfModule loses what a panic keeps from running, and nothing else.
func TestPanicOfModule(t *testing.T) {
	err := apptest.StartError(t, mistaken("no such table"), apptest.Module(func(*app.Application) { panic("no such file") }),
		apptest.Module(mistaken("never seen")))
	require.ErrorContains(t, err, "no such table")
	require.ErrorContains(t, err, "start_test.go:73: module: panic: no such file")
	require.NotContains(t, err.Error(), "never seen")
}

func TestConfigure(t *testing.T) {
	var seen []time.Duration
	look := func(a *app.Application) { seen = append(seen, a.Config().WriteTimeout) }
	set := func(timeout time.Duration) func(*app.Config) {
		return func(c *app.Config) { c.WriteTimeout = timeout }
	}
	host := apptest.Start(t, func(a *app.Application) {
		look(a)
		a.Configure(set(3 * time.Second))
	}, apptest.Configure(set(time.Second)), apptest.Configure(set(2*time.Second)),
		apptest.Module(look), apptest.Module(func(a *app.Application) { a.Configure(set(4 * time.Second)) }),
		apptest.ExternalService("https://api.test", look))
	require.Equal(t, []time.Duration{2 * time.Second, 2 * time.Second, 3 * time.Second}, seen)
	require.Equal(t, 4*time.Second, host.Application().Config().WriteTimeout)
}

func TestConfigureComesAfterEngine(t *testing.T) {
	var log logOf
	host := apptest.Start(t, Module, apptest.Engine(engine.Logger(slog.New(slog.DiscardHandler))),
		apptest.Configure(func(c *app.Config) { c.Logger = slog.New(&log) }))
	host.Stop()
	require.Len(t, log, 2)
	require.Equal(t, "Responding at http://192.0.2.1:80", log[1])
	require.Empty(t, host.Log())
}

// logOf is a slog.Handler that keeps the messages.
type logOf []string

func (l *logOf) Enabled(context.Context, slog.Level) bool { return true }
func (l *logOf) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *logOf) WithGroup(string) slog.Handler            { return l }
func (l *logOf) Handle(_ context.Context, r slog.Record) error {
	*l = append(*l, r.Message)
	return nil
}

func TestProperties(t *testing.T) {
	plugin := app.NewPlugin("Pool", func() struct{ Size, Idle int } { return struct{ Size, Idle int }{1, 1} },
		func(b *app.PluginBuilder[struct{ Size, Idle int }]) error {
			require.Equal(t, struct{ Size, Idle int }{5, 1}, *b.Config())
			return nil
		})
	host := apptest.Start(t, func(a *app.Application) { a.Install(plugin.FromProperties("database.pool")) },
		apptest.Properties(map[string]any{
			"database.pool.size": 5,
			"database":           map[string]any{"url": "memory:", "pool": map[string]any{"size": 4}},
			"name":               "shop",
		}),
		apptest.Properties(map[string]any{"name": "market", "database.url": "file:"}),
		apptest.Properties(nil))
	for path, want := range map[string]string{"database.pool.size": "5", "database.url": "file:", "name": "market"} {
		text, ok := host.Application().Config().Properties.Text(path)
		require.True(t, ok, path)
		require.Equal(t, want, text, path)
	}
}

// TestHooksReachServices calls an external service in each hook of the
// lifecycle, the end of the test among them.
func TestHooksReachServices(t *testing.T) {
	inBubble(t, func(t *testing.T, mode apptest.Option) {
		var heard []string
		t.Cleanup(func() { require.Equal(t, []string{"/start", "/stop"}, heard) })
		host := apptest.New(t, mode, apptest.ExternalService("https://registry.test", answer(func(c *app.Call) error {
			heard = append(heard, c.Request.URL.Path)
			return c.RespondStatus(http.StatusNoContent)
		})))
		call := func(path string) app.LifecycleHook {
			return func(context.Context) error {
				_, err := fetch(host.Client(), "https://registry.test"+path)
				return err
			}
		}
		host.Start(func(a *app.Application) {
			a.OnStart(call("/start"))
			a.OnStop(call("/stop"))
		})
		synctest.Wait()
	})
}
