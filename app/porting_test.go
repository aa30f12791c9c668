package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/routing"
)

// The twelve places where a port of Ktor's core that follows net/http goes
// wrong: each test shows one, and what is right here.

// TestAnyResponseCanBeReplacedBeforeTheCommit: a response is a value until it
// is committed, however it was made, so a hook can still replace it.
func TestAnyResponseCanBeReplacedBeforeTheCommit(t *testing.T) {
	runKtor(t, map[string]ktorCase{"": {func(a *app.Application) {
		a.InterceptSend(app.SendAfter, func(_ *app.Call, out *app.Outgoing) error {
			out.SetText(fmt.Sprint("page for ", out.Status))
			return nil
		})
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/respond", text("text"))
			r.Get("/write", func(c *app.Call) error { write(c, 100); return nil })
			r.Get("/write-much", func(c *app.Call) error { write(c, 100_000); return nil })
			r.Get("/stream", writing(true, "a", "b"))
			r.Get("/error", func(*app.Call) error { return errBroken })
			r.Get("/value", func(c *app.Call) error { return c.Respond(struct{}{}) })
			r.Get("/silent", func(*app.Call) error { return nil })
			r.Mount("/mounted", http.NotFoundHandler())
		})
	}, func(t *testing.T, host *apptest.Host) {
		for path, status := range map[string]int{
			"/respond": 200, "/write": 200, "/write-much": 200, "/stream": 200, "/mounted": 404,
			"/error": 500, "/value": 500, "/silent": 404, "/nowhere": 404,
		} {
			expect(t, host.Get(path), status, fmt.Sprint("page for ", status))
		}
	}}})
}

// TestPluginsAndRoutesComeInAnyOrderUntilStart: plugins are not middlewares.
// Where a module installs them makes no difference, and a route can be extended
// any number of times, until Start: then all is frozen, and a later change is a
// logged error.
func TestPluginsAndRoutesComeInAnyOrderUntilStart(t *testing.T) {
	t.Parallel()
	var seen journal
	logs := &logbook{}
	a := start(t, logs.module, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/x", func(r *routing.Route) { r.Get("/1", text("1")) })
			r.Route("/x", func(r *routing.Route) { r.Get("/2", text("2")); r.Install(tracing(&seen, "route")) })
		})
		a.Install(tracing(&seen, "application"))
		a.Intercept(app.PhaseSetup, note(&seen, "setup"))
	})
	for _, path := range []string{"1", "2"} {
		assert.Equal(t, path, body(t, get(t, a, "/x/"+path)))
	}
	once := []string{"setup", "call application", "call route"}
	assert.Equal(t, append(once, once...), seen.all())

	routing.Routes(a, func(r *routing.Route) { r.Get("/late", text("late")) })
	a.Install(tracing(&seen, "late"))
	assert.Equal(t, 404, get(t, a, "/late").StatusCode)
	assert.NotEmpty(t, logs.at(slog.LevelError))
	assert.NotContains(t, seen.all(), "call late")
}

// TestNearestScopedPluginRunsAloneFromTheDefaults: of a plugin that is
// installed on several routes the nearest one runs, and never for a path that
// no route matches. On an application and a route, or twice on a route, it is a
// mistake.
func TestNearestScopedPluginRunsAloneFromTheDefaults(t *testing.T) {
	t.Parallel()
	greet := func(greeting string) app.Installable {
		return scopedGreeting.With(func(c *greetingConfig) { c.Greeting = greeting })
	}
	names := scopedGreeting.With(func(c *greetingConfig) { c.Names = []string{"you"} })
	a := start(t, routed(func(r *routing.Route) {
		r.Install(greet("outer"))
		r.Get("/outer", text(""))
		r.Route("/inner", func(r *routing.Route) { r.Install(names); r.Get("/leaf", text("")) })
	}))
	for path, want := range map[string][]string{"/outer": {"outer world"}, "/inner/leaf": {"hello you"}, "/nowhere": nil, "/inner": nil} {
		assert.Equal(t, want, get(t, a, path).Header["Greeting"], path)
	}
	for name, module := range map[string]app.Module{
		"application and route": func(a *app.Application) { a.Install(names); routed(func(r *routing.Route) { r.Install(names) })(a) },
		"one route":             routed(func(r *routing.Route) { r.Install(names); r.Install(greet("again")) }),
	} {
		assert.Error(t, app.New(quiet, module).Start(t.Context()), name)
	}
}

