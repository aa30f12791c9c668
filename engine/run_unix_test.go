//go:build unix

// A process signals itself and others as Unix lets it.

package engine_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
)

const childVariable = "CHITOR_ENGINE_TEST_CHILD"

// TestMain runs the tests, or, in a process that TestSignalsOfAProcess has
// started, the server that it sends signals to.
func TestMain(m *testing.M) {
	mode := os.Getenv(childVariable)
	if mode == "" {
		m.Run()
		return
	}
	if names, ok := strings.CutPrefix(mode, "SystemdSockets"); ok {
		serveSystemd(strings.Fields(names))
		return
	}
	if mode == "Restart" {
		runReplaced()
		return
	}
	var delay time.Duration
	if strings.Contains(mode, "delay") {
		delay = time.Minute
	}
	server := engine.EmbeddedServer(func(a *app.Application) {
		a.OnStopPreparing(func() { fmt.Println("stopping") })
		if strings.Contains(mode, "stuck") {
			a.OnStop(func(context.Context) error { <-time.After(time.Minute); return nil })
		}
	}, engine.Listener(&announced{Listener: memnet.Listen()}), engine.ShutdownDelay(delay),
		engine.Logger(slog.New(delays{slog.DiscardHandler})))
	if mode == "Start" {
		if server.Start(context.Background()) == nil {
			_ = server.Wait()
		}
		return
	}
	if err := server.Run(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("stopped")
}

// delays is a log that prints when a delay begins.
type delays struct{ slog.Handler }

func (delays) Enabled(context.Context, slog.Level) bool { return true }

func (delays) Handle(_ context.Context, record slog.Record) error {
	if record.Message == "draining" {
		fmt.Println(record.Message)
	}
	return nil
}

// announced is a listener that tells when it is served.
type announced struct{ *memnet.Listener }

func (a *announced) Accept() (conn net.Conn, err error) {
	fmt.Println("started")
	return a.Listener.Accept()
}

func TestSignalsOfAProcess(t *testing.T) {
	type step struct {
		line   string
		signal syscall.Signal
	}
	cases := []struct {
		mode  string
		steps []step
		ends  string
	}{
		{"Run", []step{{"started", syscall.SIGTERM}, {"stopping", 0}, {"stopped", 0}}, "exit status 0"},
		{"Run", []step{{"started", syscall.SIGINT}, {"stopping", 0}, {"stopped", 0}}, "exit status 0"},
		{"Run, stuck", []step{{"started", syscall.SIGTERM}, {"stopping", syscall.SIGTERM}}, "signal: terminated"},
		{"Run, stuck", []step{{"started", syscall.SIGTERM}, {"stopping", syscall.SIGINT}}, "signal: interrupt"},
		{"Run, delay", []step{{"started", syscall.SIGTERM}, {"draining", syscall.SIGINT}, {"stopping", 0}, {"stopped", 0}}, "exit status 0"},
		{
			"Run, delay, stuck", []step{{"started", syscall.SIGTERM}, {"draining", syscall.SIGTERM}, {"stopping", syscall.SIGTERM}},
			"signal: terminated",
		},
		{"Start", []step{{"started", syscall.SIGTERM}}, "signal: terminated"},
		{"Start", []step{{"started", syscall.SIGINT}}, "signal: interrupt"},
	}
	// What this process ignores, its children would too: SIGINT, if a shell has
	// started it in the background.
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)
	for _, c := range cases {
		t.Run(fmt.Sprint(c.mode, c.steps), func(t *testing.T) {
			command := exec.CommandContext(t.Context(), os.Args[0])
			command.Env = append(os.Environ(), childVariable+"="+c.mode)
			output, err := command.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, command.Start())
			lines := bufio.NewScanner(output)
			for _, step := range c.steps {
				require.True(t, lines.Scan(), "the output ends before %q", step.line)
				require.Equal(t, step.line, lines.Text())
				if step.signal != 0 {
					require.NoError(t, command.Process.Signal(step.signal))
				}
			}
			assert.False(t, lines.Scan(), lines.Text())
			_ = command.Wait()
			require.Equal(t, c.ends, command.ProcessState.String())
		})
	}
}

// The signals go to the test's own process, which Run protects.
func TestRun(t *testing.T) {
	signalSelf := func() error { return syscall.Kill(os.Getpid(), syscall.SIGTERM) }
	broken := errors.New("broken")
	cases := []struct {
		name   string
		module app.Module
		use    func(t *testing.T, server *engine.Server, listener *memnet.Listener)
		err    error
	}{
		{"a signal", answer(hello), func(t *testing.T, _ *engine.Server, listener *memnet.Listener) {
			assertServes(t, listener)
			assert.NoError(t, signalSelf())
		}, nil},
		{"a signal while it starts", func(a *app.Application) {
			a.OnStart(func(ctx context.Context) error {
				if err := signalSelf(); err != nil {
					return err
				}
				<-ctx.Done()
				return ctx.Err()
			})
		}, nil, nil},
		{"a signal that the start does not see", func(a *app.Application) {
			a.OnStart(func(ctx context.Context) error {
				err := signalSelf()
				<-ctx.Done()
				return err
			})
		}, nil, nil},
		{"a start that fails", func(a *app.Application) { a.Fail(broken) }, nil, broken},
		{"a stop that fails", func(a *app.Application) {
			a.OnStop(func(context.Context) error { return broken })
		}, func(t *testing.T, _ *engine.Server, listener *memnet.Listener) {
			assertServes(t, listener)
			assert.NoError(t, signalSelf())
		}, broken},
		{"a listener that fails", answer(hello), func(t *testing.T, _ *engine.Server, listener *memnet.Listener) {
			assertServes(t, listener)
			assert.NoError(t, listener.Close())
		}, net.ErrClosed},
		{"Stop", answer(hello), func(t *testing.T, server *engine.Server, listener *memnet.Listener) {
			assertServes(t, listener)
			assert.NoError(t, server.Stop(t.Context()))
		}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			listener := memnet.Listen()
			server := engine.EmbeddedServer(c.module, engine.Listener(listener), quiet)
			ended := make(chan error, 1)
			go func() { ended <- server.Run() }()
			if c.use != nil {
				c.use(t, server, listener)
			}
			require.ErrorIs(t, <-ended, c.err)
			requireClosed(t, listener)
			require.ErrorContains(t, server.Start(t.Context()), "started or stopped before")
		})
	}
}
