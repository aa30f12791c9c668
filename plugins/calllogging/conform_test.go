package calllogging_test

import (
	"testing"

	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/calllogging"
)

func TestConforms(t *testing.T) {
	plugintest.Conform(t, calllogging.Plugin.With(func(c *calllogging.Config) { c.MDC("uri", path) }))
}
