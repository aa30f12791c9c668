package form_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/authentication"
	"github.com/chitor-go/chitor/plugins/authentication/form"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/routing"
)

// A body of JSON is no form, and nobody reads it.
func TestKtorAuthWithPlugins_testFormAuthWithJackson(t *testing.T) {
	t.Parallel()
	users := form.New("users", func(c *form.Config[User]) { c.LoginPath, c.Validate = "/unauthorized", byName })
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() }))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/unauthorized", func(*app.Call) error { return app.NewError(http.StatusUnauthorized, "Unauthorized") })
			r.Post("/test", func(c *app.Call) error { return c.RespondText("OK") }).Install(authentication.Require(users))
		})
	})
	response := host.NewClient(apptest.NoRedirects()).Post("/test", "application/json", strings.NewReader("{}"))
	assert.Equal(t, http.StatusFound, response.StatusCode)
	assert.Equal(t, "/unauthorized", response.Header.Get("Location"))
}
