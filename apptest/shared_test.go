package apptest_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/routing"
)

// answer returns a module whose handler serves every call.
func answer(handler app.Handler) app.Module {
	return func(a *app.Application) {
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler { return handler })
	}
}

// get returns a module with a route that responds with text.
func get(path, text string) app.Module {
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get(path, func(c *app.Call) error { return c.RespondText(text) })
		})
	}
}

// relay returns a module that responds with what client gets from an address.
func relay(client *http.Client, address string) app.Module {
	return answer(func(c *app.Call) error {
		text, err := fetch(client, address)
		if err != nil {
			return err
		}
		return c.RespondText(text)
	})
}

// inBubble runs test for each protocol, in fake time.
func inBubble(t *testing.T, test func(t *testing.T, mode apptest.Option)) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) { test(t, mode) })
	})
}

// everywhere runs test for each protocol, in fake time and in real time.
func everywhere(t *testing.T, test func(t *testing.T, mode apptest.Option)) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		t.Run("bubble", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, mode) })
		})
		t.Run("real", func(t *testing.T) { test(t, mode) })
	})
}

// flushed writes text and flushes it.
func flushed(c *app.Call, text string) error {
	_, err := io.WriteString(c.Writer(), text)
	return errors.Join(err, http.NewResponseController(c.Writer()).Flush())
}

// fetch returns the text at an address.
func fetch(client *http.Client, address string) (string, error) {
	response, err := client.Get(address)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	return string(text), err
}
