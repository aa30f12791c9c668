package shutdownurl_test

import (
	"testing"

	"github.com/chitor-go/chitor/internal/plugintest"
	"github.com/chitor-go/chitor/plugins/shutdownurl"
)

func TestConforms(t *testing.T) {
	t.Run("Plugin", func(t *testing.T) { plugintest.Conform(t, shutdownurl.Plugin) })
	t.Run("EnginePlugin", func(t *testing.T) { plugintest.Conform(t, shutdownurl.EnginePlugin) })
}
