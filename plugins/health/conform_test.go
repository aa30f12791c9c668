package health_test

import (
	"context"
	"testing"

	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/health"
)

func TestConforms(t *testing.T) {
	plugintest.Conform(t, health.Plugin.With(func(c *health.Config) {
		c.Check("database", func(context.Context) error { return nil })
	}))
}
