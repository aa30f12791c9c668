package methodoverride

import (
	"net/http"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Plugin serves a request as one of the method that its header names. It is
// installed on the application.
//
// Ktor: XHttpMethodOverride.
var Plugin = app.NewPlugin("XHttpMethodOverride", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	if err := b.Config().check(); err != nil {
		return err
	}
	name := http.CanonicalHeaderKey(b.Config().HeaderName)
	methods := slices.Clone(b.Config().Methods)
	b.OnPhase(app.PhaseSetup, func(c *app.Call) error {
		values := c.Request.Header[name]
		if len(values) == 0 || !slices.Contains(methods, c.Request.Method) {
			return nil
		}
		method := strings.Trim(values[0], " \t")
		if method == "" && len(values) == 1 { // as in Ktor
			return nil
		}
		if len(values) > 1 || !canBeMeant(method) {
			return app.NewError(http.StatusBadRequest, "bad header "+name)
		}
		c.Request = c.Request.WithContext(c.Request.Context()) // a copy: others may hold it
		c.Request.Method = method
		return nil
	})
	return nil
}
