package app_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

func TestDrainComesOnceAndBeforeTheStop(t *testing.T) {
	t.Parallel()
	for name, drain := range map[string]func(*app.Application){
		"Drain":       func(a *app.Application) { a.Drain() },
		"Drain twice": func(a *app.Application) { a.Drain(); a.Drain() },
		"Stop alone":  func(*app.Application) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			a := app.New(quiet, func(a *app.Application) {
				app.Draining.Subscribe(a, func(a *app.Application) {
					assert.True(t, a.Draining())
					seen.add("draining")
				})
				a.OnStopPreparing(func() { seen.add("preparing") })
			})
			a.Drain()
			assert.False(t, a.Draining(), "it does not run yet")
			require.NoError(t, a.Start(t.Context()))
			assert.False(t, a.Draining())
			drain(a)
			if name != "Stop alone" {
				assert.True(t, a.Draining())
				assert.False(t, a.Stopping())
				assert.Equal(t, http.StatusNotFound, get(t, a, "/").StatusCode, "calls are served")
			}
			require.NoError(t, a.Stop(t.Context()))
			a.Drain()
			assert.True(t, a.Draining())
			assert.Equal(t, []string{"draining", "preparing"}, seen.all())
		})
	}
}

// A client of HTTP/1.1 leaves with its next answer; one of HTTP/2 is told by the
// server.
func TestAnswersOfADrainingApplicationEndTheConnection(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		option  func(*http.Server)
		handler app.Handler
		want    bool
	}{
		"text":              {func(*http.Server) {}, func(c *app.Call) error { return c.RespondText("fine") }, true},
		"an error":          {func(*http.Server) {}, func(*app.Call) error { return app.NewError(http.StatusTeapot, "tea") }, true},
		"what is written":   {func(*http.Server) {}, func(c *app.Call) error { _, err := c.Writer().Write([]byte("fine")); return err }, true},
		"text, over HTTP/2": {http2, func(c *app.Call) error { return c.RespondText("fine") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := start(t, answering(test.handler))
				client := serve(t, a, test.option)
				before := fetch(t, client, "/")
				assert.False(t, before.Close)
				_ = body(t, before)
				a.Drain()
				during := fetch(t, client, "/")
				assert.Equal(t, test.want, during.Close)
				_ = body(t, during)
			})
		})
	}
}

func TestAListenerOfDrainingThatHangsIsLeftBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		logs, release := &logbook{}, make(chan struct{})
		a := start(t, logs.module, func(a *app.Application) {
			app.Draining.Subscribe(a, func(*app.Application) { <-release })
		})
		began := time.Now()
		a.Drain()
		assert.Equal(t, 5*time.Second+100*time.Millisecond, time.Since(began))
		require.Equal(t, []string{"draining"}, logs.messages())
		close(release)
	})
}
