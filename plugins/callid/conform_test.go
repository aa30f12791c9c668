package callid_test

import (
	"testing"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/callid"
)

func TestConforms(t *testing.T) {
	plugintest.Conform(t, callid.Plugin.With(func(c *callid.Config) {
		c.Header(header)
		c.Generate(func(*app.Call) string { return "generated-id" })
	}), plugintest.Scoped(), plugintest.Adds(header))
}
