package app_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestAMistakeIsOneWhoeverWaits: what goes wrong when the client has gone, or a
// middleware has answered in the handler's place, is logged as an error, with
// the stack of a panic. Only what says that nobody waits any more is not.
func TestAMistakeIsOneWhoeverWaits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  func(c *app.Call) error
		want slog.Level
	}{
		"panic":                          {func(*app.Call) error { panic("index out of range") }, slog.LevelError},
		"panic with the context's error": {func(c *app.Call) error { panic(c.Context().Err()) }, slog.LevelError},
		"nil error":                      {func(*app.Call) error { return (*coded)(nil) }, slog.LevelError},
		"error":                          {func(*app.Call) error { return errBroken }, slog.LevelError},
		"context's error":                {func(c *app.Call) error { return fmt.Errorf("query: %w", c.Context().Err()) }, slog.LevelDebug},
		"context's cause":                {func(c *app.Call) error { return context.Cause(c.Context()) }, slog.LevelDebug},
		"error to be shown":              {func(*app.Call) error { return app.NewError(http.StatusConflict, "no") }, slog.LevelDebug},
		"error of a write": {func(c *app.Call) error {
			for {
				if _, err := c.Writer().Write(make([]byte, 1<<20)); err != nil {
					return fmt.Errorf("export: %w", err)
				}
			}
		}, slog.LevelDebug},
		"panic after a write has failed": {func(c *app.Call) error {
			for {
				if _, err := c.Writer().Write(make([]byte, 1<<20)); err != nil {
					panic("no")
				}
			}
		}, slog.LevelError},
		"another error after a write has failed": {func(c *app.Call) error {
			for {
				if _, err := c.Writer().Write(make([]byte, 1<<20)); err != nil {
					return errBroken
				}
			}
		}, slog.LevelError},
	} {
		for how, module := range map[string]app.Module{
			"the client has gone": using(), "the client has gone, wrapped": using(wrappingWriter),
			"a time-out has answered": using(timeout(time.Second)),
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					logs := &logbook{}
					client := serve(t, start(t, logs.module, module, answering(func(c *app.Call) error {
						<-c.Context().Done()
						time.Sleep(time.Second)
						return test.end(c)
					})))
					ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
					defer cancel()
					r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://test/", nil)
					require.NoError(t, err)
					response, err := client.Do(r)
					if err == nil {
						assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
						require.NoError(t, response.Body.Close())
					}
					time.Sleep(time.Minute)
					synctest.Wait()
					require.Len(t, logs.all(), 1)
					logged := logs.all()[0]
					assert.Equal(t, test.want, logged.level, "%v", logged)
					assert.NotEmpty(t, logged.attributes["error"])
					if test.want == slog.LevelError && logged.attributes["error"] != errBroken.Error() {
						assert.NotEmpty(t, logged.attributes["stack"])
					}
				})
			})
		}
	}
}
