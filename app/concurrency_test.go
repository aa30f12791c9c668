package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
)

// TestCallsDoNotMix: many calls at once, in every way to answer, each get what
// is theirs.
func TestCallsDoNotMix(t *testing.T) {
	t.Parallel()
	handlers := map[string]app.Handler{
		"text":   func(c *app.Call) error { return c.RespondText(c.QueryParam("id")) },
		"writer": func(c *app.Call) error { _, err := io.WriteString(c.Writer(), c.QueryParam("id")); return err },
		"pieces": func(c *app.Call) error {
			for _, letter := range c.QueryParam("id") {
				_, _ = io.WriteString(c.Writer(), string(letter))
			}
			return nil
		},
		"long": func(c *app.Call) error {
			_, err := io.WriteString(c.Writer(), strings.Repeat(c.QueryParam("id"), 200))
			return err
		},
		"error":  func(c *app.Call) error { return app.NewError(http.StatusConflict, c.QueryParam("id")) },
		"reader": func(c *app.Call) error { return c.Respond(strings.NewReader(c.QueryParam("id"))) },
		"taken back": func(c *app.Call) error {
			_, _ = io.WriteString(c.Writer(), "never sent")
			return app.NewError(http.StatusConflict, c.QueryParam("id"))
		},
		"attribute": func(c *app.Call) error { held, _ := nameKey.Get(c); return c.RespondText(held) },
	}
	a := start(t, func(a *app.Application) {
		a.Use(wrappingWriter)
		a.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				nameKey.Set(c, c.QueryParam("id"))
				return next(c)
			}
		})
		routes(a, func(root *branch) {
			for name, handler := range handlers {
				root.handle(strings.ReplaceAll(name, " ", "-"), handler)
			}
			root.at("fork", func(fork *branch) {
				fork.Use(timeout(time.Hour))
				for name, handler := range handlers {
					fork.handle(strings.ReplaceAll(name, " ", "-"), handler)
				}
			})
		})
	})
	var clients sync.WaitGroup
	for client := range 4 {
		clients.Go(func() {
			for n := range 20 {
				for name := range handlers {
					for _, branch := range []string{"/", "/fork/"} {
						id := fmt.Sprint("client-", client, "-", n)
						recorder := httptest.NewRecorder()
						a.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, branch+strings.ReplaceAll(name, " ", "-")+"?id="+id, nil))
						if name == "long" {
							assert.Equal(t, strings.Repeat(id, 200), recorder.Body.String())
						} else {
							assert.Equal(t, id, recorder.Body.String(), name)
						}
					}
				}
			}
		})
	}
	clients.Wait()
}