// TestResponseStopsHandlersButNoPlugins: after a response later plugins still
// run, handlers do not. A second respond is an error, where Ktor drops it.
func TestResponseStopsHandlersButNoPlugins(t *testing.T) {
	t.Parallel()
	var seen journal
	var second error
	a := start(t, func(a *app.Application) {
		a.Install(onCall("Answers", func(c *app.Call) error { c.SetStatus(202); return c.RespondText("first") }))
		a.Install(onCall("Later", func(c *app.Call) error {
			seen.add("later")
			second = c.RespondText("second")
			assert.Equal(t, 202, c.Status(), "that of the answer which stands")
			return nil
		}))
		a.Intercept(app.PhaseFallback, note(&seen, "fallback"))
		routing.Routes(a, func(r *routing.Route) { r.Get("/", func(*app.Call) error { seen.add("handler"); return nil }) })
	})
	response := get(t, a, "/")
	assert.Equal(t, 202, response.StatusCode)
	assert.Equal(t, "first", body(t, response))
	assert.Equal(t, []string{"later"}, seen.all())
	require.ErrorIs(t, second, app.ErrAnswered)
}

// TestSilenceIsNotFoundAndAnUnknownValueAMistake: only a net/http handler that
// says nothing is 200; a value without a plugin that converts is 500.
func TestSilenceIsNotFoundAndAnUnknownValueAMistake(t *testing.T) {
	runKtor(t, map[string]ktorCase{"": {routed(func(r *routing.Route) {
		r.Get("/silent", func(*app.Call) error { return nil })
		r.Get("/status", func(c *app.Call) error { c.SetStatus(202); return nil })
		r.Get("/value", func(c *app.Call) error { return c.Respond(map[string]int{}) })
		r.Get("/nil", func(c *app.Call) error { return c.Respond(nil) })
		r.Mount("/mounted", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	}), func(t *testing.T, host *apptest.Host) {
		expect(t, host.Get("/silent"), 404, "")
		expect(t, host.Get("/status"), 202, "")
		expect(t, host.Get("/value"), 500, "Internal Server Error")
		expect(t, host.Get("/nil"), 500, "Internal Server Error")
		expect(t, host.Get("/mounted"), 200, "")
	}}})
}

// TestStatusOfAnErrorReplacesTheOneThatWasSet: errors have a status; headers
// that were set stay. The response passes the send hooks of the route. Only an
// error that is made to be shown has its text sent. A stream that fails is cut.
func TestStatusOfAnErrorReplacesTheOneThatWasSet(t *testing.T) {
	errs := map[string]struct {
		err    error
		status int
		text   string
	}{
		"/400": {app.NewError(400, "no such day"), 400, "no such day"},
		"/404": {fmt.Errorf("look up: %w", app.NewError(404, "")), 404, "Not Found"},
		"/413": {&http.MaxBytesError{Limit: 1}, 413, "Request Entity Too Large"},
		"/415": {&app.Error{Status: 415, Err: errors.New("secret")}, 415, "Unsupported Media Type"},
		"/504": {fmt.Errorf("ask the database: %w", context.DeadlineExceeded), 504, "Gateway Timeout"},
		"/500": {errors.New("secret"), 500, "Internal Server Error"},
	}
	runKtor(t, map[string]ktorCase{"": {routed(func(r *routing.Route) {
		r.InterceptSend(app.SendAfter, func(_ *app.Call, out *app.Outgoing) error { out.Header.Set("Seen", fmt.Sprint(out.Status)); return nil })
		for path, test := range errs {
			r.Get(path, func(c *app.Call) error {
				c.SetStatus(http.StatusCreated)
				c.Header().Set("Kept", "yes")
				return test.err
			})
		}
		r.Get("/panic", func(*app.Call) error { panic("secret") })
		r.Get("/stream", firstSecondError)
	}), func(t *testing.T, host *apptest.Host) {
		for path, test := range errs {
			response := host.Get(path)
			expect(t, response, test.status, test.text)
			assert.Equal(t, "yes", response.Header.Get("Kept"))
			assert.Equal(t, fmt.Sprint(test.status), response.Header.Get("Seen"))
		}
		expect(t, host.Get("/panic"), 500, "Internal Server Error")
		_, err := io.ReadAll(host.Get("/stream").Body)
		assert.Error(t, err)
	}}})
}

// TestOnlyChosenDefaultsOfNetHTTPAreLeft: the type of bytes is found out, Date
// is sent, and 405 has Allow. No Location is rewritten, nothing is added to a
// response, a known length is declared.
func TestOnlyChosenDefaultsOfNetHTTPAreLeft(t *testing.T) {
	files := fstest.MapFS{"index.html": {Data: []byte("<html>"), ModTime: time.Unix(1, 0)}}
	runKtor(t, map[string]ktorCase{"": {routed(func(r *routing.Route) {
		r.Get("/bytes", func(c *app.Call) error { return c.RespondBytes([]byte("<html>")) })
		r.Get("/long", func(c *app.Call) error { return c.RespondText(strings.Repeat("x", 100_000)) })
		r.Get("/a/redirect", func(c *app.Call) error { return c.RespondRedirect("b?c") })
		r.Get("/file", func(c *app.Call) error { return c.RespondFile(files, "index.html") })
		r.Get("/error", func(*app.Call) error { return errBroken })
	}), func(t *testing.T, host *apptest.Host) {
		host.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		for path, want := range map[string]http.Header{
			"/bytes":      {"Content-Type": {"text/html; charset=utf-8"}, "Content-Length": {"6"}},
			"/long":       {"Content-Type": {"text/plain; charset=UTF-8"}, "Content-Length": {"100000"}},
			"/a/redirect": {"Location": {"b?c"}, "Content-Length": {"0"}},
			"/file": {
				"Content-Type": {"text/html; charset=utf-8"}, "Content-Length": {"2"}, "Content-Range": {"bytes 0-1/6"},
				"Accept-Ranges": {"bytes"}, "Last-Modified": {"Thu, 01 Jan 1970 00:00:01 GMT"},
			},
			"/error":   {"Content-Type": {"text/plain; charset=UTF-8"}, "Content-Length": {"21"}},
			"/nowhere": {"Content-Length": {"0"}},
		} {
			response := host.Get(path, apptest.Header("Range", "bytes=0-1"))
			assert.NotEmpty(t, response.Header["Date"])
			response.Header.Del("Date")
			assert.Equal(t, want, response.Header, path)
		}
		assert.Equal(t, []string{"GET"}, host.Post("/file", "", nil).Header["Allow"])
	}}})
}

// TestContextOfACallEndsWhenTheClientLeaves, as Go code expects; Ktor's call
// goes on.
func TestContextOfACallEndsWhenTheClientLeaves(t *testing.T) {
	var left chan error
	runKtor(t, map[string]ktorCase{"": {answering(func(c *app.Call) error {
		// It fails if the client has seen it and left before it returns.
		_ = flushedText(c, "here")
		<-c.Context().Done()
		left <- c.Context().Err()
		return c.Context().Err()
	}), func(t *testing.T, host *apptest.Host) {
		left = make(chan error, 1)
		require.NoError(t, host.Get("/").Body.Close())
		assert.ErrorIs(t, <-left, context.Canceled)
	}}})
}

// TestStartAndStopRunInAFixedOrder: modules, start hooks, then listening;
// preparing, calls, their contexts after the grace period, work of the
// application, and only then the stop hooks, in reverse.
func TestStartAndStopRunInAFixedOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen journal
		host := apptest.Start(t, func(a *app.Application) {
			seen.add("module")
			a.OnStart(lifecycleHook(&seen, "start"))
			a.OnStopPreparing(func() { seen.add("preparing") })
			a.OnStop(lifecycleHook(&seen, "stop 1"))
			a.OnStop(lifecycleHook(&seen, "stop 2"))
			a.Go(func(ctx context.Context) error { <-ctx.Done(); time.Sleep(time.Second); seen.add("work"); return nil })
			answering(func(c *app.Call) error { <-c.Context().Done(); seen.add("call"); return c.Context().Err() })(a)
		}, apptest.Engine(engine.Logger(slog.New(journalHandler{slog.DiscardHandler, &seen}))))
		go func() {
			response, err := host.Client().Get(host.URL)
			if assert.NoError(t, err) {
				assert.Equal(t, 503, response.StatusCode)
				assert.NoError(t, response.Body.Close())
			}
		}()
		synctest.Wait()
		began := time.Now()
		host.Stop()
		assert.Equal(t, 2*time.Second, time.Since(began), "a second of grace, a second of work")
		assert.Equal(t, []string{
			"module", "start", "Application started in 0.000 seconds.", "Responding at http://192.0.2.1:80", "preparing", "call", "work", "stop 2", "stop 1",
		}, seen.all())
	})
}

