package engine_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

// For the time of the delay the server goes on: readiness says no, new
// connections are accepted, and a client of HTTP/1.1 leaves with its answer.
func TestStopDrainsForTheDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var prepared time.Time
		server, listener := start(t, func(a *app.Application) {
			a.OnStopPreparing(func() { prepared = time.Now() })
			answer(hello)(a)
		}, engine.ShutdownDelay(15*time.Second))
		kept := dial(t, listener)
		reader := bufio.NewReader(kept)
		exchange := func() *http.Response {
			_, err := io.WriteString(kept, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
			require.NoError(t, err)
			response, err := http.ReadResponse(reader, nil)
			require.NoError(t, err)
			require.Equal(t, "hello", apptest.Text(t, response))
			return response
		}
		require.False(t, exchange().Close)
		began := time.Now()
		stopped := make(chan error, 1)
		go func() { stopped <- server.Stop(t.Context()) }()
		time.Sleep(10 * time.Second)
		require.True(t, server.Application().Draining())
		require.False(t, server.Application().Stopping())
		assertServes(t, listener)
		require.True(t, exchange().Close)
		_, err := reader.ReadByte()
		require.ErrorIs(t, err, io.EOF)
		require.NoError(t, <-stopped)
		require.Equal(t, 15*time.Second, time.Since(began))
		require.Equal(t, 15*time.Second, prepared.Sub(began))
	})
}

// The context of a stop leaves the time that the rest of it needs.
func TestTheContextOfAStopBoundsTheDelay(t *testing.T) {
	for name, test := range map[string]struct {
		within func(context.Context) (context.Context, context.CancelFunc)
		takes  time.Duration
	}{
		"a deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 20*time.Second)
		}, 15 * time.Second},
		"a deadline that is too short": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 2*time.Second)
		}, 0},
		"a context that ends": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(3*time.Second, cancel)
			return ctx, cancel
		}, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, _ := start(t, answer(hello), engine.ShutdownDelay(time.Hour))
				ctx, cancel := test.within(t.Context())
				defer cancel()
				began := time.Now()
				require.NoError(t, server.Stop(ctx))
				require.Equal(t, test.takes, time.Since(began))
			})
		})
	}
}

func TestNegativeTimesAreMistakes(t *testing.T) {
	site := app.Caller(0)
	server := engine.EmbeddedServer(answer(hello), quiet,
		engine.ShutdownDelay(-1),
		engine.StartupTimeout(-1))
	line := func(below int) string { return app.Site{File: site.File, Line: site.Line + below}.String() }
	require.EqualError(t, server.Start(t.Context()),
		line(2)+": shutdown delay: it is negative\n"+line(3)+": startup timeout: it is negative")
}

func TestStartupTimeout(t *testing.T) {
	for name, test := range map[string]struct {
		options []engine.Option
		takes   time.Duration
		fails   bool
	}{
		"by default": {nil, 10*time.Second + 100*time.Millisecond, true},
		"set":        {[]engine.Option{engine.StartupTimeout(time.Second)}, time.Second + 100*time.Millisecond, true},
		"none":       {[]engine.Option{engine.StartupTimeout(0)}, time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				server := engine.EmbeddedServer(func(*app.Application) { time.Sleep(time.Minute) },
					append(test.options, engine.Port(0), engine.Host("127.0.0.1"), quiet)...)
				err := server.Start(t.Context())
				require.Equal(t, test.takes, time.Since(began))
				if !test.fails {
					require.NoError(t, err)
					require.NoError(t, server.Stop(t.Context()))
					return
				}
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.ErrorContains(t, err, "start application: the module, engine_test.TestStartupTimeout.func")
				require.ErrorContains(t, err, "of engine.StartupTimeout are over")
				require.NoError(t, server.Wait())
				time.Sleep(time.Minute) // what was left behind ends
			})
		})
	}
}

// TestRunContext is Ktor's testEmbeddedServerCancellation, and what may happen
// instead.
func TestRunContext(t *testing.T) {
	broken := errors.New("broken")
	cases := []struct {
		name   string
		module app.Module
		use    func(t *testing.T, server *engine.Server, cancel context.CancelFunc)
		is     error
	}{
		{"its context ends", answer(hello), func(_ *testing.T, _ *engine.Server, cancel context.CancelFunc) { cancel() }, nil},
		{"its context ends while it starts", func(a *app.Application) {
			a.OnStart(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		}, func(_ *testing.T, _ *engine.Server, cancel context.CancelFunc) { cancel() }, nil},
		{"Stop fails", func(a *app.Application) {
			a.OnStop(func(context.Context) error { return broken })
		}, func(t *testing.T, server *engine.Server, _ context.CancelFunc) {
			assert.ErrorIs(t, server.Stop(t.Context()), broken)
		}, broken},
		{"a stop is requested", answer(hello), func(_ *testing.T, server *engine.Server, _ context.CancelFunc) {
			server.Application().RequestStop(nil)
		}, nil},
		{"a stop is requested with a cause", answer(hello), func(_ *testing.T, server *engine.Server, _ context.CancelFunc) {
			server.Application().RequestStop(broken)
		}, broken},
		{"a stop is requested while it starts", func(a *app.Application) {
			a.OnStart(func(ctx context.Context) error { a.RequestStop(broken); <-ctx.Done(); return nil })
		}, func(*testing.T, *engine.Server, context.CancelFunc) {}, app.ErrStopping},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				listener := memnet.Listen()
				var log bytes.Buffer
				server := engine.EmbeddedServer(c.module, engine.Listener(listener), engine.Logger(slog.New(slog.NewTextHandler(&log, nil))))
				ended := make(chan error, 1)
				go func() { ended <- server.RunContext(ctx) }()
				synctest.Wait()
				c.use(t, server, cancel)
				require.ErrorIs(t, <-ended, c.is)
				assert.NotContains(t, log.String(), "nil", "no cause is none")
			})
		})
	}
}

func ExampleShutdownDelay() {
	server := engine.EmbeddedServer(Module,
		engine.Port(8080),
		engine.ShutdownDelay(15*time.Second), // three probes of a load balancer
		engine.ShutdownGrace(5*time.Second),
		engine.ShutdownTimeout(10*time.Second))
	fmt.Println(server.Application().Draining())
	// Output: false
}
