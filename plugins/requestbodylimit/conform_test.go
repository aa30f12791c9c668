package requestbodylimit_test

import (
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/requestbodylimit"
)

// Nothing reaches the limit.
func TestConforms(t *testing.T) {
	plugintest.Conform(t, requestbodylimit.Plugin.With(func(c *requestbodylimit.Config) {
		c.BodyLimit(func(*app.Call) int64 { return 1 << 20 })
	}), plugintest.Scoped())
}
