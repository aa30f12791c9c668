package engine_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/routing"
)

// TestConfigTestSuite is Ktor's: a module that fails runs once, and a server that
// does nothing stops at once.
func TestConfigTestSuite(t *testing.T) {
	foo := errors.New("foo")
	for name, module := range map[string]func(count *int) app.Module{
		"testStartOnceWhenException": func(count *int) app.Module { return func(*app.Application) { *count++; panic(foo) } },
		"testStartsOnceWithCapture":  func(count *int) app.Module { return func(a *app.Application) { *count++; a.Fail(foo) } },
	} {
		t.Run(name, func(t *testing.T) {
			count := 0
			server := engine.EmbeddedServer(module(&count), engine.Host("127.0.0.1"), engine.Port(0), quiet)
			require.ErrorIs(t, server.Start(t.Context()), foo)
			require.Equal(t, 1, count)
			require.NoError(t, server.Stop(t.Context()))
		})
	}
	t.Run("testFastStop", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server := engine.EmbeddedServer(answer(hello), engine.Listener(memnet.Listen()), engine.ShutdownGrace(0),
				engine.ShutdownTimeout(100*time.Second), quiet)
			began := time.Now()
			require.NoError(t, server.Stop(t.Context()))
			require.Zero(t, time.Since(began))
		})
	})
}

// TestConnectionTestSuite is Ktor's.
func TestConnectionTestSuite(t *testing.T) {
	local := func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText(c.Request.Host) })
		})
	}
	t.Run("testNetworkAddresses", func(t *testing.T) {
		free := busyThenFree(t)
		server := engine.EmbeddedServer(answer(hello), engine.Connector("127.0.0.1", 0), engine.Connector("127.0.0.1", free), quiet)
		require.NoError(t, server.Start(t.Context()))
		addrs := server.Addrs()
		require.Len(t, addrs, 2)
		assert.NotZero(t, port(t, addrs[0]))
		assert.Equal(t, free, port(t, addrs[1]))
		require.NoError(t, server.Stop(t.Context()))
	})
	t.Run("testShutdownGracePeriod", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			server, _ := start(t, answer(hello), engine.ShutdownGrace(3*time.Second))
			began := time.Now()
			require.NoError(t, server.Stop(t.Context()))
			require.Zero(t, time.Since(began), "an idle server waits for nothing")
		})
	})
	t.Run("testServerReadyEvent", func(t *testing.T) {
		free, reachable := busyThenFree(t), 0
		server := engine.EmbeddedServer(func(a *app.Application) {
			local(a)
			app.ServerReady.Subscribe(a, func(*app.Application) {
				response, err := http.Get("http://" + address(free) + "/")
				if assert.NoError(t, err) {
					reachable = response.StatusCode
					assert.NoError(t, response.Body.Close())
				}
			})
		}, engine.Connector("127.0.0.1", free), quiet)
		require.NoError(t, server.Start(t.Context()))
		assert.Equal(t, http.StatusOK, reachable)
		require.NoError(t, server.Stop(t.Context()))
	})
	t.Run("testIpv6ServerHostAndPort", func(t *testing.T) {
		server := engine.EmbeddedServer(local, engine.Connector("::1", 0), quiet)
		require.NoError(t, server.Start(t.Context()))
		bound := strconv.Itoa(port(t, server.Addrs()[0]))
		for _, host := range []string{"[::1]:", "[0:0:0:0:0:0:0:1]:"} {
			response, err := http.Get("http://" + host + bound + "/")
			require.NoError(t, err)
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Equal(t, host+bound, apptest.Text(t, response))
		}
		require.NoError(t, server.Stop(t.Context()))
	})
}

// TestApplicationEventTest is Ktor's: each application tells its own listeners,
// once.
func TestApplicationEventTest(t *testing.T) {
	for name, subscribe := range map[string]func(a *app.Application, listener func()){
		"testApplicationStopPreparingEvent": func(a *app.Application, listener func()) { a.OnStopPreparing(listener) },
		"testApplicationStoppingEvent": func(a *app.Application, listener func()) {
			app.Stopping.Subscribe(a, func(*app.Application) { listener() })
		},
		"testApplicationStopPreparingEventUsingWithApplication": func(a *app.Application, listener func()) {
			a.OnStopPreparing(listener)
		},
	} {
		t.Run(name, func(t *testing.T) {
			count := 0
			for _, test := range []struct{ adds, want int }{{1, 1}, {2, 3}} {
				server, _ := start(t, func(a *app.Application) { subscribe(a, func() { count += test.adds }) })
				require.NoError(t, server.Stop(t.Context()))
				assert.Equal(t, test.want, count)
			}
		})
	}
}

