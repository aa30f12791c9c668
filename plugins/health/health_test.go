package health_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/health"
)

var errAway = errors.New("the database is away")

func passes(context.Context) error { return nil }
func fails(context.Context) error  { return errAway }

// install returns a module with the plugin.
func install(configure func(*health.Config)) app.Module {
	return func(a *app.Application) { a.Install(health.Plugin.With(configure)) }
}

func TestProbes(t *testing.T) {
	cases := []struct {
		name      string
		configure func(*health.Config)
		path      string
		status    int
		body      string
	}{
		{"liveness", func(c *health.Config) { c.Check("database", fails) }, "/healthz", 200, `{"status":"up"}`},
		{"readiness without checks", func(*health.Config) {}, "/readyz", 200, `{"status":"up"}`},
		{"readiness", func(c *health.Config) { c.Check("a", passes); c.Check("b", passes) }, "/readyz", 200,
			`{"status":"up","checks":{"a":"up","b":"up"}}`},
		{"one fails", func(c *health.Config) { c.Check("a", passes); c.Check("b", fails) }, "/readyz", 503,
			`{"status":"down","checks":{"a":"up","b":"down"}}`},
		{"one panics", func(c *health.Config) { c.Check("a", func(context.Context) error { panic("a") }) }, "/readyz", 503,
			`{"status":"down","checks":{"a":"down"}}`},
		{"other paths", func(c *health.Config) { c.LivenessPath, c.ReadinessPath = "/alive", "/ready" }, "/ready", 200, `{"status":"up"}`},
		{"switched off", func(c *health.Config) { c.LivenessPath = "" }, "/healthz", 404, ""},
		{"both switched off", func(c *health.Config) { c.LivenessPath, c.ReadinessPath = "", "" }, "", 404, ""},
		{"below a path", func(*health.Config) {}, "/readyz/", 404, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				host := apptest.Start(t, install(c.configure), mode)
				response := host.Get(c.path)
				assert.Equal(t, c.status, response.StatusCode)
				body := apptest.Text(t, response)
				head := host.Head(c.path)
				assert.Equal(t, c.status, head.StatusCode)
				assert.Empty(t, apptest.Text(t, head))
				if c.body == "" {
					return
				}
				assert.Equal(t, c.body, strings.TrimSpace(body))
				for _, answered := range []*http.Response{response, head} {
					assert.Equal(t, "no-store", answered.Header.Get("Cache-Control"))
					assert.Equal(t, "application/json", answered.Header.Get("Content-Type"))
				}
				assert.Equal(t, http.StatusNotFound, host.Post(c.path, "text/plain", http.NoBody).StatusCode)
			})
		})
	}
}

func TestTheRootPathCounts(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(health.Plugin)
		a.Configure(func(c *app.Config) { c.RootPath = "/shop" })
	})
	assert.Equal(t, http.StatusOK, host.Get("/shop/readyz").StatusCode)
	assert.Equal(t, http.StatusNotFound, host.Get("/readyz").StatusCode)
}

func TestTextsOfErrorsAreForDevelopers(t *testing.T) {
	module := install(func(c *health.Config) { c.Check("a", passes); c.Check("b", fails) })
	host := apptest.Start(t, module, apptest.Engine(engine.Development()))
	assert.JSONEq(t, `{"status":"down","checks":{"a":"up","b":"down"},"errors":{"b":"the database is away"}}`,
		apptest.Text(t, host.Get("/readyz")))
}

// Readiness says no before anything is closed, and as long as calls are let in;
// liveness goes on.
func TestADrainingApplicationIsNotReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var checked atomic.Int32
		release := make(chan struct{})
		host := apptest.Start(t, func(a *app.Application) {
			install(func(c *health.Config) {
				c.Check("a", func(context.Context) error { checked.Add(1); return nil })
			})(a)
			a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
				return func(c *app.Call) error { <-release; return c.RespondText("late") }
			})
		}, apptest.Engine(engine.ShutdownDelay(10*time.Second), engine.ShutdownGrace(4*time.Second)))
		require.Equal(t, http.StatusOK, host.Get("/readyz").StatusCode)
		stopped := make(chan struct{})
		go func() { defer close(stopped); host.Stop() }()
		time.Sleep(5 * time.Second)
		response := host.Get("/readyz")
		assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		assert.JSONEq(t, `{"status":"draining"}`, apptest.Text(t, response))
		assert.Equal(t, http.StatusOK, host.Get("/healthz").StatusCode)
		assert.Equal(t, int32(1), checked.Load())
		close(release)
		<-stopped
	})
}