// journalHandler keeps what is logged at info level in a journal.
type journalHandler struct {
	slog.Handler
	seen *journal
}

func (h journalHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level == slog.LevelInfo
}
func (h journalHandler) Handle(_ context.Context, record slog.Record) error {
	h.seen.add(record.Message)
	return nil
}

// TestParametersAndCookiesAreReadAsGoReadsThem: the path wins over the query,
// whose names have a case and whose pairs have no semicolons. Cookies are
// net/http's: as they were sent, the first one counts, and no $x-enc is added.
func TestParametersAndCookiesAreReadAsGoReadsThem(t *testing.T) {
	runKtor(t, map[string]ktorCase{"": {routed(func(r *routing.Route) {
		r.Get("/users/{id}", func(c *app.Call) error {
			session, _ := c.Cookie("s")
			err := c.SetCookie(&http.Cookie{Name: "s", Value: session})
			return errors.Join(err, c.RespondText(strings.Join([]string{c.Param("id"), c.QueryParam("a"), c.QueryParam("A"), c.QueryParam("flag"), session}, "|")))
		})
	}), func(t *testing.T, host *apptest.Host) {
		response := host.Get("/users/7?id=5&a=1+2&b;c=1&flag", apptest.Header("Cookie", "s=a+b%20c; s=last"))
		expect(t, response, 200, "7|1 2|||a+b%20c")
		assert.Equal(t, "s=a+b%20c", response.Header.Get("Set-Cookie"))
	}}})
}

