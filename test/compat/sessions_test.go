package compat_test

import (
	"net/http"
	"testing"

	"github.com/alexedwards/scs/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

// TestSessionsBesideSCS: who comes with scs keeps it, and may have the plugin as
// well, around it or within, while one takes the place of the other.
func TestSessionsBesideSCS(t *testing.T) {
	for name, within := range map[string]bool{"plugin around scs": false, "plugin within scs": true} {
		t.Run(name, func(t *testing.T) {
			manager := scs.New()
			carts := sessions.New[[]string]("cart")
			use := func(a *app.Application) { a.Use(manager.LoadAndSave) }
			install := func(a *app.Application) {
				a.Install(sessions.Plugin.With(func(c *sessions.Config) {
					c.Cookie(carts, func(c *sessions.CookieConfig) { c.Storage = sessions.NewMemory() })
				}))
			}
			if within {
				use, install = install, use
			}
			host := apptest.Start(t, func(a *app.Application) {
				install(a)
				use(a)
				routing.Routes(a, func(r *routing.Route) {
					r.Get("/login/{name}", func(c *app.Call) error {
						if err := manager.RenewToken(c.Context()); err != nil {
							return err
						}
						manager.Put(c.Context(), "user", c.PathParam("name"))
						if err := carts.Set(c, []string{"x"}); err != nil {
							return err
						}
						return c.RespondText("welcome")
					})
					r.Mount("/legacy", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						c, _ := app.CallFrom(r.Context())
						cart, _, err := carts.Get(c)
						assert.NoError(t, err)
						assert.NoError(t, carts.Set(c, append(cart, "y")))
						manager.Put(r.Context(), "seen", true)
						_, _ = w.Write([]byte(manager.GetString(r.Context(), "user")))
					}))
					r.Get("/logout", func(c *app.Call) error {
						if err := carts.Clear(c); err != nil {
							return err
						}
						if err := manager.Destroy(c.Context()); err != nil {
							return err
						}
						return c.RespondText("bye")
					})
					r.Get("/cart", func(c *app.Call) error {
						cart, _, err := carts.Get(c)
						if err != nil {
							return err
						}
						return c.Respond(manager.GetString(c.Context(), "user") + string(rune('0'+len(cart))))
					})
				})
			})
			client := host.NewClient(apptest.Cookies())
			response := client.Get("/login/ann")
			assert.Len(t, response.Header["Set-Cookie"], 2)
			assert.Contains(t, response.Header["Cache-Control"][0], "no-cache", "which scs says")
			require.Equal(t, "ann", apptest.Text(t, client.Get("/legacy")))
			require.Equal(t, "ann2", apptest.Text(t, client.Get("/cart")))
			assert.Len(t, client.Get("/logout").Header["Set-Cookie"], 2)
			require.Equal(t, "0", apptest.Text(t, client.Get("/cart")))
		})
	}
}
