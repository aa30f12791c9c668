package doublereceive_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// onCall posts a body to an application with the plugins, runs handle in
// PhaseCall, and returns the response.
func onCall(t *testing.T, body io.Reader, handle app.Handler, plugins ...app.Installable) *http.Response {
	t.Helper()
	host := apptest.Start(t, func(a *app.Application) {
		for _, plugin := range plugins {
			a.Install(plugin)
		}
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error {
				if err := handle(c); err != nil || c.Answered() {
					return err
				}
				return c.RespondText("OK")
			}
		})
	})
	return host.Post("/", "text/plain", body)
}

// readAll receives the body as a reader.
func readAll(c *app.Call) (string, error) {
	reader, err := app.Receive[io.Reader](c)
	if err != nil {
		return "", err
	}
	data, err := io.ReadAll(reader)
	return string(data), err
}
