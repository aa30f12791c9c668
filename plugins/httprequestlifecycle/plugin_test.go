package httprequestlifecycle_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/httprequestlifecycle"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/timeouts"
	"github.com/chitor-go/chitor/routing"
)

func TestConforms(t *testing.T) {
	plugintest.Conform(t, httprequestlifecycle.Plugin, plugintest.Scoped())
}

// going lets calls go on without their clients.
func going() app.Installable {
	return httprequestlifecycle.Plugin.With(func(c *httprequestlifecycle.Config) { c.CancelCallOnClose = false })
}

// A booking is a handler that takes a minute, and what became of it.
type booking struct {
	ctx   context.Context //nolint:containedctx // it is looked at when the call has ended
	cause error           // of the end of its context, nil if it was completed
	took  time.Duration
}

func (b *booking) handle(c *app.Call) error {
	b.ctx = c.Context()
	began := time.Now()
	select {
	case <-time.After(time.Minute):
	case <-b.ctx.Done():
		b.cause = context.Cause(b.ctx)
	}
	b.took = time.Since(began)
	if b.cause != nil {
		return b.cause
	}
	return c.RespondText("booked")
}

// leave asks for path, and leaves after a second.
func leave(t *testing.T, host *apptest.Host, path string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, host.URL+path, nil)
	require.NoError(t, err)
	response, err := host.Client().Do(request)
	if err == nil {
		_ = response.Body.Close()
	}
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// TestACallGoesOnWithoutItsClient where the plugin says so, and nowhere else.
func TestACallGoesOnWithoutItsClient(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			var plain, on, off booking
			host := apptest.Start(t, func(a *app.Application) {
				routing.Routes(a, func(r *routing.Route) {
					r.Post("/plain", plain.handle)
					r.Route("/on", func(r *routing.Route) { r.Install(going()); r.Post("", on.handle) })
					r.Route("/off", func(r *routing.Route) { r.Install(httprequestlifecycle.Plugin); r.Post("", off.handle) })
				})
			}, mode)
			for _, path := range []string{"/plain", "/on", "/off"} {
				leave(t, host, path)
			}
			time.Sleep(2 * time.Minute)
			synctest.Wait()
			for name, ended := range map[string]*booking{"plain": &plain, "off": &off} {
				assert.ErrorIs(t, ended.cause, context.Canceled, name)
				assert.Equal(t, time.Second, ended.took, name)
			}
			require.NoError(t, on.cause)
			assert.Equal(t, time.Minute, on.took)
			assert.ErrorIs(t, on.ctx.Err(), context.Canceled, "the context ends with the call")
		})
	})
}

// TestAnEventStreamEndsWithItsClient also where calls go on.
func TestAnEventStreamEndsWithItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cause error
		var took time.Duration
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(going())
			a.Install(sse.Plugin)
			routing.Routes(a, func(r *routing.Route) {
				r.SSE("/events", func(s *sse.Session) error {
					began := time.Now()
					cause = s.Delay(time.Hour)
					took = time.Since(began)
					return cause
				})
			})
		})
		ctx, leave := context.WithTimeout(t.Context(), time.Minute)
		defer leave()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, host.URL+"/events", nil)
		require.NoError(t, err)
		request.Header.Set("Accept", "application/json, Text/Event-Stream;q=0.9")
		response, err := host.Client().Do(request)
		require.NoError(t, err)
		<-ctx.Done()
		require.NoError(t, response.Body.Close())
		synctest.Wait()
		assert.ErrorIs(t, cause, sse.ErrClientGone)
		assert.Equal(t, time.Minute, took)
	})
}

// TestTheStopEndsItAllTheSame when the grace period is over.
func TestTheStopEndsItAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b booking
		host := apptest.Start(t, func(a *app.Application) {
			a.Configure(func(c *app.Config) { c.ShutdownGrace, c.ShutdownTimeout = 5*time.Second, 10*time.Second })
			a.Install(going())
			routing.Routes(a, func(r *routing.Route) { r.Post("/", b.handle) })
		})
		leave(t, host, "/")
		host.Stop()
		assert.ErrorIs(t, b.cause, app.ErrStopping)
		assert.Equal(t, 6*time.Second, b.took)
	})
}

// TestADeadlineHolds if it was set outside.
func TestADeadlineHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b booking
		host := apptest.Start(t, func(a *app.Application) {
			a.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
					defer cancel()
					next.ServeHTTP(w, r.WithContext(ctx))
				})
			})
			routing.Routes(a, func(r *routing.Route) {
				r.Route("/", func(r *routing.Route) { r.Install(going()); r.Post("", b.handle) })
			})
		})
		response := host.Post("/", "", nil)
		assert.Equal(t, http.StatusGatewayTimeout, response.StatusCode)
		assert.ErrorIs(t, b.cause, context.DeadlineExceeded)
		assert.Equal(t, 10*time.Second, b.took)
	})
}

// TestATimeoutHolds that is no deadline of the context.
func TestATimeoutHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b booking
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(timeouts.Plugin.With(func(c *timeouts.Config) { c.ResponseTimeout = 10 * time.Second }))
			a.Install(going())
			routing.Routes(a, func(r *routing.Route) { r.Post("/", b.handle) })
		})
		response := host.Post("/", "", nil)
		assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		assert.Equal(t, 10*time.Second, b.took)
	})
}

// TestAnAnswerIsWhatItWas: to a client that stays the call is as any other, and
// what is streamed after the handler has the context too.
func TestAnAnswerIsWhatItWas(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(going())
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/text", func(c *app.Call) error { return c.RespondText("text") })
			r.Get("/fail", func(*app.Call) error { return errors.New("broken") })
			r.Get("/stream", func(c *app.Call) error {
				return c.Respond(app.Stream(func(w http.ResponseWriter) error {
					_, err := w.Write([]byte("stream"))
					return errors.Join(err, c.Context().Err())
				}))
			})
		})
	})
	assert.Equal(t, "text", apptest.Text(t, host.Get("/text")))
	assert.Equal(t, "stream", apptest.Text(t, host.Get("/stream")))
	assert.Equal(t, http.StatusInternalServerError, host.Get("/fail").StatusCode)
}
