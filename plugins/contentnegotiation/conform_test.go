package contentnegotiation_test

import (
	"testing"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
)

// TestConforms: what is no value for a converter is none of its business.
func TestConforms(t *testing.T) {
	plugintest.Conform(t, contentnegotiation.Plugin.With(func(c *contentnegotiation.Config) { c.JSON() }),
		plugintest.Scoped(), plugintest.Request(apptest.Header("Accept", "application/json")))
}
