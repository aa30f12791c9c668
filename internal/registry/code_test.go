package registry_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/registry"
	"github.com/chitor-go/chitor/routing"
)

// logged runs code for a session that has ended with errClosed, and returns what
// was logged with a message.
func logged(t *testing.T, message string, run func(s *session)) (lines apptest.Log) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, func(a *app.Application) {
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error {
					s := newSession()
					s.call = c
					s.cancel(errClosed)
					run(s)
					return c.RespondStatus(http.StatusNoContent)
				})
			})
		})
		require.Equal(t, http.StatusNoContent, host.Get("/").StatusCode)
		lines = host.Log().Find(message)
	})
	return lines
}

func TestLogNil(t *testing.T) {
	mistake := errors.New("go: the work is nil")
	lines := logged(t, "a nil function was left out", func(s *session) { registry.LogNil(s, app.Caller(0), mistake) })
	require.Len(t, lines, 1)
	assert.Equal(t, slog.LevelError, lines[0].Level)
	assert.Contains(t, lines[0].String(), mistake.Error())
	assert.Contains(t, lines[0].String(), "code_test.go:")
}

// TestCallEnd gives a function the cause, and logs what it panics with.
func TestCallEnd(t *testing.T) {
	for name, test := range map[string]struct {
		does  func()
		lines int
	}{
		"returns": {func() {}, 0},
		"panics":  {func() { panic("at the end") }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var cause error
			lines := logged(t, "a function of OnEnd failed", func(s *session) {
				registry.CallEnd(s, func(given error) {
					cause = given
					test.does()
				})
			})
			assert.Equal(t, errClosed, cause)
			require.Len(t, lines, test.lines)
			for _, line := range lines {
				assert.Equal(t, slog.LevelError, line.Level)
				assert.Contains(t, line.String(), "at the end")
				assert.Contains(t, line.String(), "code_test.go:")
			}
		})
	}
}

func TestStackOf(t *testing.T) {
	t.Parallel()
	assert.Empty(t, registry.StackOf(nil))
	assert.Empty(t, registry.StackOf(errClosed))
	bug := &app.PanicError{Value: "oops", Stack: []byte("main.go:7")}
	assert.Equal(t, []any{"stack", "main.go:7"}, registry.StackOf(fmt.Errorf("served: %w", bug)))
}
