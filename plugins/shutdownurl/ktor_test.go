package shutdownurl_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/internal/memnet"
	"github.com/chitor-go/chitor/plugins/shutdownurl"
	"github.com/chitor-go/chitor/routing"
)

// running is a server whose Run is waited for.
type running struct {
	client *http.Client
	ended  chan error
}

func run(t *testing.T, module app.Module) running {
	t.Helper()
	listener := memnet.Listen()
	client := &http.Client{Transport: &http.Transport{DialContext: listener.DialContext}}
	t.Cleanup(client.CloseIdleConnections)
	server := engine.EmbeddedServer(module, engine.Listener(listener))
	r := running{client, make(chan error, 1)}
	go func() { r.ended <- server.RunContext(t.Context()) }()
	synctest.Wait()
	return r
}

func (r running) get(t *testing.T, path string) (int, string) {
	t.Helper()
	response, err := r.client.Get("http://test" + path)
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode, string(body)
}

// TestShutDownUrl is Ktor's ShutDownUrlTest. What is given to exit there is in
// the error that Run returns.
func TestShutDownUrl(t *testing.T) {
	at := func(a *app.Application, code func(*app.Call) int) {
		a.Install(shutdownurl.Plugin.With(func(c *shutdownurl.Config) { c.URL, c.ExitCode = "/shutdown", code }))
	}
	cases := map[string]func(t *testing.T){
		"testShutdownUrlRespondsWithGone": func(t *testing.T) {
			server := run(t, func(a *app.Application) {
				at(a, func(*app.Call) int { return 42 })
				routing.Routes(a, func(r *routing.Route) {
					r.Get("/normal", func(c *app.Call) error { return c.RespondText("Normal response") })
				})
			})
			status, text := server.get(t, "/normal")
			assert.Equal(t, http.StatusOK, status)
			assert.Equal(t, "Normal response", text)
			status, text = server.get(t, "/shutdown")
			assert.Equal(t, http.StatusGone, status)
			assert.Empty(t, text)
			assert.Equal(t, 42, exitCode(t, <-server.ended))
		},
		"testShutdownUnderLoad": func(t *testing.T) {
			server := run(t, func(a *app.Application) {
				at(a, func(*app.Call) int { return 42 })
				routing.Routes(a, func(r *routing.Route) {
					r.Get("/slow", func(c *app.Call) error {
						select {
						case <-time.After(10 * time.Second):
						case <-c.Context().Done():
						}
						return c.RespondText("Slow response")
					})
				})
			})
			var slow sync.WaitGroup
			for range 5 {
				slow.Go(func() {
					response, err := server.client.Get("http://test/slow")
					if assert.NoError(t, err) {
						assert.NoError(t, response.Body.Close())
					}
				})
			}
			synctest.Wait()
			began := time.Now()
			status, _ := server.get(t, "/shutdown")
			assert.Equal(t, http.StatusGone, status)
			assert.Equal(t, 42, exitCode(t, <-server.ended))
			assert.Equal(t, time.Second, time.Since(began), "the grace period")
			slow.Wait()
		},
		"testExceptionHandlingDuringShutdown": func(t *testing.T) {
			wrong := errors.New("something went wrong")
			server := run(t, func(a *app.Application) { at(a, func(*app.Call) int { panic(wrong) }) })
			status, _ := server.get(t, "/shutdown")
			assert.Equal(t, http.StatusGone, status)
			err := <-server.ended
			assert.Equal(t, 1, exitCode(t, err))
			assert.ErrorIs(t, err, wrong)
		},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) { synctest.Test(t, test) })
	}
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	exit, ok := errors.AsType[*app.ExitError](err)
	require.True(t, ok, "%v", err)
	return exit.Code
}

// What is compared is the URI as it was sent, and the method does not matter.
func TestWhichCallsEndTheServer(t *testing.T) {
	for name, test := range map[string]struct {
		method, target string
		ends           bool
	}{
		"GET":             {http.MethodGet, "/ktor/application/shutdown?now", true},
		"POST":            {http.MethodPost, "/ktor/application/shutdown?now", true},
		"without query":   {http.MethodGet, "/ktor/application/shutdown", false},
		"another query":   {http.MethodGet, "/ktor/application/shutdown?later", false},
		"written in code": {http.MethodGet, "/ktor/application/%73hutdown?now", false},
		"below it":        {http.MethodGet, "/ktor/application/shutdown/?now", false},
	} {
		t.Run(name, func(t *testing.T) {
			a := app.New(func(a *app.Application) {
				a.Install(shutdownurl.Plugin.With(func(c *shutdownurl.Config) { c.URL += "?now" }))
			})
			causes := make(chan error, 1)
			a.HandleStopRequests(func(cause error) { causes <- cause })
			require.NoError(t, a.Start(t.Context()))
			t.Cleanup(func() { assert.NoError(t, a.Stop(context.Background())) })
			answer := httptest.NewRecorder()
			a.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), test.method, test.target, http.NoBody))
			if !test.ends {
				assert.Equal(t, http.StatusNotFound, answer.Code)
				assert.Empty(t, causes)
				return
			}
			assert.Equal(t, http.StatusGone, answer.Code)
			assert.NoError(t, <-causes)
		})
	}
}

// Somebody else's http.Server has no handler for stops: the application ends.
func TestInAForeignServerTheApplicationStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := app.New(func(a *app.Application) { a.Install(shutdownurl.Plugin) })
		require.NoError(t, a.Start(t.Context()))
		for _, want := range []int{http.StatusGone, http.StatusServiceUnavailable} {
			answer := httptest.NewRecorder()
			a.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/ktor/application/shutdown", http.NoBody))
			assert.Equal(t, want, answer.Code)
			synctest.Wait()
		}
	})
}

// What turns calls away before the one protects it, and not the other.
func TestPlacesOfThePlugins(t *testing.T) {
	for name, test := range map[string]struct {
		install func(a *app.Application)
		status  int
	}{
		"Plugin":       {func(a *app.Application) { a.Install(shutdownurl.Plugin) }, http.StatusForbidden},
		"EnginePlugin": {func(a *app.Application) { a.Install(shutdownurl.EnginePlugin) }, http.StatusGone},
		"both":         {func(a *app.Application) { a.Install(shutdownurl.Plugin); a.Install(shutdownurl.EnginePlugin) }, http.StatusGone},
	} {
		t.Run(name, func(t *testing.T) {
			var stops atomic.Int32
			a := app.New(func(a *app.Application) {
				a.Use(func(http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
				})
				test.install(a)
			})
			a.HandleStopRequests(func(error) { stops.Add(1) })
			require.NoError(t, a.Start(t.Context()))
			t.Cleanup(func() { assert.NoError(t, a.Stop(context.Background())) })
			answer := httptest.NewRecorder()
			a.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/ktor/application/shutdown", http.NoBody))
			assert.Equal(t, test.status, answer.Code)
			assert.Equal(t, test.status == http.StatusGone, stops.Load() == 1)
		})
	}
}

func TestAURLHasASlash(t *testing.T) {
	site := app.Caller(0)
	a := app.New(func(a *app.Application) {
		a.Install(shutdownurl.Plugin.With(func(c *shutdownurl.Config) { c.URL = "shutdown" }))
	})
	site.Line += 2
	require.EqualError(t, a.Start(t.Context()), site.String()+`: install ShutDownUrl: the URL "shutdown" does not begin with a slash`)
}
