package apptest_test

import (
	"context"
	"errors"
	"io"
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

func TestFailures(t *testing.T) {
	var site app.Site
	below := func(text string) func() string {
		return func() string {
			site.Line++
			return "start host: " + site.String() + ": " + text
		}
	}
	cases := []struct {
		name string
		test func(r *recorder)
		says func() string
	}{
		{"a mistake in the module", func(r *recorder) {
			apptest.Start(r, func(a *app.Application) {
				site = app.Caller(0)
				a.Fail(errors.New("no such table"))
			})
		}, below("no such table")},
		{"a module that ends the test", func(r *recorder) {
			apptest.Start(r, func(*app.Application) { r.Fatal("no such table") })
		}, says("no such table")},
		{"a start hook that ends the test", func(r *recorder) {
			apptest.Start(r, func(a *app.Application) {
				a.OnStart(func(context.Context) error { r.Fatal("no such table"); return nil })
			})
		}, says("no such table")},
		{"a service with a mistake", func(r *recorder) {
			apptest.Start(r, Module, apptest.ExternalService("https://api.test", mistaken("no such key")))
		}, says("start host: apptest/start_test.go:21: no such key")},
		{"a service whose stop fails", func(r *recorder) {
			apptest.Start(r, Module, apptest.ExternalService("https://api.test", func(a *app.Application) {
				a.OnStop(func(context.Context) error { return errors.New("the database is away") })
			}))
		}, says("stop external service https://api.test: stop application: the stop hook at apptest/failure_test.go:52: the database is away")},
		{"a second start", func(r *recorder) {
			apptest.Start(r, Module).Start(Module)
		}, says("start host: start server: it was started or stopped before")},
		{"a request before the start", func(r *recorder) {
			apptest.New(r).Get("/")
		}, says(`Get "http://localhost/": host was not started`)},
		{"a connection before the start", func(r *recorder) {
			apptest.New(r).Dial()
		}, says("dial host: host was not started")},
		{"a stop that fails", func(r *recorder) {
			host := apptest.Start(r, func(a *app.Application) {
				a.OnStop(func(context.Context) error { return errors.New("the database is away") })
			})
			host.Stop()
			host.Stop()
		}, says("stop host: stop application: the stop hook at apptest/failure_test.go:66: the database is away")},
		{"a stop that fails, at the end", func(r *recorder) {
			apptest.Start(r, func(a *app.Application) {
				a.OnStop(func(context.Context) error { return errors.New("the database is away") })
			})
		}, says("stop host: stop application: the stop hook at apptest/failure_test.go:73: the database is away")},
		{"a nil module", func(r *recorder) {
			site = app.Caller(0)
			apptest.Start(r, nil)
		}, below("the module is nil")},
		{"a nil module of a host", func(r *recorder) {
			host := apptest.New(r)
			site = app.Caller(0)
			host.Start(Module, nil)
		}, below("the module is nil")},
		{"a nil option", func(r *recorder) {
			apptest.Start(r, Module, apptest.H2C(), nil)
		}, says("new host: option 2 is nil")},
		{"a nil module as an option", func(r *recorder) {
			site = app.Caller(0)
			apptest.Start(r, Module, apptest.Module(nil))
		}, below("option Module: the module is nil")},
		{"a nil configuration function", func(r *recorder) {
			site = app.Caller(0)
			apptest.Start(r, Module, apptest.Configure(nil))
		}, below("option Configure: the configuration function is nil")},
		{"a nil option of the engine", func(r *recorder) {
			site = app.Caller(0)
			apptest.Start(r, Module, apptest.Engine(engine.Development(), nil))
		}, below("option Engine: an option is nil")},
		{"a nil external service", func(r *recorder) {
			site = app.Caller(0)
			apptest.Start(r, Module, apptest.ExternalService("https://api.test", nil))
		}, below("external service: the module is nil")},
		{"a nil option of a client", func(r *recorder) {
			apptest.Start(r, Module).NewClient(apptest.Cookies(), nil)
		}, says("new client: option 2 is nil")},
		{"a nil option of a request", func(r *recorder) {
			apptest.Start(r, Module).Get("/", nil)
		}, says("GET /: option 1 is nil")},
		{"no response", func(r *recorder) {
			apptest.Start(r, answer(func(*app.Call) error { return http.ErrAbortHandler })).Get("/gone")
		}, says(`Get "http://localhost/gone": EOF`)},
		{"a path that is none", func(r *recorder) {
			apptest.Start(r, Module).Get("/%zz")
		}, says(`GET /%zz: parse "http://localhost/%zz": invalid URL escape "%zz"`)},
		{"a body that was cut", func(r *recorder) {
			host := apptest.Start(r, answer(func(c *app.Call) error {
				c.Header().Set("Content-Length", "10")
				_, err := io.WriteString(c.Writer(), "1234")
				return errors.Join(err, http.NewResponseController(c.Writer()).Flush(), http.ErrAbortHandler)
			}))
			apptest.Text(r, host.Get("/"))
		}, says("read body after 4 bytes: unexpected EOF")},
		{"a connection after the stop", func(r *recorder) {
			host := apptest.Start(r, Module)
			host.Stop()
			host.Dial()
		}, says("dial host: dial memory 192.0.2.1:80: connection refused")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := record(t, c.test)
				require.Equal(t, []string{c.says()}, r.failures)
			})
		})
	}
}

func says(text string) func() string { return func() string { return text } }

func TestHandlerThatStaysFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		r := record(t, func(r *recorder) {
			host := apptest.Start(r, answer(func(*app.Call) error { <-release; return nil }))
			go func() { _, _ = host.Client().Get(host.URL) }()
			synctest.Wait()
		})
		require.Len(t, r.failures, 1)
		require.Contains(t, r.failures[0], "stop host: stop application: 1 calls still running: context deadline exceeded")
	})
}

func TestLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var application *app.Application
		r := record(t, func(r *recorder) {
			host := apptest.Start(r, Module)
			application = host.Application()
			application.Logger().Debug("in the test")
			host.Stop()
			application.Logger().Debug("after the stop")
			time.Sleep(time.Second)
		})
		application.Logger().Debug("after the end")
		require.Contains(t, r.output.String(), `level=INFO msg="Responding at http://192.0.2.1:80"`)
		require.Contains(t, r.output.String(), `level=DEBUG msg="in the test"`)
		require.Contains(t, r.output.String(), `level=DEBUG msg="after the stop"`)
		require.Zero(t, r.late)
		require.Empty(t, r.failures)
	})
}

// A line of the log would come out among the numbers.
func TestBenchmarkIsNotLogged(t *testing.T) {
	result := testing.Benchmark(func(b *testing.B) {
		host := apptest.Start(b, Module)
		require.False(b, host.Application().Logger().Enabled(b.Context(), slog.LevelError))
		require.Equal(b, "Hello, world!", apptest.Text(b, host.Get("/")))
	})
	require.Positive(t, result.N)
}
