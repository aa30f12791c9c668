package app_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// TestAHandlerPassesACallOn: the next one of the route answers as if there had
// been no other, and a call that nobody wants is no mistake.
func TestAHandlerPassesACallOn(t *testing.T) {
	t.Parallel()
	pass := func(*app.Call) error { return app.ErrPass }
	wrapped := func(*app.Call) error { return fmt.Errorf("not mine: %w", app.ErrPass) }
	silent := func(*app.Call) error { return nil }
	failing := func(*app.Call) error { return app.NewError(http.StatusConflict, "no") }
	for name, test := range map[string]struct {
		handlers []app.Handler
		status   int
		body     string
		warnings int
		errors   int
	}{
		"to one that answers":   {handlers: []app.Handler{pass, text("second")}, status: 200, body: "second"},
		"over several":          {handlers: []app.Handler{pass, wrapped, text("third")}, status: 200, body: "third"},
		"to one that fails":     {handlers: []app.Handler{pass, failing}, status: 409, body: "no"},
		"to nobody":             {handlers: []app.Handler{pass}, status: 404},
		"to one that is silent": {handlers: []app.Handler{pass, silent}, status: 404, warnings: 1},
		"silent before it":      {handlers: []app.Handler{silent, pass}, status: 404},
		"with a status":         {handlers: []app.Handler{func(c *app.Call) error { c.SetStatus(410); return app.ErrPass }}, status: 410},
		"after an answer": {handlers: []app.Handler{
			func(c *app.Call) error { return errors.Join(c.RespondText("mine"), app.ErrPass) }, text("second"),
		}, status: 500, body: "Internal Server Error", errors: 1},
	} {
		for around, module := range map[string]app.Module{"": using(), ", wrapped": using(wrappingWriter), ", forked": using(opaque)} {
			t.Run(name+around, func(t *testing.T) {
				t.Parallel()
				logs := &logbook{}
				a := start(t, logs.module, module, func(a *app.Application) {
					routing.Routes(a, func(r *routing.Route) {
						for _, handler := range test.handlers {
							r.Get("/", handler).MayPass()
						}
					})
				})
				response := get(t, a, "/")
				assert.Equal(t, test.status, response.StatusCode)
				assert.Equal(t, test.body, body(t, response))
				assert.Len(t, logs.at(slog.LevelWarn), test.warnings)
				assert.Len(t, logs.at(slog.LevelError), test.errors)
			})
		}
	}
}
