package apptest_test

import (
	"errors"
	"io"
	"log/slog"
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

// Prices answers with prices in the currency of the configuration, and asks a
// service for the rates.
func Prices(client *http.Client) app.Module {
	return func(a *app.Application) {
		currency, _ := a.Config().Properties.Text("prices.currency")
		if currency == "" {
			a.Fail(errors.New("no currency"))
		}
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error {
				rate, err := fetch(client, "https://rates.example.com/JPY?to="+currency)
				if err != nil {
					return err
				}
				return c.RespondText("100 JPY are " + rate + " " + currency)
			}
		})
	}
}

// Rates takes the place of the service.
func Rates(a *app.Application) {
	a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
		return func(c *app.Call) error { return c.RespondText("0.61") }
	})
}

func TestNoCurrency(t *testing.T) {
	noCurrency := apptest.Properties(map[string]any{"prices.currency": ""})
	err := apptest.StartError(t, Prices(nil), noCurrency)
	require.ErrorContains(t, err, "no currency")
}

func TestPrices(t *testing.T) {
	host := apptest.New(t, apptest.ExternalService("https://rates.example.com", Rates),
		apptest.Properties(map[string]any{"prices.currency": "EUR"}))
	host.Start(Prices(host.Client()))

	user := host.NewClient(apptest.Cookies(), apptest.NoRedirects())
	require.Equal(t, "100 JPY are 0.61 EUR", apptest.Text(t, user.Get("/price")))
	require.Empty(t, host.Log().AtLeast(slog.LevelWarn))
}
