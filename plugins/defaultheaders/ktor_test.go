package defaultheaders_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
	"github.com/chitor-go/chitor/routing"
)

// The tests of this file are those of Ktor's DefaultHeadersTest, under their
// names.

// In Ktor the value has the version behind a slash.
func TestAddsServerHeaderWithFallbackPackageNameAndVersion(t *testing.T) {
	assert.Equal(t, []string{"Chitor"}, serve(t, unchanged).Get("/").Header["Server"])
}

func TestServerHeaderIsNotModifiedIfPresent(t *testing.T) {
	host := serve(t, func(c *defaultheaders.Config) { c.Header("server", "xserver/1.0") })
	assert.Equal(t, []string{"xserver/1.0"}, host.Get("/").Header["Server"])
}

func TestSubrouteInstall(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/1", func(r *routing.Route) {
				r.Install(defaultheaders.Plugin)
				r.Get("", ok)
			})
			r.Get("/2", ok)
		})
	})
	assert.Equal(t, []string{"Chitor"}, host.Get("/1").Header["Server"])
	assert.Empty(t, host.Get("/2").Header["Server"])
	assert.Empty(t, host.Get("/1/missing").Header["Server"], "no route matched")
}

// Ktor's plugin has a clock; here Date is net/http's, whose clock
// testing/synctest sets.
func TestDate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := serve(t, unchanged)
		began := time.Now() // a bubble begins on a full second
		assert.Equal(t, []string{began.UTC().Format(http.TimeFormat)}, host.Get("/").Header["Date"])
		time.Sleep(999 * time.Millisecond)
		assert.Equal(t, []string{began.UTC().Format(http.TimeFormat)}, host.Get("/").Header["Date"])
		time.Sleep(time.Millisecond)
		assert.Equal(t, []string{began.Add(time.Second).UTC().Format(http.TimeFormat)}, host.Get("/").Header["Date"])
	})
}

func TestCustomHeader(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) { c.Header("X-Test", "123") }))
	})
	assert.Equal(t, []string{"123"}, host.Get("/").Header["X-Test"])
}

func TestDefaultServerHeader(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) { a.Install(defaultheaders.Plugin) })
	assert.Equal(t, []string{"Chitor"}, host.Get("/").Header["Server"])
}

func TestCustomServerHeader(t *testing.T) {
	host := serve(t, func(c *defaultheaders.Config) { c.Header("Server", "MyServer") })
	assert.Equal(t, []string{"MyServer"}, host.Get("/").Header["Server"])
}

func TestCustomServerHeaderDoesntDuplicate(t *testing.T) {
	host := apptest.Start(t, func(a *app.Application) {
		a.Intercept(app.PhaseSetup, func(next app.Handler) app.Handler {
			return func(c *app.Call) error {
				c.Header().Set("Server", "MyServer")
				return next(c)
			}
		})
		a.Install(defaultheaders.Plugin.With(func(c *defaultheaders.Config) { c.Header("Server", "MyServer1") }))
	})
	assert.Equal(t, []string{"MyServer"}, host.Get("/").Header["Server"])
}