// TestEmbeddedServerReloadingTests are those of Ktor's that are not about classes:
// what is done with an application before its server starts.
func TestEmbeddedServerReloadingTests(t *testing.T) {
	serve := func() (*engine.Server, *memnet.Listener) {
		listener := memnet.Listen()
		return engine.EmbeddedServer(func(*app.Application) {}, engine.Listener(listener), quiet), listener
	}
	t.Run("application is available before environment start", func(t *testing.T) {
		server, _ := serve()
		before := server.Application()
		require.NotNil(t, before)
		require.NoError(t, server.Start(t.Context()))
		assert.Same(t, before, server.Application())
		require.NoError(t, server.Stop(t.Context()))
	})
	t.Run("completion handler is invoked when attached before environment start", func(t *testing.T) {
		server, _ := serve()
		ended := make(chan error, 1)
		context.AfterFunc(server.Application().Context(), func() { ended <- context.Cause(server.Application().Context()) })
		require.NoError(t, server.Start(t.Context()))
		assert.Empty(t, ended)
		require.NoError(t, server.Stop(t.Context()))
		require.ErrorIs(t, <-ended, app.ErrStopping)
	})
	t.Run("interceptor is invoked when added before environment start", func(t *testing.T) {
		server, listener := serve()
		server.Application().Intercept(app.PhasePlugins, func(next app.Handler) app.Handler {
			return func(c *app.Call) error { c.Header().Set("Custom", "Value"); return next(c) }
		})
		require.NoError(t, server.Start(t.Context()))
		client := &http.Client{Transport: &http.Transport{DialContext: listener.DialContext, DisableKeepAlives: true}}
		response, err := client.Get("http://localhost")
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, "Value", response.Header.Get("Custom"))
		require.NoError(t, server.Stop(t.Context()))
	})
}

// TestNettySpecificTest are those of Ktor's that are about start and stop.
func TestNettySpecificTest(t *testing.T) {
	reopens := func(t *testing.T, port int) {
		t.Helper()
		listener, err := net.Listen("tcp", address(port))
		require.NoError(t, err, "it is still open")
		require.NoError(t, listener.Close())
	}
	t.Run("testNoLeakWithoutStartAndStop", func(t *testing.T) {
		// The bubble fails if a goroutine stays.
		synctest.Test(t, func(*testing.T) {
			for range 10_000 {
				engine.EmbeddedServer(answer(hello), quiet)
			}
		})
	})
	t.Run("testStartOnUsedPort", func(t *testing.T) {
		taken := busy(t)
		server := engine.EmbeddedServer(answer(hello), engine.Host("127.0.0.1"), engine.Port(taken), quiet)
		require.ErrorContains(t, server.Start(t.Context()), address(taken))
		require.NoError(t, server.Stop(t.Context()))
	})
	t.Run("start cleans up resources on non-BindException failure", func(t *testing.T) {
		free := busyThenFree(t)
		server := engine.EmbeddedServer(answer(hello), engine.Connector("127.0.0.1", free),
			engine.TLSConnector("127.0.0.1", 0, engine.TLSConfig(nil)), quiet)
		require.ErrorContains(t, server.Start(t.Context()), "no certificate")
		reopens(t, free)
	})
	t.Run("testStartMultipleConnectorsOnUsedPort", func(t *testing.T) {
		free, taken := busyThenFree(t), busy(t)
		server := engine.EmbeddedServer(answer(hello), engine.Connector("127.0.0.1", free),
			engine.Connector("127.0.0.1", taken), quiet)
		require.ErrorContains(t, server.Start(t.Context()), address(taken))
		reopens(t, free)
	})
}

// TestCIOGracefulShutdown: Ktor's testGracefulShutdown lets a call that runs end,
// and testShutdownGracePeriodWithConnector says that an idle server does not wait.
func TestCIOGracefulShutdown(t *testing.T) {
	for name, test := range map[string]struct {
		calls int
		takes time.Duration
	}{
		"testGracefulShutdown":                 {1, 500 * time.Millisecond},
		"testShutdownGracePeriodWithConnector": {0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, listener := start(t, answer(func(c *app.Call) error {
					time.Sleep(500 * time.Millisecond)
					return hello(c)
				}))
				client := &http.Client{Transport: &http.Transport{DialContext: listener.DialContext}}
				bodies := make(chan string, 1)
				for range test.calls {
					go func() {
						response, err := client.Get("http://localhost")
						if assert.NoError(t, err) {
							bodies <- apptest.Text(t, response)
						}
					}()
				}
				synctest.Wait()
				began := time.Now()
				require.NoError(t, server.Stop(t.Context()))
				assert.Equal(t, test.takes, time.Since(began))
				for range test.calls {
					assert.Equal(t, "hello", <-bodies)
				}
			})
		})
	}
}
