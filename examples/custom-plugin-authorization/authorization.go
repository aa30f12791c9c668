package main

import (
	"errors"
	"net/http"
	"slices"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/authentication"
)

// Authorization lets in users of some roles, behind all that says who is calling.
// It is a layer: one that lies around another one counts as well.
var Authorization = app.NewLayer("Authorization", func() AuthorizationConfig { return AuthorizationConfig{} },
	func(b *app.PluginBuilder[AuthorizationConfig]) error {
		config := *b.Config()
		if config.Role == nil {
			return errors.New("the function Role is nil: set the function that returns the role of who is calling")
		}
		authentication.OnChecked(b, func(c *app.Call) error {
			if slices.Contains(config.Roles, config.Role(c)) {
				return nil
			}
			c.SetStatus(http.StatusForbidden)
			return c.RespondText("You are not allowed to visit this page")
		})
		return nil
	})

// AuthorizationConfig configures [Authorization].
type AuthorizationConfig struct {
	Roles []string                 // that are let in
	Role  func(c *app.Call) string // of who is calling
}
