package cors_test

import (
	"testing"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/cors"
)

// TestConforms: for a page of another origin that is allowed.
func TestConforms(t *testing.T) {
	plugintest.Conform(t, cors.Plugin.With(func(c *cors.Config) {
		c.AllowHost("example.org")
		c.AllowCredentials = true
		c.ExposeHeader("X-Exposed")
	}), plugintest.Scoped(), plugintest.Request(apptest.Header("Origin", "https://example.org")), plugintest.Adds(
		"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers", "Vary"))
}
