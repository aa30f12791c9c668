// Package sample has a module of its own.
package sample

import (
	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/routing"
)

// Module3 is the third module.
func Module3(a *app.Application) {
	routing.Routes(a, func(r *routing.Route) {
		r.Get("/module3", func(c *app.Call) error { return c.RespondText("Hello from 'module3'!") })
	})
}
