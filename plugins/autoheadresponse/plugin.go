package autoheadresponse

import (
	"net/http"

	"github.com/chitor-go/chitor/app"
)

// Config has no options.
type Config struct{}

// Plugin answers HEAD requests with the routes for GET. It is installed on the
// application. Its place among the plugins does not matter.
//
// Ktor: AutoHeadResponse.
var Plugin = app.NewPlugin("AutoHeadResponse", func() Config { return Config{} }, setup)

func setup(b *app.PluginBuilder[Config]) error {
	b.DefaultRoutes(http.MethodHead, http.MethodGet)
	return nil
}
