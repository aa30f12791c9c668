// Session-cookie-server is Ktor's sample of that name: a cart in the memory of the
// server, and its signed ID in a cookie.
package main

import (
	"embed"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

//go:embed application.conf
var resources embed.FS

// CartSession is what a client has in its cart.
type CartSession struct {
	UserID     string
	ProductIDs []int
}

var carts = sessions.New[CartSession]("cart_session")

// signKey is for the sample: yours comes from openssl rand -hex 32, and
// stands in no repository.
const signKey = "6819b57a326945c1968f452365896819b57a326945c1968f452365896819b57a"

// Module is the application.
func Module(a *app.Application) {
	key, err := hex.DecodeString(signKey)
	if err != nil {
		a.Fail(err)
		return
	}
	a.Install(sessions.Plugin.With(func(c *sessions.Config) {
		c.Cookie(carts, func(c *sessions.CookieConfig) {
			c.Storage = sessions.NewMemory()
			c.Path = "/"
			c.Sign(key)
		})
	}))
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/login", func(c *app.Call) error {
			if err := carts.Set(c, CartSession{UserID: "123", ProductIDs: []int{1, 3, 7}}); err != nil {
				return err
			}
			return c.RespondRedirect("/cart")
		})

		r.Get("/cart", func(c *app.Call) error {
			cart, ok, err := carts.Get(c)
			switch {
			case err != nil:
				return err
			case !ok:
				return c.RespondText("Your basket is empty.")
			default:
				return c.RespondText("Product IDs: " + list(cart.ProductIDs))
			}
		})

		r.Get("/logout", func(c *app.Call) error {
			if err := carts.Clear(c); err != nil {
				return err
			}
			return c.RespondRedirect("/cart")
		})
	})
}

// list writes numbers as Kotlin does.
func list(ids []int) string { return strings.ReplaceAll(fmt.Sprint(ids), " ", ", ") }

func main() {
	engine.Main(engine.Modules{"com.example.ApplicationKt.main": Module}, engine.Resources(resources))
}