// TestBodyPassesThePluginsAndIsReceivedOnce: plugins are asked before text and
// bytes are read; a body can be received once; what nobody reads is 415; parts
// stream, and one that is too long is 413, where it is 500 in Ktor.
func TestBodyPassesThePluginsAndIsReceivedOnce(t *testing.T) {
	runKtor(t, map[string]ktorCase{"": {func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.PartLimit = 10 })
		a.InterceptReceive(app.ReceiveTransform, func(c *app.Call, in *app.Incoming) error {
			if target, ok := in.Target.(*string); ok && c.Request.Header.Get("Convert") != "" {
				*target, in.Done = "converted", true
			}
			return nil
		})
		routing.Routes(a, func(r *routing.Route) {
			r.Post("/text", echoing[string])
			r.Post("/bytes", echoing[[]byte])
			r.Post("/value", func(c *app.Call) error { _, err := app.Receive[struct{}](c); return err })
			r.Post("/twice", func(c *app.Call) error { _, _ = c.ReceiveText(); _, err := c.ReceiveText(); return err })
			r.Post("/parts", showParts())
		})
	}, func(t *testing.T, host *apptest.Host) {
		ask := func(path, contentType, sent string, options ...apptest.RequestOption) *http.Response {
			return host.Post(path, contentType, strings.NewReader(sent), options...)
		}
		expect(t, ask("/text", "text/plain", "hello"), 200, "hello")
		expect(t, ask("/text", "text/plain", "hello", apptest.Header("Convert", "yes")), 200, "converted")
		expect(t, ask("/bytes", "", "hello", apptest.Header("Convert", "yes")), 200, "hello")
		expect(t, ask("/value", "application/json", "{}"), 415, "Unsupported Media Type")
		expect(t, ask("/twice", "text/plain", "hello"), 500, "Internal Server Error")
		expect(t, ask("/parts", formData, form(`name="a"`, "1234567890")), 200, "a,,1234567890\n")
		expect(t, ask("/parts", formData, form(`name="a"`, "12345678901")), 413, "Request Entity Too Large")
	}}})
}

// TestApplicationReadsOnlyPropertiesItWasGiven: no file and no environment.
// Nothing is a mistake until somebody needs it. What is laid over replaces
// lists and joins branches; With comes last.
func TestApplicationReadsOnlyPropertiesItWasGiven(t *testing.T) {
	t.Setenv("CHITOR_GREETING", "from the environment")
	var found app.Properties
	host := apptest.Start(t, func(a *app.Application) { found = a.Config().Properties; answering(text(""))(a) })
	host.Stop()
	_, configured := found.Lookup("ktor")
	assert.False(t, configured)
	assert.Equal(t, app.Properties{}, found)

	base := app.NewProperties(map[string]any{"greeting": map[string]any{"Greeting": "base", "Names": []any{"a", "b"}}})
	over := app.NewProperties(map[string]any{"greeting": map[string]any{"Names": []any{"c"}}})
	a := start(t, func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Properties = base.With(over) })
		a.Install(greetingPlugin.FromProperties("greeting").With(func(c *greetingConfig) { c.Greeting += "!" }))
	})
	assert.Equal(t, []string{"base! c"}, get(t, a, "/").Header["Greeting"])
}
