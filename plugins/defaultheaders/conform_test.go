package defaultheaders_test

import (
	"testing"

	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/defaultheaders"
)

func TestConforms(t *testing.T) {
	plugintest.Conform(t, defaultheaders.Plugin.With(func(c *defaultheaders.Config) { c.Header("X-Default", "here") }),
		plugintest.Scoped(), plugintest.Adds("Server", "X-Default"))
}