func TestOutcomesCountForAMoment(t *testing.T) {
	for name, test := range map[string]struct {
		maxAge time.Duration
		runs   int32
	}{"by default": {time.Second, 3}, "longer": {10 * time.Second, 1}, "never": {0, 6}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var runs atomic.Int32
				host := apptest.Start(t, install(func(c *health.Config) {
					c.MaxAge = test.maxAge
					c.Check("a", func(context.Context) error { runs.Add(1); return nil })
				}))
				for range 6 {
					require.Equal(t, http.StatusOK, host.Get("/readyz").StatusCode)
					time.Sleep(time.Second / 2)
				}
				assert.Equal(t, test.runs, runs.Load())
			})
		})
	}
}

// Probes that come while checks run wait for the same ones, which run at once.
func TestManyProbesRunTheChecksOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		slow := func(context.Context) error { runs.Add(1); time.Sleep(time.Second / 2); return nil }
		host := apptest.Start(t, install(func(c *health.Config) {
			for _, name := range []string{"a", "b", "c"} {
				c.Check(name, slow)
			}
		}))
		began := time.Now()
		var probes sync.WaitGroup
		for range 20 {
			probes.Go(func() {
				response, err := host.Client().Get(host.URL + "/readyz")
				if assert.NoError(t, err) {
					assert.Equal(t, http.StatusOK, response.StatusCode)
					assert.NoError(t, response.Body.Close())
				}
			})
		}
		probes.Wait()
		assert.Equal(t, time.Second/2, time.Since(began))
		assert.Equal(t, int32(3), runs.Load())
	})
}

// A check that does not look at its context is not called again until it has
// returned, and says once what it is.
func TestChecksAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int32
		var hangs atomic.Bool
		hangs.Store(true)
		release := make(chan struct{})
		host := apptest.Start(t, install(func(c *health.Config) {
			c.Check("deaf", func(context.Context) error {
				runs.Add(1)
				if hangs.Load() {
					<-release
				}
				return nil
			})
			c.Check("polite", func(ctx context.Context) error {
				if hangs.Load() {
					<-ctx.Done()
				}
				return ctx.Err()
			})
		}))
		probe := func(status int, takes time.Duration) {
			t.Helper()
			began := time.Now()
			assert.Equal(t, status, host.Get("/readyz").StatusCode)
			assert.Equal(t, takes, time.Since(began))
			time.Sleep(time.Second)
		}
		probe(http.StatusServiceUnavailable, 800*time.Millisecond)
		probe(http.StatusServiceUnavailable, 800*time.Millisecond)
		assert.Equal(t, int32(1), runs.Load())
		assert.Len(t, host.Log().Find("a health check fails"), 2, "once for each")
		hangs.Store(false)
		close(release)
		synctest.Wait()
		probe(http.StatusOK, 0)
		assert.Equal(t, int32(2), runs.Load())
		assert.Len(t, host.Log().Find("a health check passes again"), 2)
		assert.Len(t, host.Log().Find("a health check fails"), 2)
	})
}

func TestMistakes(t *testing.T) {
	for says, configure := range map[string]func(*health.Config){
		"the name of a check is empty":                    func(c *health.Config) { c.Check("", passes) },
		`the check "a" is nil`:                            func(c *health.Config) { c.Check("a", nil) },
		`there are two checks "a"`:                        func(c *health.Config) { c.Check("a", passes); c.Check("a", passes) },
		`the path "health" does not begin with a slash`:   func(c *health.Config) { c.LivenessPath = "health" },
		`liveness and readiness have the same path "/up"`: func(c *health.Config) { c.LivenessPath, c.ReadinessPath = "/up", "/up" },
		"the field Timeout is negative":                   func(c *health.Config) { c.Timeout = -1 },
		"the field MaxAge is negative":                    func(c *health.Config) { c.MaxAge = -1 },
	} {
		t.Run(says, func(t *testing.T) {
			site := app.Caller(0)
			a := app.New(func(a *app.Application) { a.Install(health.Plugin.With(configure)) })
			site.Line++
			require.EqualError(t, a.Start(t.Context()), site.String()+": install Health: "+says)
		})
	}
}
