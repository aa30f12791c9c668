package apptest_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// The tests in this file are those of the package's documentation.

// Module answers every call with a greeting.
func Module(a *app.Application) {
	a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
		return func(c *app.Call) error { return c.RespondText("Hello, world!") }
	})
}

func TestGreeting(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/", apptest.Header("Accept-Language", "en"))
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "Hello, world!", apptest.Text(t, response))
}

// Clock ticks three times, once an hour.
func Clock(a *app.Application) {
	a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
		return func(c *app.Call) error {
			for range 3 {
				time.Sleep(time.Hour)
				_, err := io.WriteString(c.Writer(), "tick\n")
				if err := errors.Join(err, http.NewResponseController(c.Writer()).Flush()); err != nil {
					return err
				}
			}
			return nil
		}
	})
}

func TestThreeHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Clock)
		began := time.Now()
		require.Equal(t, "tick\ntick\ntick\n", apptest.Text(t, host.Get("/clock")))
		require.Equal(t, 3*time.Hour, time.Since(began))
	})
}
