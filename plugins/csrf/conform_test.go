package csrf_test

import (
	"testing"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/csrf"
)

// TestConforms: for the application's own pages.
func TestConforms(t *testing.T) {
	plugintest.Conform(t, csrf.Plugin.With(func(c *csrf.Config) {
		c.RequireOrigin = true
		c.AllowOrigin("https://example.org")
		c.CheckHeader("X-Requested-With")
	}), plugintest.Scoped(), plugintest.Request(
		apptest.Header("Origin", "https://example.org"), apptest.Header("X-Requested-With", "fetch")))
}
